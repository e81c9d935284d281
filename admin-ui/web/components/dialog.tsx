// Dialogs over the page, with the browser's own focus handling: Escape closes, the focus comes back. `confirm` asks once
// before something is destroyed.

import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'

export interface DialogProps {
  readonly title: string
  readonly wide?: boolean
  readonly children: ComponentChildren
  onClose(): void
  /** Enter, or the button of type submit among the children. */
  onSubmit?(): void
}

/** Open as long as it is rendered; put the buttons into a `.row.end` at the end. */
export function Dialog({ title, wide = false, children, onClose, onSubmit }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    dialog.current!.showModal()
  }, [])
  return (
    <dialog ref={dialog} class={wide ? 'wide' : undefined} aria-labelledby={id} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          onSubmit?.()
        }}
      >
        <h2 id={id}>{title}</h2>
        {children}
      </form>
    </dialog>
  )
}

export interface Question {
  readonly title: string
  /** What it will do and cost. */
  readonly body: ComponentChildren
  /** What the button says that does it. */
  readonly yes: string
  /** It destroys something: the button is red, and the focus is on the other. */
  readonly danger?: boolean
}

const asked = signal<{ readonly question: Question; readonly answer: (yes: boolean) => void } | null>(null)

/** True when the person says yes. */
export function confirm(question: Question): Promise<boolean> {
  asked.value?.answer(false)
  return new Promise((resolve) => {
    asked.value = {
      question,
      answer: (yes) => {
        asked.value = null
        resolve(yes)
      },
    }
  })
}

/** Once, in the frame. */
export function Confirmations() {
  if (asked.value === null) return null
  const { question, answer } = asked.value
  const { title, body, yes, danger = false } = question
  return (
    <Dialog key={title} title={title} onClose={() => answer(false)} onSubmit={() => answer(true)}>
      {typeof body === 'string' ? <p>{body}</p> : body}
      <div class="row end">
        <button type="button" autofocus={danger} onClick={() => answer(false)}>
          Cancel
        </button>
        <button type="submit" autofocus={!danger} class={danger ? 'danger' : 'primary'}>
          {yes}
        </button>
      </div>
    </Dialog>
  )
}
