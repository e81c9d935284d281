// Publishes encoded beforehand: a stretch of whole messages as bytes, in which only sequence numbers and times are filled in
// before it is written. That is what lets one thread publish faster than a broker reads. Used by the producer.

import { encodeProperties, type Properties } from '../../nodes/amqp/content.ts'
import { Writer } from '../../nodes/amqp/writer.ts'
import { putStamp, stampBytes } from './clock.ts'

export interface MessageForm {
  readonly exchange: string
  /** Taken in turn, message by message. */
  readonly keys: readonly string[]
  readonly mandatory: boolean
  readonly properties: Properties
  /** Bytes of a body; at least the 12 that sequence number and time need. */
  readonly size: number
}

/** Aim of one write, in bytes: large enough to be cheap, small enough that reading is not kept waiting. */
const stretchBytes = 65_536

export class Template {
  /** Messages in the stretch. */
  readonly count: number
  readonly #bytes: Buffer
  /** Where message i begins; one more for the end of the last. */
  readonly #begins: Int32Array
  readonly #bodies: Int32Array

  /** @param frameMax as negotiated, 0 for no limit */
  constructor(form: MessageForm, channel: number, frameMax: number) {
    const { exchange, keys, mandatory, properties } = form
    const raw = encodeProperties(properties)
    const body = Buffer.alloc(Math.max(form.size, stampBytes))
    const writer = new Writer()
    const begins = [0]
    const bodies: number[] = []
    const one = (routingKey: string) => {
      writer.method(channel, 'basicPublish', { exchange, routingKey, mandatory, immediate: false })
      // A header frame of 20 bytes with the properties, and the head of the first body frame.
      bodies.push(writer.length + 20 + raw.length + 7)
      writer.content(channel, raw, body, frameMax)
      begins.push(writer.length)
    }
    // Whole rounds over the keys, so that the first one follows the last.
    do for (const key of keys) one(key)
    while (writer.length + writer.length / bodies.length <= stretchBytes)
    this.#bytes = writer.take()!
    this.#begins = Int32Array.from(begins)
    this.#bodies = Int32Array.from(bodies)
    this.count = bodies.length
  }

  /** Bytes to fill in and write; they must be left alone until they are written. */
  copy(): Buffer {
    return Buffer.from(this.#bytes)
  }

  /** Fills in `count` messages of `copy` from number `from` on and returns them, ready to be written. */
  fill(copy: Buffer, from: number, count: number, sequence: number, stamp: number): Buffer {
    const bodies = this.#bodies
    for (let i = 0; i < count; i++) putStamp(copy, bodies[from + i]!, sequence + i, stamp)
    return copy.subarray(this.#begins[from]!, this.#begins[from + count]!)
  }
}
