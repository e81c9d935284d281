// The address after '#' as a page and its parts, each percent-encoded, as on RabbitMQ's page: #/queues/%2F/orders?tab=get.
// Components read `route`; links are made with `href`. It knows no pages.

import { signal } from '@preact/signals'

export interface Route {
  /** The first part; empty on the start page. */
  readonly page: string
  /** The parts after it, decoded. */
  readonly parts: readonly string[]
  readonly query: URLSearchParams
}

function parse(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
  const [page = '', ...parts] = path.split('/').map(decoded)
  return { page, parts, query: new URLSearchParams(query) }
}

/** An address typed by hand may hold a lone percent sign. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

export const route = signal<Route>(parse(location.hash))

addEventListener('hashchange', () => {
  route.value = parse(location.hash)
})

/** The link to a page; members of `query` that are empty or undefined are left out. */
export function href(
  page: string,
  parts: readonly string[] = [],
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]))
  const path = [page, ...parts.map(encodeURIComponent)].join('/')
  return `#/${path}${given.length === 0 ? '' : `?${new URLSearchParams(given)}`}`
}

export function go(...to: Parameters<typeof href>): void {
  location.hash = href(...to)
}

/** As `go`, without an entry in the browser's history: for filters while they are typed. */
export function replace(...to: Parameters<typeof href>): void {
  history.replaceState(null, '', href(...to))
  route.value = parse(location.hash)
}
