// Why a connection is not read for the moment: a memory alarm (docs/observed.md §15), or queues whose consumers fall
// behind its publishes. Kept by `connection`. It must never wait for a queue longer than its own patience, whatever the
// queue says or fails to say.

import type { FrameReader } from './amqp/frames.ts'
import type { Writer } from './amqp/writer.ts'
import { announces } from './connection-handshake.ts'
import type { Session } from './connection-session.ts'
import type { Loop, Timer } from './loop.ts'

/** In ms. Longer than queues wait for their consumers, so that they have judged before the next publish comes. */
const patienceMs = 250

/** The connection, as far as it is paused. */
export interface Pausable {
  readonly writer: Writer
  readonly session: Session
  outputReady(): void
}

export class Pause {
  /** It published under a memory alarm that is still on. */
  blocked = false
  private queues: Set<number> | null = null
  private readonly loop: Loop
  private readonly reader: FrameReader
  private readonly owner: Pausable
  private timer: Timer | null = null

  constructor(loop: Loop, reader: FrameReader, owner: Pausable) {
    this.loop = loop
    this.reader = reader
    this.owner = owner
  }

  /** The state of a running connection in RabbitMQ's words; `alarm`: there is one. */
  name(alarm: boolean): string {
    if (this.blocked) return 'blocked'
    if (alarm) return 'blocking'
    return this.flow ? 'flow' : 'running'
  }

  /** Nothing here speaks against reading. */
  get reads(): boolean {
    return !this.blocked && !this.flow
  }

  /** Held back by queues. */
  get flow(): boolean {
    return this.queues !== null && this.queues.size > 0
  }

  /** Consumers of the queue `id` fall behind, or have caught up. */
  queue(id: number, stop: boolean): void {
    if (stop) {
      this.queues ??= new Set()
      if (this.queues.size === 0)
        this.timer = this.loop.atPeer(this.loop.peerNow + patienceMs, () => this.end())
      this.queues.add(id)
    } else if (this.queues?.delete(id) && this.queues.size === 0) this.end()
  }

  /** A content header came under the alarm: nothing behind it is read until the alarm is over, and the client is told. */
  block(): void {
    if (this.blocked) return
    this.blocked = true
    this.reader.pause()
    const { writer, session } = this.owner
    if (!announces(session.clientProperties, 'connection.blocked')) return
    writer.method(0, 'connectionBlocked', { reason: 'low on memory' })
    this.owner.outputReady()
  }

  /** The alarm is over. False when this was not blocked. */
  unblock(): boolean {
    if (!this.blocked) return false
    this.stop()
    const { writer, session } = this.owner
    if (announces(session.clientProperties, 'connection.blocked')) writer.method(0, 'connectionUnblocked', {})
    this.owner.outputReady()
    return true
  }

  /** Nothing is waited for any more. */
  stop(): void {
    this.timer?.cancel()
    this.queues?.clear()
    this.blocked = false
    this.reader.resume()
  }

  private end(): void {
    this.timer?.cancel()
    this.queues?.clear()
    this.owner.outputReady()
  }
}
