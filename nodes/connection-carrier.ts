// The far side of a connection, as the connection sees it: who carries its bytes, and who the peer is. Fulfilled by
// `listener` and by simulated clients.

import type { Connection } from './connection.ts'

/** Who carries the bytes: a socket's owner or a simulated client. */
export interface Carrier {
  /** There is output to take, or the connection has ended. Called at the end of a turn. */
  flush(connection: Connection): void
}

/** How slow and narrow one direction of a client's socket is made. */
export interface SocketShape {
  readonly delayMs?: number
  /** How much passes at most. */
  readonly bytesPerMs?: number
}

/** The peer as the carrier knows it. */
export interface Peer {
  readonly address: string
  readonly port: number
  readonly localAddress: string
  readonly localPort: number
  /** What TLS settled; absent on a plain connection. */
  readonly tls?: PeerTls
}

/** A TLS session in the words of RabbitMQ's HTTP API. */
export interface PeerTls {
  /** `tlsv1.2` or `tlsv1.3`. */
  readonly protocol: string
  readonly cipher: string
  readonly hash: string
  readonly keyExchange: string
  /** Client certificates are checked against a CA, so that EXTERNAL can work. */
  readonly verifies: boolean
  /** The client's certificate, which has been verified; null when it sent none. */
  readonly certificate: PeerCertificate | null
}

export interface PeerCertificate {
  /** Distinguished names as in RFC 4514, most specific part first. */
  readonly subject: string
  readonly issuer: string
  /** From and until, in UTC. */
  readonly validity: string
  /** The user whom EXTERNAL logs in; several common names are joined by commas; empty without any. */
  readonly commonName: string
}
