// Short words in a corner: what was refused, or done. Refusals stay until they are closed or five newer ones came.

import { signal } from '@preact/signals'

interface Toast {
  readonly number: number
  readonly text: string
  readonly good: boolean
}

const most = 5
const goodMs = 4000
const shown = signal<readonly Toast[]>([])
let number = 0

const drop = (which: number) => {
  shown.value = shown.value.filter((one) => one.number !== which)
}

/** Shows a refusal, or with `good` a success. */
export function toast(text: string, { good = false } = {}): void {
  const mine = ++number
  // The same words twice say no more.
  shown.value = [...shown.value.filter((one) => one.text !== text), { number: mine, text, good }].slice(-most)
  if (good) setTimeout(() => drop(mine), goodMs)
}

export function Toasts() {
  return (
    <div class="toasts" role="log" aria-live="polite" aria-label="Messages">
      {shown.value.map((one) => (
        <div key={one.number} class={one.good ? 'toast good' : 'toast'}>
          <span>{one.text}</span>
          <button type="button" class="link" aria-label="Close message" onClick={() => drop(one.number)}>
            Close
          </button>
        </div>
      ))}
    </div>
  )
}

/** A refusal where it belongs: beside what was refused. Nothing when `text` is empty. */
export const ErrorLine = ({ text }: { readonly text: string }) =>
  text === '' ? null : (
    <p class="error" role="alert">
      {text}
    </p>
  )
