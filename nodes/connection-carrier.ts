// The far side of a connection, as the connection sees it: who carries its bytes, and who the peer is. Fulfilled by
// `listener` and by simulated clients.

import type { Connection } from './connection.ts'

/** Who carries the bytes: a socket's owner or a simulated client. */
export interface Carrier {
  /** There is output to take, or the connection has ended. Called at the end of a turn. */
  flush(connection: Connection): void
}

/** The peer as the carrier knows it. */
export interface Peer {
  readonly address: string
  readonly port: number
  readonly localAddress: string
  readonly localPort: number
}
