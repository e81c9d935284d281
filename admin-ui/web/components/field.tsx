// A labelled input with its hint and its error; the input is the child, which is given the ids that tie them together.

import { type ComponentChildren, cloneElement, type VNode } from 'preact'
import { useId } from 'preact/hooks'

export interface FieldProps {
  readonly label: string
  readonly hint?: ComponentChildren
  readonly error?: string
  /** Over the whole width of a `.fields` grid. */
  readonly wide?: boolean
  /** One input, select or textarea. */
  readonly children: VNode
}

export function Field({ label, hint, error = '', wide = false, children }: FieldProps) {
  const id = useId()
  const described = hint !== undefined || error !== ''
  return (
    <div class={wide ? 'field wide' : 'field'}>
      <label for={id}>{label}</label>
      {cloneElement(children, {
        id,
        'aria-describedby': described ? `${id}-more` : undefined,
        'aria-invalid': error === '' ? undefined : 'true',
      })}
      {described && (
        <div id={`${id}-more`} class={error === '' ? 'hint' : 'error'}>
          {error === '' ? hint : error}
        </div>
      )}
    </div>
  )
}
