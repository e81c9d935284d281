// One published message: immutable, shared by every queue, mirror and channel that holds it. Content properties stay the
// raw bytes the publisher sent; only what the broker itself acts on is decoded. What it says never changes; where its body
// lies changes once.

export class Message {
  /** Exchange and routing key as published, returned unchanged to every consumer. */
  readonly exchange: string
  readonly routingKey: string
  /** Property flags and values exactly as sent (AMQP 0-9-1 §4.2.6.1), without class, weight and size. */
  readonly properties: Buffer
  /** Until `keep` perhaps a view of what the socket read. */
  body: Buffer
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
    this.body = body
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
    const own = Buffer.allocUnsafe(this.body.length)
    own.set(this.body)
    this.body = own
    this.kept = true
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
