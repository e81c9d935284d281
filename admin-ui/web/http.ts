// Requests to this same server with the user's login, and the curl line that would do the same. It must never send a
// login anywhere but to the page's own origin.

export interface Answer {
  readonly status: number
  /** The decoded body; null when there is none. */
  readonly body: unknown
}

/** Nobody answers at all. */
export class Unreachable extends Error {}

/** The login is missing or wrong; `message` is the server's reason, empty when there was no login. */
export class LoginNeeded extends Error {}

const storageKey = 'warren-login'
const patienceMs = 5000
/** A node may take this long to start or stop. */
const actionPatienceMs = 20_000

let login: string | null = sessionStorage.getItem(storageKey)

export const isLoggedIn = () => login !== null

/** Keeps `user:password` for this tab. */
export function logIn(user: string, password: string): void {
  login = `${user}:${password}`
  sessionStorage.setItem(storageKey, login)
}

export function logOut(): void {
  login = null
  sessionStorage.removeItem(storageKey)
}

/** Throws Unreachable and LoginNeeded; any other status is the caller's to judge. */
export async function request(method: string, path: string, body?: unknown): Promise<Answer> {
  if (login === null) throw new LoginNeeded('')
  const headers = new Headers({ authorization: `Basic ${base64(login)}` })
  if (body !== undefined) headers.set('content-type', 'application/json')
  let response: Response
  let text: string
  try {
    response = await fetch(path, {
      method,
      headers,
      // With other credentials than ours the browser would ask for a login of its own.
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.timeout(method === 'GET' ? patienceMs : actionPatienceMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    text = await response.text()
  } catch (error) {
    throw new Unreachable(String(error))
  }
  const decoded = decode(text)
  if (response.status === 401) throw new LoginNeeded(reasonOf(decoded))
  return { status: response.status, body: decoded }
}

function decode(text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const base64 = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)))

/** The reason in an error's body, as a person reads it; the API escapes some of its texts for HTML. */
export function reasonOf(body: unknown): string {
  const reason = (body as { reason?: unknown } | null)?.reason
  if (reason === undefined) return ''
  const text = typeof reason === 'string' ? reason : JSON.stringify(reason)
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&').trim()
}

/** A path segment; `@` stays as it is in node names. */
export const segment = (text: string) => encodeURIComponent(text).replaceAll('%40', '@')

/** The command that makes the same request; a password other than guest's is left for curl to ask. */
export function curlLine(method: string, path: string, body?: unknown): string {
  const user = login === 'guest:guest' ? login : (login ?? '').split(':')[0]!
  const parts = ['curl', '-u', quoted(user)]
  if (method !== 'GET') parts.push('-X', method)
  parts.push(quoted(location.origin + path))
  if (body !== undefined)
    parts.push('-H', quoted('content-type: application/json'), '-d', quoted(JSON.stringify(body)))
  return parts.join(' ')
}

/** For a POSIX shell. */
const quoted = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
