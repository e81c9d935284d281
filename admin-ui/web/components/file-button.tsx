// A button that lets a person choose a file of theirs and hands on its text.

import { useRef } from 'preact/hooks'
import { toast } from './toast.tsx'

export interface FileButtonProps {
  readonly label: string
  /** As an input has it: `.yaml,.json`. */
  readonly accept: string
  /** In bytes. */
  readonly most?: number
  onText(text: string, fileName: string): void
}

export function FileButton({ label, accept, most = 64 * 1_048_576, onText }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null)
  const read = async () => {
    const file = input.current!.files?.[0]
    // The same file may be chosen again.
    const text = file !== undefined && file.size <= most ? await file.text() : null
    input.current!.value = ''
    if (file !== undefined && text === null)
      return toast(`${file.name} is larger than ${Math.round(most / 1_048_576)} MB.`)
    if (file !== undefined) onText(text!, file.name)
  }
  return (
    <>
      <button type="button" onClick={() => input.current!.click()}>
        {label}
      </button>
      <input
        ref={input}
        class="visually-hidden"
        type="file"
        tabIndex={-1}
        aria-label={label}
        accept={accept}
        onChange={() => void read()}
      />
    </>
  )
}
