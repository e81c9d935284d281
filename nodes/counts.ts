// What is counted as it happens, for statistics: an addition each, read by whoever shows them. No file of the core
// decides anything by them.

/** Of a channel since it was opened. What was confirmed follows from what is still unconfirmed. */
export interface ChannelCounts {
  published: number
  /** Unroutable: given back, as they were mandatory, or dropped. */
  returned: number
  dropped: number
  /** To consumers, those without acknowledgement included. */
  delivered: number
  deliveredNoAck: number
  redelivered: number
  acked: number
  /** By basic.get, those without acknowledgement included. */
  got: number
  gotNoAck: number
  getEmpty: number
}

export const newChannelCounts = (): ChannelCounts => ({
  published: 0,
  returned: 0,
  dropped: 0,
  delivered: 0,
  deliveredNoAck: 0,
  redelivered: 0,
  acked: 0,
  got: 0,
  gotNoAck: 0,
  getEmpty: 0,
})

/** Of channels and connections in one vhost that have gone. */
export interface EndedCounts extends ChannelCounts {
  confirmed: number
  receivedBytes: number
  sentBytes: number
}

const newEndedCounts = (): EndedCounts => ({
  ...newChannelCounts(),
  confirmed: 0,
  receivedBytes: 0,
  sentBytes: 0,
})

/** Of a node since its start: what went (what came is that and what is there), and what those that have gone had counted. */
export class NodeCounts {
  connectionsClosed = 0
  channelsClosed = 0
  /** Declarations that were answered, of queues that were there and of new ones. */
  queuesDeclared = 0
  queuesCreated = 0
  queuesDeleted = 0
  /** Dead letters that were sent on, by why they died. */
  readonly deadLettered = { expired: 0, maxlen: 0, rejected: 0 }
  /** By protocol. */
  readonly logins = new Map<string, { accepted: number; refused: number }>()
  /** By vhost. */
  readonly ended = new Map<string, EndedCounts>()

  /** Counts an attempt, and returns its `outcome`. */
  login<T>(protocol: string, outcome: T | 'ok'): T | 'ok' {
    const counts = this.logins.get(protocol) ?? { accepted: 0, refused: 0 }
    this.logins.set(protocol, counts)
    if (outcome === 'ok') counts.accepted++
    else counts.refused++
    return outcome
  }

  /** Of what has gone, vhost by vhost. */
  get endings(): Iterable<EndedCounts> {
    return this.ended.values()
  }

  /** Of what has gone in `vhost`; to be added to. */
  endedIn(vhost: string): EndedCounts {
    let counts = this.ended.get(vhost)
    if (counts === undefined) this.ended.set(vhost, (counts = newEndedCounts()))
    return counts
  }

  channelEnded(vhost: string, counts: ChannelCounts, confirmed: number): void {
    this.channelsClosed++
    const sum = this.endedIn(vhost)
    for (const name of Object.keys(counts) as (keyof ChannelCounts)[]) sum[name] += counts[name]
    sum.confirmed += confirmed
  }

  connectionEnded(vhost: string, { receivedBytes, sentBytes }: Traffic): void {
    this.connectionsClosed++
    const sum = this.endedIn(vhost)
    sum.receivedBytes += receivedBytes
    sum.sentBytes += sentBytes
  }
}

/** Bytes and chunks of one connection, either way. */
export class Traffic {
  receivedBytes = 0
  receivedChunks = 0
  sentBytes = 0
  sentChunks = 0

  received(bytes: number): void {
    this.receivedBytes += bytes
    this.receivedChunks++
  }

  sent(bytes: number): void {
    this.sentBytes += bytes
    this.sentChunks++
  }
}
