// One published message: immutable, shared by every queue, mirror and channel that holds it. Content properties stay the
// raw bytes the publisher sent; only what the broker itself acts on is decoded. What it says never changes; where its body
// lies changes once.

/** Small bodies lie side by side in slabs: a view of its own costs a message as much as its body. */
const slabBytes = 8192
const ownFrom = slabBytes / 4
let slab = Buffer.alloc(0)
let slabUsed = 0

export class Message {
  /** Exchange and routing key as published, returned unchanged to every consumer. */
  readonly exchange: string
  readonly routingKey: string
  /** Property flags and values exactly as sent (AMQP 0-9-1 §4.2.6.1), without class, weight and size. */
  readonly properties: Buffer
  /** Where the body lies: until `keep` perhaps in what the socket read. */
  private source: Buffer
  private at = 0
  /** Bytes of the body. */
  readonly size: number
  /** delivery-mode 2. */
  readonly persistent: boolean
  /** 0–255; 0 when absent. */
  readonly priority: number
  /** The `expiration` property in ms; -1 when absent. */
  readonly expirationMs: number
  private kept: boolean

  /** `kept`: the body is nobody else's, and as large as it says. */
  constructor(
    exchange: string,
    routingKey: string,
    properties: Buffer,
    body: Buffer,
    persistent: boolean,
    priority: number,
    expirationMs: number,
    kept = true,
  ) {
    this.exchange = exchange
    this.routingKey = routingKey
    this.properties = properties
    this.source = body
    this.size = body.length
    this.persistent = persistent
    this.priority = priority
    this.expirationMs = expirationMs
    this.kept = kept
  }

  /**
   * To be called by whoever holds the message beyond the turn. What goes straight to a consumer is never copied; what
   * stays must not hold on to the 64 kB that it came with.
   */
  keep(): void {
    if (this.kept) return
    this.kept = true
    const { source, size } = this
    if (size > ownFrom) {
      this.source = Buffer.allocUnsafeSlow(size)
      this.source.set(source)
      return
    }
    if (slabUsed + size > slab.length) {
      slab = Buffer.allocUnsafeSlow(slabBytes)
      slabUsed = 0
    }
    slab.set(source, slabUsed)
    this.source = slab
    this.at = slabUsed
    slabUsed += size
  }

  /** The content's body; a view, made anew by each call once the message is kept. */
  get body(): Buffer {
    const { source, at, size } = this
    return size === source.length ? source : source.subarray(at, at + size)
  }
}

/** A message's place in one queue. `id` orders a queue's messages by publishing and names them on every replica. */
export class Entry {
  readonly id: number
  readonly message: Message
  /** In ms of `loop.now`; Infinity when it never expires. */
  readonly expiresAt: number
  /** Level in a priority queue; 0 elsewhere. */
  readonly level: number
  redelivered = false
  /** True once the node's store was told of it, so that its removal must be told too. */
  stored = false
  /** Whom it is delivered to while unacknowledged; null while ready or fetched by basic.get. */
  consumer: object | null = null

  constructor(id: number, message: Message, expiresAt: number, level: number) {
    this.id = id
    this.message = message
    this.expiresAt = expiresAt
    this.level = level
  }
}
