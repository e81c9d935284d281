// One client's AMQP connection without IO: bytes in by `receive`, bytes out by `takeOutput`. Handshake, frames to
// channels, heartbeats, and errors rendered as Channel.Close or Connection.Close. `listener` gives it a socket, a
// simulation a link. It must never act on a frame after it has closed.

import { FRAME_BODY, FRAME_HEADER, FRAME_METHOD, FrameReader, type FrameSink } from './amqp/frames.ts'
import { decodeAs, METHOD, type MethodArguments } from './amqp/methods.ts'
import type { Writer } from './amqp/writer.ts'
import { Channel } from './channel.ts'
import { contentWithoutMethod, takeFrame } from './channel-frames.ts'
import type { ChannelOwner } from './channel-owner.ts'
import type { Carrier, Peer } from './connection-carrier.ts'
import { Channels } from './connection-channels.ts'
import { closeArguments, outOfPlace, protocolError } from './connection-errors.ts'
import { offered, startWords } from './connection-handshake.ts'
import { Heartbeat } from './connection-heartbeat.ts'
import { type FrameTaker, HeldFrames } from './connection-held.ts'
import { Output } from './connection-output.ts'
import { Pause } from './connection-pause.ts'
import { Session, versionFor } from './connection-session.ts'
import { type ConnectionEvent, type ConnectionState, eventOf, transitions } from './connection-states.ts'
import { Traffic } from './counts.ts'
import { type BrokerError, channelError, internalError } from './errors.ts'
import { limits } from './limits.ts'
import type { Runnable, Timer } from './loop.ts'
import type { Node } from './node.ts'

const none = Buffer.alloc(0)
const protocolHeader = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1])

export class Connection implements ChannelOwner, FrameSink, FrameTaker, Runnable {
  readonly id: number
  readonly node: Node
  readonly peer: Peer
  readonly pause: Pause
  readonly output = new Output()
  readonly writer: Writer = this.output.writer
  readonly channels = new Channels()
  readonly connectedAt: number
  readonly session = new Session()
  state: ConnectionState = 'header'
  readonly traffic = new Traffic()
  private readonly carrier: Carrier
  private readonly reader: FrameReader
  private readonly held: HeldFrames
  private readonly pulse: Heartbeat
  private opening: Buffer = none
  private deadline: Timer | null = null
  private flushDue = false
  private ended = false

  constructor(node: Node, peer: Peer, carrier: Carrier) {
    this.id = node.peers.nextId()
    this.node = node
    this.peer = peer
    this.carrier = carrier
    this.connectedAt = node.loop.now
    this.reader = new FrameReader(this, limits.frameMin - 8)
    this.held = new HeldFrames(this)
    this.pause = new Pause(node.loop, this.reader, this)
    this.pulse = new Heartbeat(node.loop, this)
    this.armDeadline(limits.handshakeMs)
  }

  get user(): string {
    return this.session.user
  }

  get vhost(): string {
    return this.session.vhost
  }

  get channelCount(): number {
    return this.channels.size
  }

  /** All open connections that limits count. */
  private others() {
    return this.node.peers.connectionsWith(this.node.name)
  }

  /** As RabbitMQ names connections. */
  get name(): string {
    const { address, port, localAddress, localPort } = this.peer
    return `${address}:${port} -> ${localAddress}:${localPort}`
  }

  /** The carrier may drop the socket, once the output has gone. */
  get finished(): boolean {
    return this.ended
  }

  // ---- the carrier's side

  /** Bytes from the peer, in any portions. The chunk is not kept. */
  receive(chunk: Buffer): void {
    if (this.node.still !== null) return this.node.hold(chunk, (kept) => this.receive(kept))
    this.traffic.received(chunk.length)
    this.node.peers.memory.grew(chunk.length)
    this.pulse.received = true
    if (this.state === 'closed' || this.state === 'silent') return
    if (this.state === 'header') return this.receiveHeader(chunk)
    try {
      this.reader.push(chunk)
    } catch (error) {
      this.caught(error, 0, 0)
    }
  }

  /** All output since the last call, or null; it counts as unsent until `outputDrained`. */
  takeOutput(): Buffer | null {
    const bytes = this.output.take()
    if (bytes !== null) {
      this.traffic.sent(bytes.length)
      this.node.peers.memory.grew(bytes.length)
      this.pulse.sent = true
    }
    return bytes
  }

  /** The peer's side has taken `bytes` of the output. */
  outputDrained(bytes: number): void {
    if (this.output.drained(bytes)) for (const channel of this.channels.values()) channel.resume()
  }

  /** False while no more should be read from the peer: it does not read itself, waits for queues, or must wait. */
  get wantsRead(): boolean {
    return this.pause.reads && !this.output.full && !this.held.full && this.node.still === null
  }

  get heldBytes(): number {
    let held = this.output.pending + this.held.bytes
    for (const { publisher } of this.channels.values()) held += publisher.gathered
    return held
  }

  unblock(): void {
    if (this.pause.unblock()) this.receive(none)
  }

  /** Ends the connection from the server's side with connection.close, or without a word before it is open. */
  shut(error: BrokerError): void {
    if (this.state === 'running') this.fail(error, 0)
    else if (this.state !== 'closing') this.end()
  }

  /** The socket is gone, or is to go: channels end, exclusive queues are deleted. */
  end(): void {
    if (this.ended) return
    this.ended = true
    this.state = 'closed'
    this.reader.stop()
    this.release()
    this.deadline?.cancel()
    this.outputReady()
  }

  // ---- what channels need

  get congested(): boolean {
    return this.output.congested
  }

  beat(): void {
    this.writer.heartbeat()
    this.outputReady()
  }

  outputReady(): void {
    if (this.flushDue) return
    this.flushDue = true
    this.node.loop.atOutput(this)
  }

  channelReady(channel: Channel): void {
    this.held.release(channel)
    this.outputReady()
  }

  channelFailed(channel: Channel, error: BrokerError, method: number): void {
    this.failWith(error, channel.number, error.method ?? method)
  }

  channelClosed(channel: Channel): void {
    this.dropChannel(channel)
    this.writer.method(channel.number, 'channelCloseOk', {})
    this.outputReady()
  }

  /** Lets the carrier take the turn's output. Called by the loop. */
  run(): void {
    this.flushDue = false
    if (this.node.still === null) this.carrier.flush(this)
  }

  // ---- frames in

  method(number: number, id: number, buf: Buffer, start: number, end: number): void {
    try {
      const channel = this.channels.find(number)
      if (channel !== undefined) this.pass(channel, FRAME_METHOD, id, buf, start, end)
      else if (this.state === 'running' && number !== 0) this.methodWithoutChannel(number, id)
      else this.connectionMethod(number, id, buf, start, end)
    } catch (error) {
      this.caught(error, number, id)
    }
  }

  header(number: number, buf: Buffer, start: number, end: number): void {
    this.content(number, FRAME_HEADER, buf, start, end)
    if (this.node.peers.memory.alarm && this.state === 'running') this.pause.block()
  }

  body(number: number, buf: Buffer, start: number, end: number): void {
    this.content(number, FRAME_BODY, buf, start, end)
  }

  heartbeat(): void {}
  take(channel: Channel, type: number, id: number, buf: Buffer, start: number, end: number): void {
    try {
      takeFrame(channel, type, id, buf, start, end)
    } catch (error) {
      this.caught(error, channel.number, channel.currentMethod)
    }
  }

  private pass(channel: Channel, type: number, id: number, buf: Buffer, start: number, end: number): void {
    if (channel.busy || this.held.holds(channel)) this.held.hold(channel, type, id, buf, start, end)
    else this.take(channel, type, id, buf, start, end)
  }

  private content(number: number, type: number, buf: Buffer, start: number, end: number): void {
    const channel = this.channels.find(number)
    if (channel !== undefined) return this.pass(channel, type, 0, buf, start, end)
    if (this.state === 'closing' || this.state === 'closed') return
    if (this.state !== 'running') return this.fail(outOfPlace(type, buf.subarray(start, end)), 0)
    if (this.channels.isClosing(number)) return
    const error = number === 0 ? contentWithoutMethod() : channelError("expected 'channel.open'")
    this.failWith(error, number, 0)
  }

  // ---- channels

  private methodWithoutChannel(number: number, id: number): void {
    if (this.channels.isClosing(number)) {
      if (id === METHOD.channelCloseOk) this.channels.closedOk(number)
      else if (id === METHOD.channelClose) {
        // Both sides closed at once: the client's close-ok is still to come, and until then the channel is not free.
        this.writer.method(number, 'channelCloseOk', {})
        this.outputReady()
      } else if (id === METHOD.channelOpen) throw channelError("second 'channel.open' seen")
      return
    }
    if (id !== METHOD.channelOpen) throw channelError("expected 'channel.open'")
    this.session.checkChannels(this.node.definitions, this.channels.size, () => this.others())
    this.channels.add(new Channel(number, this, this.node))
    this.writer.method(number, 'channelOpenOk', {})
    this.outputReady()
  }

  private dropChannel(channel: Channel): void {
    this.held.drop(channel)
    // Confirms of this very turn still go out before the close; a commit among them must find no frame to go on with.
    channel.run()
    channel.close()
    this.channels.drop(channel)
  }

  // ---- errors out

  private caught(error: unknown, number: number, method: number): void {
    const known = protocolError(error)
    if (known === 'drop') return this.end()
    if (known !== 'bug') return this.failWith(known, number, known.method ?? method)
    // A mistake of ours: this connection pays, the node goes on, and whoever runs it is told.
    this.fail(internalError(), method)
    this.node.peers.report(error)
  }

  private failWith(error: BrokerError, number: number, method: number): void {
    const channel = this.channels.find(number)
    if (error.scope === 'connection' || channel === undefined) return this.fail(error, method)
    this.dropChannel(channel)
    this.channels.awaitCloseOk(number)
    this.writer.method(number, 'channelClose', closeArguments(error, method))
    this.outputReady()
  }

  private fail(error: BrokerError, method: number): void {
    if (this.state === 'closing' || this.state === 'closed') return
    // Before it is tuned a connection hears of nothing but a failed login (docs/observed.md §17).
    const early = this.state !== 'running' && this.state !== 'opening'
    if (early && error.code !== 403) return this.fallSilent()
    this.release()
    this.state = 'closing'
    this.writer.method(0, 'connectionClose', closeArguments(error, method))
    this.outputReady()
    this.armDeadline(early || this.reader.stopped ? limits.silenceMs : limits.closingMs)
  }

  private release(): void {
    for (const channel of this.channels.ending()) this.dropChannel(channel)
    this.pulse.stop()
    this.pause.stop()
    this.node.connectionEnded(this, this.traffic)
  }

  private armDeadline(ms: number): void {
    this.deadline?.cancel()
    const { loop } = this.node
    this.deadline = loop.atPeer(loop.peerNow + ms, () => this.end())
  }

  // ---- handshake

  private receiveHeader(chunk: Buffer): void {
    this.opening = this.opening.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.opening, chunk])
    if (this.opening.length < 8) return
    const [header, rest] = [this.opening.subarray(0, 8), this.opening.subarray(8)]
    this.opening = none
    const version = versionFor(header)
    if (version === null) {
      this.writer.raw(protocolHeader)
      return this.end()
    }
    this.advance('header')
    this.writer.method(0, 'connectionStart', startWords(version, this.node.peers.clusterName, this.peer))
    this.outputReady()
    if (rest.length > 0) this.receive(rest)
  }

  private connectionMethod(number: number, id: number, buf: Buffer, start: number, end: number): void {
    if (this.state === 'closing') {
      if (id === METHOD.connectionClose) this.answerClose()
      else if (id === METHOD.connectionCloseOk) this.end()
      return
    }
    if (this.state === 'running' && id === METHOD.connectionUpdateSecret) {
      this.writer.method(0, 'connectionUpdateSecretOk', {})
      return this.outputReady()
    }
    if (number !== 0) throw outOfPlace(FRAME_METHOD, buf.subarray(start - 4, end))
    const event = eventOf(id)
    if (event === undefined || transitions[this.state][event] === undefined)
      throw channelError(`unexpected method in connection state ${this.state}`)
    if (event === 'startOk') this.login(decodeAs('connectionStartOk', buf, start, end))
    else if (event === 'tuneOk') this.tune(decodeAs('connectionTuneOk', buf, start, end))
    else if (event === 'open') this.open(decodeAs('connectionOpen', buf, start, end).virtualHost)
    else this.answerClose()
  }

  private advance(event: ConnectionEvent): void {
    this.state = transitions[this.state][event] ?? this.state
  }

  private login(args: MethodArguments['connectionStartOk']): void {
    const { counts, definitions } = this.node
    const outcome = counts.login('amqp091', this.session.login(definitions, this.peer, args))
    if (outcome === 'silent') return this.fallSilent()
    if (outcome !== 'ok') return this.fail(outcome, 0)
    this.advance('startOk')
    this.writer.method(0, 'connectionTune', { ...offered })
    this.outputReady()
  }

  private tune(args: MethodArguments['connectionTuneOk']): void {
    if (!this.session.tune(args)) return this.fallSilent()
    this.reader.maxPayload = args.frameMax - 8
    this.pulse.start(args.heartbeat)
    this.advance('tuneOk')
  }

  private open(vhost: string): void {
    this.session.open(this.node.definitions, vhost, () => this.others())
    this.deadline?.cancel()
    this.advance('open')
    this.node.connections.set(this.id, this)
    this.writer.method(0, 'connectionOpenOk', {})
    this.outputReady()
  }

  private fallSilent(): void {
    this.state = 'silent'
    this.reader.stop()
    this.armDeadline(limits.silenceMs)
  }

  /**
   * The client closes: it may take its time to drop the socket (docs/observed.md §10). What it sends behind its close
   * is not read; a client that flushes its buffers late must still find the answer.
   */
  private answerClose(): void {
    this.release()
    this.state = 'closed'
    this.reader.stop()
    this.writer.method(0, 'connectionCloseOk', {})
    this.outputReady()
    const { heartbeatSeconds } = this.session
    this.armDeadline(heartbeatSeconds > 0 ? heartbeatSeconds * 1000 : limits.closingMs)
  }
}
