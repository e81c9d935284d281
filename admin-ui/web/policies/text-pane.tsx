// The text editor as a part of a page: loads it when it is first shown, and keeps it in step with text and faults.

import { useEffect, useRef, useState } from 'preact/hooks'
import { ErrorLine } from '../components/toast.tsx'
import { nodes } from '../live.ts'
import type { Fault } from './shapes.ts'
import type { TextEditor } from './text-editor.ts'

export interface TextPaneProps {
  readonly label: string
  /** What the editor begins with, and is set to whenever `edition` changes; in between the text is the editor's own. */
  readonly text: string
  readonly edition: number
  readonly faults: readonly Fault[]
  /** False: another kind of YAML, for which it has no completion. */
  readonly policies?: boolean
  onText(text: string): void
}

export function TextPane({ label, text, edition, faults, policies = true, onText }: TextPaneProps) {
  const place = useRef<HTMLDivElement>(null)
  const editor = useRef<TextEditor | null>(null)
  const latest = useRef({ text, onText })
  latest.current = { text, onText }
  const [error, setError] = useState('')
  useEffect(() => {
    let gone = false
    import('./text-editor.ts').then(
      ({ makeTextEditor }) => {
        if (gone) return
        editor.current = makeTextEditor(place.current!, {
          text: latest.current.text,
          label,
          policies,
          nodes: () => (nodes.value ?? []).map(({ name }) => name),
          onChange: (changed) => latest.current.onText(changed),
        })
      },
      () => setError('The editor could not be loaded. Load the page again.'),
    )
    return () => {
      gone = true
      editor.current?.destroy()
      editor.current = null
    }
  }, [])
  useEffect(() => editor.current?.setText(text), [edition])
  const shown = JSON.stringify(faults)
  useEffect(() => editor.current?.setFaults(faults), [shown])
  return (
    <>
      <ErrorLine text={error} />
      <div ref={place} class="text-editor" />
      {faults.map(({ text: words, place: at }) => (
        <p key={words} class="error" role="alert">
          {at !== null && `Line ${at.line}, column ${at.column}: `}
          {words}
        </p>
      ))}
    </>
  )
}
