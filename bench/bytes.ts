// Bytes as a client sends them: publishes in one piece, and a whole session up to an open channel. Used by the micro benches.
import { encodeProperties } from '../nodes/amqp/content.ts'
import { emptyTable } from '../nodes/amqp/fields.ts'
import { Writer } from '../nodes/amqp/writer.ts'

const stretchBytes = 65_536
const frameMax = 131_072

/** As many persistent publishes as fill 64 kB. */
export function publishes(
  exchange: string,
  routingKey: string,
  size: number,
): { bytes: Buffer; count: number } {
  const writer = new Writer()
  const raw = encodeProperties({ deliveryMode: 2 })
  const body = Buffer.alloc(size)
  let count = 0
  do {
    writer.method(1, 'basicPublish', { exchange, routingKey, mandatory: false, immediate: false })
    writer.content(1, raw, body, frameMax)
    count++
  } while (writer.length < stretchBytes)
  return { bytes: Buffer.from(writer.take()!), count }
}

/** All that a client says until its channel is open, followed by what `more` writes on it. */
export function session(more: (writer: Writer) => void): Buffer {
  const writer = new Writer()
  writer.raw(Buffer.from('AMQP\x00\x00\x09\x01', 'latin1'))
  writer.method(0, 'connectionStartOk', {
    clientProperties: emptyTable,
    mechanism: 'PLAIN',
    response: Buffer.from('\0guest\0guest'),
    locale: 'en_US',
  })
  writer.method(0, 'connectionTuneOk', { channelMax: 16, frameMax, heartbeat: 0 })
  writer.method(0, 'connectionOpen', { virtualHost: '/' })
  writer.method(1, 'channelOpen', {})
  more(writer)
  return Buffer.from(writer.take()!)
}
