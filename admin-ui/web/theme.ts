// Light, dark, or as the system has it: the choice is kept in this browser and put on the root element, where tokens.css
// reads it.

import { signal } from '@preact/signals'

export type Theme = 'system' | 'light' | 'dark'
const storageKey = 'warren-theme'

const kept = localStorage.getItem(storageKey)
export const theme = signal<Theme>(kept === 'light' || kept === 'dark' ? kept : 'system')

theme.subscribe((value) => {
  if (value === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = value
})

export function setTheme(value: Theme): void {
  theme.value = value
  if (value === 'system') localStorage.removeItem(storageKey)
  else localStorage.setItem(storageKey, value)
}

const system = matchMedia('(prefers-color-scheme: dark)')
const systemIsDark = signal(system.matches)
system.addEventListener('change', ({ matches }) => {
  systemIsDark.value = matches
})

/** What is on screen now; who draws by it draws anew when it changes. */
export const isDark = (): boolean => (theme.value === 'system' ? systemIsDark.value : theme.value === 'dark')
