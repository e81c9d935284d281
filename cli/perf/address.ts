// AMQP URIs as the load tool reads them: where a broker is and who logs in. Called for --uri and --uris.

import { InvalidArgumentError } from 'commander'

export interface Address {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly user: string
  readonly password: string
  readonly vhost: string
}

/** Where it is, without who logs in: fit to be printed. */
export function placeOf({ tls, host, port }: Address): string {
  return `${tls ? 'amqps' : 'amqp'}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** `amqp://user:password@host:port/vhost`; every part but the scheme may be left out. */
export function parseAddress(text: string): Address {
  if (!/^amqps?:\/\//i.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError('It must be a URI like amqp://guest:guest@localhost:5672/%2f.')
  const url = new URL(text)
  const tls = url.protocol === 'amqps:'
  const decoded = (part: string, absent: string) => (part === '' ? absent : decodeURIComponent(part))
  try {
    return {
      host: decoded(url.hostname.replace(/^\[(.*)\]$/, '$1'), 'localhost'),
      port: url.port === '' ? (tls ? 5671 : 5672) : Number(url.port),
      tls,
      user: decoded(url.username, 'guest'),
      password: decoded(url.password, 'guest'),
      vhost: decoded(url.pathname.slice(1), '/'),
    }
  } catch {
    throw new InvalidArgumentError('A % in it is not followed by two hexadecimal digits.')
  }
}
