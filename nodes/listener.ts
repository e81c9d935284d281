// The TCP side of one node: one port, plain or TLS, while it runs, and a socket for each connection. Loopback means IPv4 and
// IPv6. It hands bytes over and does nothing else; a slow or hostile peer costs only its own socket.

import { createServer, type Server, type Socket } from 'node:net'
import type { Member } from './cluster-member.ts'
import { Connection } from './connection.ts'
import type { Carrier, PeerTls, SocketShape } from './connection-carrier.ts'
import { limits } from './limits.ts'
import { Shaped } from './listener-shaping.ts'
import { createTlsServer, type TlsIdentity } from './listener-tls.ts'
import type { Live } from './live.ts'
import type { Node } from './node.ts'

const loopbacks = ['127.0.0.1', 'localhost', '::1']

/** The addresses to listen on for `host`. */
export function addressesOf(host: string): string[] {
  return loopbacks.includes(host) ? ['127.0.0.1', '::1'] : [host]
}

/** Listens on `port` of every address of `host`; a machine without IPv6 does without. Returns the port (0: any). */
export async function listenAll(
  make: () => Server,
  host: string,
  port: number,
): Promise<{ port: number; servers: Server[] }> {
  for (let attempt = 0; ; attempt++) {
    const servers: Server[] = []
    let chosen = port
    try {
      for (const address of addressesOf(host)) {
        const server = make()
        try {
          chosen = await listen(server, address, chosen)
          servers.push(server)
        } catch (error) {
          const missing = ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(
            (error as NodeJS.ErrnoException).code ?? '',
          )
          if (servers.length === 0 || !missing) throw error
        }
      }
      return { port: chosen, servers }
    } catch (error) {
      for (const server of servers) server.close()
      // A port that is free on IPv4 may be taken on IPv6: with any port allowed, try another.
      if (port !== 0 || attempt >= 20) throw error
    }
  }
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, backlog: 1024 }, () => {
      server.removeListener('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

/** Seen from the client: what it sends, what it receives. */
export const directions = ['fromClient', 'toClient'] as const
export type Direction = (typeof directions)[number]

export class Listener implements Carrier {
  readonly member: Member
  readonly host: string
  port: number
  /** Null: a plain port. */
  readonly tls: TlsIdentity | null
  private readonly live: Live
  private servers: Server[] = []
  private readonly sockets = new Map<Connection, Socket>()
  /** The TCP sockets below TLS, and those that are still in their handshake. */
  private readonly below = new Map<Connection, Socket>()
  private readonly shaking = new Set<Socket>()
  private readonly shaped = new Map<Connection, Record<Direction, Shaped>>()
  private opening: Promise<void> = Promise.resolve()
  /** Told when a port cannot be opened again after a restart. */
  onError: (error: Error) => void = () => {}

  constructor(live: Live, member: Member, host: string, port: number, tls: TlsIdentity | null = null) {
    this.live = live
    this.member = member
    this.host = host
    this.port = port
    this.tls = tls
  }

  /** True while clients can connect. */
  get isOpen(): boolean {
    return this.servers.length > 0
  }

  /** Opens the port; rejects with the system's error when it is taken. */
  async open(): Promise<void> {
    const { port, servers } = await listenAll(() => this.createServer(), this.host, this.port)
    this.port = port
    this.servers = servers
  }

  /** The node's state has changed: the port follows. */
  memberChanged(): void {
    const { member } = this
    if (member.state === 'frozen') return
    if (member.state === 'running') {
      this.opening = this.opening
        .then(() => (this.isOpen || this.member.state !== 'running' ? undefined : this.open()))
        .catch((error: Error) => this.onError(error))
    } else {
      this.closePort()
      if (member.crashed) this.reset()
      // The process has ended: whoever did not answer its connection.close, or is still shaking hands, goes with it.
      else if (member.node === null) for (const connection of this.sockets.keys()) connection.end()
    }
  }

  /** Closes port and sockets; what is still to be written is written. */
  close(): void {
    this.closePort()
    for (const { fromClient, toClient } of this.shaped.values()) {
      fromClient.drop()
      toClient.flush()
    }
    for (const socket of this.sockets.values()) socket.end(() => socket.destroy())
    for (const socket of this.sockets.values()) socket.unref()
    for (const raw of this.shaking) raw.destroy()
  }

  // ---- faults of one client's network

  /** How a client's socket is made slow; null when this is not its port. */
  shapeOf(connection: Connection): Readonly<Record<Direction, SocketShape>> | null {
    if (!this.sockets.has(connection)) return null
    const { fromClient, toClient } = this.shaped.get(connection) ?? {}
    return { fromClient: fromClient?.shape ?? {}, toClient: toClient?.shape ?? {} }
  }

  /** Makes one direction of a client's socket slow or narrow, or whole again. False when this is not its port. */
  shape(connection: Connection, direction: Direction, shape: SocketShape): boolean {
    const socket = this.sockets.get(connection)
    if (socket === undefined) return false
    let both = this.shaped.get(connection)
    if (both === undefined) {
      both = {
        fromClient: new Shaped(() => this.readOn(connection, socket)),
        toClient: new Shaped(() => {}),
      }
      this.shaped.set(connection, both)
    }
    both[direction].reshape(shape)
    return true
  }

  /** As when the client's network breaks: both ends see a reset. False when this is not its port. */
  resetClient(connection: Connection): boolean {
    const socket = this.sockets.get(connection)
    if (socket === undefined) return false
    this.resetSocket(connection, socket)
    return true
  }

  flush(connection: Connection): void {
    const socket = this.sockets.get(connection)
    if (socket === undefined) return
    const bytes = connection.takeOutput()
    const path = this.shaped.get(connection)?.toClient
    if (bytes !== null && socket.writable) {
      if (path === undefined || path.idle) this.write(connection, socket, bytes)
      else path.push(bytes, (portion) => this.write(connection, socket, portion))
    }
    if (connection.finished) {
      this.sockets.delete(connection)
      const close = () => {
        // A peer that does not read must not hold its last bytes here for ever.
        socket.setTimeout(limits.closingMs, () => socket.destroy())
        socket.end(() => socket.destroySoon())
      }
      if (path === undefined) close()
      else path.afterAll(close)
    } else this.readOn(connection, socket)
  }

  private write(connection: Connection, socket: Socket, bytes: Buffer): void {
    const { length } = bytes
    socket.write(bytes, () => {
      this.live.schedule()
      connection.outputDrained(length)
      // A peer that took a large message in one go may have said all it will say before this write was known to be over.
      this.readOn(connection, socket)
    })
  }

  private readOn(connection: Connection, socket: Socket): void {
    if (socket.isPaused() && this.wantsRead(connection)) socket.resume()
  }

  private wantsRead(connection: Connection): boolean {
    return connection.wantsRead && !this.shaped.get(connection)?.fromClient.full
  }

  private createServer(): Server {
    if (this.tls === null) return createServer({ noDelay: true }, (socket) => this.accept(socket, socket))
    return createTlsServer(this.tls, this.shaking, (socket, raw, tls) => this.accept(socket, raw, tls))
  }

  /** As when the process dies: peers see a reset. */
  private reset(): void {
    for (const [connection, socket] of this.sockets) this.resetSocket(connection, socket)
    for (const raw of this.shaking) raw.resetAndDestroy()
  }

  private resetSocket(connection: Connection, socket: Socket): void {
    const raw = this.below.get(connection)
    this.dropShape(connection)
    ;(raw ?? socket).resetAndDestroy()
    if (raw !== undefined) socket.destroy()
  }

  private dropShape(connection: Connection): void {
    const both = this.shaped.get(connection)
    this.shaped.delete(connection)
    for (const direction of directions) both?.[direction].drop()
  }

  private closePort(): void {
    for (const server of this.servers) server.close()
    this.servers = []
  }

  /** `raw` is the TCP socket, the same as `socket` on a plain port. */
  private accept(socket: Socket, raw: Socket, tls?: PeerTls): void {
    const node: Node | null = this.member.node
    if (node === null || !['running', 'frozen'].includes(this.member.state)) return void raw.resetAndDestroy()
    this.live.schedule()
    const plain = (address: string | undefined) => (address ?? '').replace(/^::ffff:/, '')
    const connection = new Connection(
      node,
      {
        address: plain(socket.remoteAddress),
        port: socket.remotePort ?? 0,
        localAddress: plain(socket.localAddress),
        localPort: socket.localPort ?? this.port,
        ...(tls && { tls }),
      },
      this,
    )
    this.sockets.set(connection, socket)
    if (raw !== socket) this.below.set(connection, raw)
    const receive = (bytes: Buffer) => {
      this.live.schedule()
      connection.receive(bytes)
      if (!this.wantsRead(connection)) socket.pause()
    }
    socket.on('data', (chunk) => {
      const path = this.shaped.get(connection)?.fromClient
      if (path === undefined || path.idle) return receive(chunk)
      path.push(chunk, receive)
      if (path.full) socket.pause()
    })
    // An error is followed by close; the peer's reasons are its own.
    socket.on('error', () => {})
    socket.on('close', () => {
      this.live.schedule()
      // What it sent before it went arrives, only sooner.
      this.shaped.get(connection)?.fromClient.flush()
      this.dropShape(connection)
      this.sockets.delete(connection)
      this.below.delete(connection)
      connection.end()
    })
  }
}
