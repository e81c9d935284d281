// A table of arguments as people type it: a JSON object in one field, with what is wrong with it.

import { Field } from '../components/field.tsx'
import type { Table } from './shapes.ts'

/** Null while the text is no JSON object; an empty text is an empty table. */
export function argumentsIn(text: string): Table | null {
  if (text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Table) : null
  } catch {
    return null
  }
}

export interface ArgumentsFieldProps {
  readonly text: string
  onText(text: string): void
  readonly example: string
  readonly label?: string
}

export const ArgumentsField = ({ text, onText, example, label = 'Arguments' }: ArgumentsFieldProps) => (
  <Field
    label={label}
    wide
    hint={<>JSON, such as {example}</>}
    error={argumentsIn(text) === null ? `Write a JSON object, such as ${example}.` : ''}
  >
    <input
      class="code"
      value={text}
      placeholder="{}"
      onInput={(event) => onText(event.currentTarget.value)}
    />
  </Field>
)
