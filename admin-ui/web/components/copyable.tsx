// A command to copy; and an action as the commands that do the same.

import { useRef, useState } from 'preact/hooks'
import { type Action, ctlLine, curlLine } from '../actions.ts'

export function Copyable({ text }: { readonly text: string }) {
  const code = useRef<HTMLElement>(null)
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
      setTimeout(() => setCopied(false), 1500)
    } catch {
      // No leave to use the clipboard: select the line, for the person to copy.
      getSelection()?.selectAllChildren(code.current!)
    }
  }
  return (
    <div class="copyable">
      <code ref={code}>{text}</code>
      <button type="button" class="small" aria-label={`Copy ${text}`} onClick={copy}>
        {copied ? 'Copied' : 'Copy'}
      </button>
    </div>
  )
}

/** The same action as `warren ctl` and `curl` lines. */
export function CommandLines({ action }: { readonly action: Action }) {
  const ctl = ctlLine(action)
  return (
    <>
      {ctl !== null && <Copyable text={ctl} />}
      <Copyable text={curlLine(action)} />
    </>
  )
}
