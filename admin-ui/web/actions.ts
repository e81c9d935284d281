// Everything on the page that changes something goes through act(): one request, listed with its outcome as a `curl` line and, where
// there is one, a `warren ctl` line; a refusal is shown as a toast unless the caller shows it. The store looks again afterwards.

import { signal } from '@preact/signals'
import { toast } from './components/toast.tsx'
import { type Answer, LoginNeeded, login, reasonOf, request, userName } from './http.ts'
import { lookAgain } from './live.ts'

export interface Action {
  readonly method: 'PUT' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  /** The arguments of `warren ctl` that do the same; absent when it has no such verb. */
  readonly ctl?: readonly string[]
}

/** One action that was taken; `status` is null while it is under way, 0 when nobody answered. */
export interface Taken {
  readonly number: number
  readonly action: Action
  readonly status: number | null
  readonly reason: string
}

const most = 50

/** Newest first. */
export const taken = signal<readonly Taken[]>([])
let number = 0

/** Makes the request. Null when the server did not answer or wants a login. `quiet`: the caller shows what is refused. */
export async function act(action: Action, { quiet = false } = {}): Promise<Answer | null> {
  const mine = ++number
  taken.value = [{ number: mine, action, status: null, reason: '' }, ...taken.value].slice(0, most)
  const ended = (status: number, reason: string) => {
    taken.value = taken.value.map((one) => (one.number === mine ? { ...one, status, reason } : one))
  }
  try {
    const answer = await request(action.method, action.path, action.body)
    const reason = reasonOf(answer.body)
    ended(answer.status, reason)
    if (answer.status >= 400 && !quiet) toast(reason || `The server refuses with status ${answer.status}.`)
    return answer
  } catch (error) {
    ended(0, 'no answer')
    if (!(error instanceof LoginNeeded)) toast('The server does not answer.')
    return null
  } finally {
    lookAgain()
  }
}

/** True when the answer is there and no refusal. */
export const succeeded = (answer: Answer | null): answer is Answer => answer !== null && answer.status < 400

/** The shell command that makes the same request; a password other than guest's is left for curl to ask. */
export function curlLine({ method, path, body }: Action): string {
  const user = login.value === 'guest:guest' ? login.value : userName()
  const parts = ['curl', '-u', quoted(user), '-X', method, quoted(location.origin + path)]
  if (body !== undefined)
    parts.push(
      '-H',
      quoted(typeof body === 'string' ? 'content-type: text/plain' : 'content-type: application/json'),
      '-d',
      quoted(typeof body === 'string' ? body : JSON.stringify(body)),
    )
  return parts.join(' ')
}

/** The `warren ctl` line, or null. */
export const ctlLine = ({ ctl }: Action): string | null =>
  ctl === undefined ? null : ['warren', 'ctl', ...portOption(), ...ctl.map(quoted)].join(' ')

const usualPort = '15672'
const portOption = () => (location.port === usualPort ? [] : ['--url', quoted(location.origin)])

/** For a POSIX shell. */
const quoted = (text: string) =>
  /^[\w@%+=:,./^$-]+$/.test(text) && !text.startsWith('$') ? text : `'${text.replaceAll("'", `'\\''`)}'`
