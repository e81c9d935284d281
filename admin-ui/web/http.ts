// Requests to this same server with the login of this tab. It must never send a login anywhere but to the page's own
// origin, and keeps it in this tab's session storage only: no cookies.

import { signal } from '@preact/signals'

export interface Answer {
  readonly status: number
  /** The decoded body; null when there is none. */
  readonly body: unknown
}

/** Nobody answers at all. */
export class Unreachable extends Error {}

/** The login is missing or wrong; `message` is the server's reason, empty when there was no login. */
export class LoginNeeded extends Error {}

/** The server refuses; `message` is its reason. */
export class Refused extends Error {
  readonly status: number

  constructor({ status, body }: Answer) {
    super(reasonOf(body) || `The server refuses with status ${status}.`)
    this.status = status
  }
}

const storageKey = 'warren-login'
const patienceMs = 5000
/** A node may take this long to start or stop. */
const actionPatienceMs = 20_000

/** `user:password` of this tab; null while nobody is logged in. */
export const login = signal<string | null>(sessionStorage.getItem(storageKey))
/** What the server said to the last login, when it was refused. */
export const loginRefusal = signal('')

login.subscribe((value) => {
  if (value === null) sessionStorage.removeItem(storageKey)
  else sessionStorage.setItem(storageKey, value)
})

export const userName = (): string => (login.value ?? '').split(':')[0]!

/** Forgets the login, as it was refused or is wanted no more. */
export function logOut(reason = ''): void {
  login.value = null
  loginRefusal.value = reason
}

/** The header that says who asks. */
const authorization = (given: string) =>
  `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(given)))}`

/** The response as it comes, for streams. Throws Unreachable and LoginNeeded. */
export async function open(path: string, options: RequestInit = {}): Promise<Response> {
  const headers = new Headers(options.headers)
  const given = login.peek()
  if (given === null) throw new LoginNeeded('')
  headers.set('authorization', authorization(given))
  let response: Response
  try {
    // With other credentials than ours the browser would ask for a login of its own.
    response = await fetch(path, { credentials: 'omit', cache: 'no-store', ...options, headers })
  } catch (error) {
    throw new Unreachable(String(error))
  }
  if (response.status !== 401) return response
  const reason = reasonOf(decode(await response.text()))
  logOut(reason)
  throw new LoginNeeded(reason)
}

/** Logs in when the server takes `user:password`; else `loginRefusal` says why not. */
export async function logIn(given: string): Promise<void> {
  loginRefusal.value = ''
  try {
    const response = await fetch('/warren/nodes', {
      credentials: 'omit',
      cache: 'no-store',
      headers: { authorization: authorization(given) },
    })
    const body = decode(await response.text())
    if (response.ok) login.value = given
    else loginRefusal.value = new Refused({ status: response.status, body }).message
  } catch {
    loginRefusal.value = 'The server does not answer.'
  }
}

/** Throws Unreachable and LoginNeeded; any other status is the caller's to judge. A text goes out as it is, all else as JSON. */
export async function request(
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Answer> {
  const { status, text } = await exchange(method, path, body, signal)
  return { status, body: decode(text) }
}

interface TextAnswer {
  readonly status: number
  readonly text: string
}

async function exchange(
  method: string,
  path: string,
  body: unknown,
  signal: AbortSignal | undefined,
): Promise<TextAnswer> {
  const patience = AbortSignal.timeout(method === 'GET' ? patienceMs : actionPatienceMs)
  const response = await open(path, {
    method,
    signal: signal === undefined ? patience : AbortSignal.any([signal, patience]),
    ...(body === undefined
      ? {}
      : {
          headers: { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json' },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
  })
  try {
    return { status: response.status, text: await response.text() }
  } catch (error) {
    throw new Unreachable(String(error))
  }
}

/** The body of a GET. Throws Refused as well. */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return decode(await getText(path, signal)) as T
}

/** The same as its text, for those who ask again and again: an answer that is the same needs no decoding. */
export async function getText(path: string, signal?: AbortSignal): Promise<string> {
  const { status, text } = await exchange('GET', path, undefined, signal)
  if (status >= 400) throw new Refused({ status, body: decode(text) })
  return text
}

/** What the text says as JSON; null when it is none. */
export function decode(text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The reason in an error's body, as a person reads it; the API escapes some of its texts for HTML. */
export function reasonOf(body: unknown): string {
  const reason = (body as { reason?: unknown } | null)?.reason
  if (reason === undefined) return ''
  const text = typeof reason === 'string' ? reason : JSON.stringify(reason)
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/\n+/g, '\n')
    .trim()
}

/** A path segment; `@` stays as it is in node names. */
export const segment = (text: string) => encodeURIComponent(text).replaceAll('%40', '@')
