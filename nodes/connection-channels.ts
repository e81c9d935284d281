// The channels of one connection by number: those that are open, and those that the server has closed and whose close-ok
// is still to come. Kept by `connection`; it must never end a channel itself.

import type { Channel } from './channel.ts'

export class Channels {
  private readonly open = new Map<number, Channel>()
  private closing: Set<number> | null = null
  private last: Channel | undefined

  get size(): number {
    return this.open.size
  }

  values(): IterableIterator<Channel> {
    return this.open.values()
  }

  /** As they end with their connection: those that consume first, so that what the others return is delivered to none of them. */
  ending(): Channel[] {
    const consumes = ({ consumers }: Channel) => (consumers.byTag.size > 0 ? 1 : 0)
    return [...this.open.values()].sort((a, b) => consumes(b) - consumes(a))
  }

  /** The open channel of this number. Frames of one channel mostly come in a row. */
  find(number: number): Channel | undefined {
    if (this.last?.number !== number) this.last = this.open.get(number)
    return this.last
  }

  add(channel: Channel): void {
    this.open.set(channel.number, channel)
  }

  drop(channel: Channel): void {
    this.open.delete(channel.number)
    this.last = undefined
  }

  /** The server has closed the channel: the number is free again when the client has said so. */
  awaitCloseOk(number: number): void {
    this.closing ??= new Set()
    this.closing.add(number)
  }

  closedOk(number: number): void {
    this.closing?.delete(number)
  }

  isClosing(number: number): boolean {
    return this.closing?.has(number) ?? false
  }
}
