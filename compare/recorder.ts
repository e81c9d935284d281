// What the clients saw, message by message: when each was handed over, confirmed and delivered. Publisher and consumer
// write it, `verdict` reads it. It knows nothing of the broker and must never judge.

/** One delivery, in the order in which the consumer got them. */
export interface Delivery {
  readonly message: number
  readonly at: number
  /** Marked by the broker. */
  readonly redelivered: boolean
  /** It was sent by the publisher for the second time or later, because the first was not confirmed. */
  readonly republished: boolean
}

export class Recorder {
  /** By message, from 1: ms when the application handed it over, when it was first confirmed. */
  readonly publishedAt = new Map<number, number>()
  readonly confirmedAt = new Map<number, number>()
  readonly deliveries: Delivery[] = []
  /** How often a message was sent again. */
  republished = 0
  /** Refusals of publishes by the broker. */
  nacked = 0
  /** When the application stopped wanting more: the last message was due. */
  endedAt = 0

  published(message: number, at: number): void {
    this.publishedAt.set(message, at)
    this.endedAt = at
  }

  confirmed(message: number, at: number): void {
    if (!this.confirmedAt.has(message)) this.confirmedAt.set(message, at)
  }

  delivered(delivery: Delivery): void {
    this.deliveries.push(delivery)
  }
}
