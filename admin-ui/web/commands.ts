// Actions: each is one request, listed with its outcome as a curl line to copy. Everything on the page that changes
// something goes through here.

import { button, byId, make } from './dom.ts'
import { type Answer, curlLine, reasonOf, request } from './http.ts'

const most = 20

/** Told after each action, so that the page looks again at once. */
let afterwards: () => void = () => {}
let failed: (error: unknown) => void = () => {}

export function onAction(done: () => void, failure: (error: unknown) => void): void {
  afterwards = done
  failed = failure
}

/** Makes the request and lists it; null when the server did not answer or wants a login. */
export async function act(method: string, path: string, body?: unknown): Promise<Answer | null> {
  const line = curlLine(method, path, body)
  const outcome = list(line)
  try {
    const answer = await request(method, path, body)
    outcome(answer.status < 400, String(answer.status), reasonOf(answer.body))
    return answer
  } catch (error) {
    outcome(false, 'no answer', '')
    failed(error)
    return null
  } finally {
    afterwards()
  }
}

/** Adds a line to the list; the returned function tells how it went. */
function list(line: string): (good: boolean, status: string, reason: string) => void {
  byId('no-commands').hidden = true
  const commands = byId('commands')
  const status = make('span', 'pill busy', '…')
  const copy = button('Copy', 'small', () => copyLine(line, code, copy))
  const code = make('code', '', line)
  commands.prepend(make('li', '', status, code, copy))
  while (commands.children.length > most) commands.lastElementChild?.remove()
  return (good, text, reason) => {
    status.className = good ? 'pill good' : 'pill bad'
    status.textContent = text
    status.title = reason
  }
}

async function copyLine(line: string, code: HTMLElement, copy: HTMLButtonElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(line)
    copy.textContent = 'Copied'
    setTimeout(() => {
      copy.textContent = 'Copy'
    }, 1500)
  } catch {
    // No leave to use the clipboard: select the line, for the user to copy.
    getSelection()?.selectAllChildren(code)
  }
}
