// What a client sees of the server: parses all it is sent and complains of what no server may send, such as frames on a
// channel that is not open, half a message, tags out of order or a second confirm. One per connection. It must accept
// whatever a correct broker does, however wild the client.

import { decodeProperties } from '../nodes/amqp/content.ts'
import { FrameReader, type FrameSink } from '../nodes/amqp/frames.ts'
import { decodeMethod, METHOD, methodLabel } from '../nodes/amqp/methods.ts'
import type { Coverage } from './coverage.ts'

interface SeenChannel {
  lastTag: number
  /** All confirms up to here are in; single ones beyond it. */
  confirmedUpTo: number
  readonly confirmed: Set<number>
  /** Content that is due: -1 for the header, else bytes of body; null for none. */
  due: number | null
}

const contentMethods = new Set<number>([METHOD.basicDeliver, METHOD.basicGetOk, METHOD.basicReturn])

export class ClientView implements FrameSink {
  readonly complaints: string[] = []
  /** Deliveries and confirms seen, for the witness. */
  deliveries = 0
  confirms = 0
  /** The reply-to of the last message that came with one. */
  replyTo = ''
  private readonly reader: FrameReader
  private readonly coverage: Coverage | null
  private readonly channels = new Map<number, SeenChannel>()
  /** Closes the server has sent and nobody has answered: channels, 0 for the connection. */
  unanswered: number[] = []
  private headerSeen = false
  private closing = false

  constructor(coverage: Coverage | null) {
    this.reader = new FrameReader(this)
    this.coverage = coverage
  }

  /** Bytes from the server. */
  push(bytes: Buffer): void {
    // A protocol header instead of frames is the answer to a wrong one; nothing follows.
    if (!this.headerSeen && bytes.length >= 8 && bytes.toString('latin1', 0, 4) === 'AMQP') return
    this.headerSeen = true
    try {
      this.reader.push(bytes)
    } catch (error) {
      this.complaints.push(`the server sent what cannot be read: ${(error as Error).message}`)
    }
  }

  method(channel: number, id: number, buf: Buffer, start: number, end: number): void {
    this.coverage?.answered(id)
    const closes = id === METHOD.channelClose || id === METHOD.connectionClose
    // A reply text shows what the client sent, which need not be UTF-8 (docs/observed.md §12).
    const args = closes
      ? closeArguments(buf, start, end)
      : (decodeMethod(id, buf, start, end) as unknown as Record<string, number>)
    if (this.closing && id !== METHOD.connectionCloseOk)
      this.complain(id, channel, 'after its close of the connection')
    if (channel === 0) return this.connectionMethod(id, args)
    if (id === METHOD.channelOpenOk) return this.opened(channel)
    const seen = this.channels.get(channel)
    if (seen === undefined) {
      if (id !== METHOD.channelCloseOk) this.complain(id, channel, 'on a channel that is not open')
      return
    }
    if (seen.due !== null) this.complain(id, channel, 'within a message')
    if (id === METHOD.channelClose || id === METHOD.channelCloseOk) this.channels.delete(channel)
    if (id === METHOD.channelClose) {
      this.unanswered.push(channel)
      this.closed('channel', args)
    }
    if (contentMethods.has(id)) seen.due = -1
    if (id === METHOD.basicDeliver || id === METHOD.basicGetOk) this.delivered(seen, args['deliveryTag']!)
    if (id === METHOD.basicAck || id === METHOD.basicNack)
      this.confirmed(seen, args['deliveryTag']!, Boolean(args['multiple']))
  }

  header(channel: number, buf: Buffer, start: number, end: number): void {
    const seen = this.channels.get(channel)
    if (seen === undefined || seen.due !== -1)
      return void this.complaints.push('a content header out of turn')
    const size = buf.readUInt32BE(start + 8)
    seen.due = size === 0 ? null : size
    if (end - start > 14 && ((buf[start + 12]! << 8) & 0x200) !== 0)
      this.noteReply(buf.subarray(start + 12, end))
  }

  body(channel: number, _buf: Buffer, start: number, end: number): void {
    const seen = this.channels.get(channel)
    if (seen?.due == null || seen.due < end - start)
      return void this.complaints.push('a body frame out of turn')
    seen.due -= end - start
    if (seen.due === 0) seen.due = null
  }

  heartbeat(): void {
    if (this.closing) this.complaints.push('a heartbeat after the close of the connection')
  }

  private connectionMethod(id: number, args: Record<string, number>): void {
    if (id === METHOD.connectionClose) {
      this.unanswered.push(0)
      this.closed('connection', args)
    }
    if (id === METHOD.connectionClose || id === METHOD.connectionCloseOk) {
      this.closing = true
      this.channels.clear()
    }
  }

  private closed(scope: 'channel' | 'connection', args: Record<string, number>): void {
    this.coverage?.closed(scope, args['replyCode']!, (args['classId']! << 16) | args['methodId']!)
  }

  private opened(channel: number): void {
    if (this.channels.has(channel)) this.complaints.push(`channel ${channel} opened twice`)
    this.channels.set(channel, { lastTag: 0, confirmedUpTo: 0, confirmed: new Set(), due: null })
  }

  /** Tags go up by one; a direct reply shows the next one without using it up (docs/observed.md §5.4). */
  private delivered(seen: SeenChannel, tag: number): void {
    this.deliveries++
    if (tag < seen.lastTag || tag > seen.lastTag + 1 || tag < 1)
      this.complaints.push(`delivery tag ${tag} after ${seen.lastTag}`)
    seen.lastTag = tag
  }

  private confirmed(seen: SeenChannel, tag: number, multiple: boolean): void {
    this.confirms++
    if (tag < 1 || tag <= seen.confirmedUpTo || (!multiple && seen.confirmed.has(tag)))
      this.complaints.push(`publish ${tag} confirmed again, after all up to ${seen.confirmedUpTo}`)
    seen.confirmed.add(tag)
    if (multiple) seen.confirmedUpTo = tag
    while (seen.confirmed.delete(seen.confirmedUpTo + 1)) seen.confirmedUpTo++
  }

  private noteReply(raw: Buffer): void {
    try {
      this.replyTo = decodeProperties(raw).replyTo ?? this.replyTo
    } catch {
      // The publisher's own malformed properties, handed on as they are.
    }
  }

  private complain(id: number, channel: number, how: string): void {
    this.complaints.push(`${methodLabel(id)} on channel ${channel} ${how}`)
  }
}

const closeArguments = (buf: Buffer, start: number, end: number): Record<string, number> => ({
  replyCode: buf.readUInt16BE(start),
  classId: buf.readUInt16BE(end - 4),
  methodId: buf.readUInt16BE(end - 2),
})
