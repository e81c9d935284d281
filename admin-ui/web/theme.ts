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

/** What is on screen now. */
export const isDark = (): boolean =>
  theme.value === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : theme.value === 'dark'
