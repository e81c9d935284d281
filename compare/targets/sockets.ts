// Real sockets as lines: dials a broker's nodes by address, gathers what clients send in a turn of the event loop into one
// write, and hands on what comes. Used by targets with real brokers; it knows nothing of AMQP.

import { connect, type Socket } from 'node:net'
import { type Line, type LineEnd, type Network, roomBytes } from '../line.ts'

export interface SocketAddress {
  readonly host: string
  readonly port: number
}

/** A dial that has not come through by then has failed. */
const dialMs = 10_000

export class Sockets implements Network {
  private readonly addressOf: (node: string) => SocketAddress | null
  private readonly failed: (error: unknown) => void
  private readonly lines = new Set<SocketLine>()

  /** `addressOf` gives null for a node that has none at the moment; `failed` is told what a client throws. */
  constructor(addressOf: (node: string) => SocketAddress | null, failed: (error: unknown) => void) {
    this.addressOf = addressOf
    this.failed = failed
  }

  /** Whether anybody listens is known later: then the line breaks. */
  dial(node: string, end: LineEnd): Line | null {
    const address = this.addressOf(node)
    if (address === null) return null
    const line = new SocketLine(address, this.guarded(end), () => this.lines.delete(line))
    this.lines.add(line)
    return line
  }

  private guarded(end: LineEnd): LineEnd {
    const guard = (act: () => void) => {
      try {
        act()
      } catch (error) {
        this.failed(error)
      }
    }
    return {
      received: (bytes) => guard(() => end.received(bytes)),
      broken: () => guard(() => end.broken()),
      drained: () => guard(() => end.drained?.()),
    }
  }

  /** Drops every connection; nobody is told. */
  close(): void {
    for (const line of [...this.lines]) line.hangUp()
  }
}

class SocketLine implements Line {
  private readonly socket: Socket
  private readonly end: LineEnd
  private readonly forget: () => void
  private gathered: Buffer[] = []
  private gatheredBytes = 0
  /** The sender was told that there is no room. */
  private full = false
  private up = true

  constructor({ host, port }: SocketAddress, end: LineEnd, forget: () => void) {
    this.end = end
    this.forget = forget
    this.socket = connect({ host, port, noDelay: true })
    this.socket.setTimeout(dialMs, () => this.socket.destroy())
    this.socket.once('connect', () => this.socket.setTimeout(0))
    this.socket.on('data', (bytes) => {
      if (this.up) end.received(bytes)
    })
    this.socket.on('error', () => {})
    this.socket.on('end', () => this.socket.destroy())
    this.socket.once('close', () => {
      this.forget()
      if (!this.up) return
      this.up = false
      end.broken()
    })
  }

  send(bytes: Buffer): void {
    if (!this.up) return
    this.gathered.push(bytes)
    this.gatheredBytes += bytes.length
    if (this.gathered.length === 1) setImmediate(() => this.flush())
  }

  get backlog(): number {
    const bytes = this.gatheredBytes + this.socket.writableLength
    if (bytes > roomBytes) this.full = true
    return bytes
  }

  hangUp(): void {
    this.flush()
    this.up = false
    this.forget()
    // What was sent last still leaves, such as an acknowledgement.
    this.socket.end(() => this.socket.destroy())
  }

  private flush(): void {
    const { gathered } = this
    if (gathered.length === 0 || !this.up) return
    this.gathered = []
    this.gatheredBytes = 0
    this.socket.write(gathered.length === 1 ? gathered[0]! : Buffer.concat(gathered), () => {
      if (!this.full || !this.up || this.backlog > roomBytes) return
      this.full = false
      this.end.drained?.()
    })
  }
}
