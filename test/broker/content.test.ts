// Headers and bodies come back as they were sent, whatever they hold and however they were cut
// (docs/observed.md §10).

import { describe, expect, it } from 'vitest'
import { getOne, publish } from '../support/clients.ts'
import { session } from './session.ts'
import { type Fields, frameBytes, headerBytes, methodBytes, type Wire } from './wire.ts'

const at = session('content')

async function queueOf(wire: Wire): Promise<string> {
  const ok = await wire.call(
    1,
    'QueueDeclare',
    { queue: '', exclusive: true, arguments: {} },
    'QueueDeclareOk',
  )
  return ok['queue'] as string
}

/** Sends one message as raw header payload and body pieces, and gets it back on another connection or the same. */
async function echo(wire: Wire, header: Buffer, pieces: Buffer[], reader = wire) {
  const queue = reader === wire ? await queueOf(wire) : await at.sharedQueue()
  await wire.call(1, 'ConfirmSelect', {}, 'ConfirmSelectOk')
  wire.method(1, 'BasicPublish', { exchange: '', routingKey: queue })
  wire.write(frameBytes(2, 1, header))
  for (const piece of pieces) wire.write(frameBytes(3, 1, piece))
  await wire.expect('BasicAck')
  reader.method(1, 'BasicGet', { queue, noAck: true })
  return reader.message('BasicGetOk')
}

/** A header payload: class, weight, size, flags and the property bytes that follow. */
function rawHeader(size: number, flags: number, properties: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(14)
  head.writeUInt16BE(60, 0)
  head.writeBigUInt64BE(BigInt(size), 4)
  head.writeUInt16BE(flags, 12)
  return Buffer.concat([head, properties])
}

/** The payload of a header frame made from decoded properties. */
const headerOf = (size: number, properties: Fields): Buffer =>
  headerBytes(1, size, properties).subarray(7, -1)

/** A table from entries that are bytes already: name, type letter, value. */
function table(entries: readonly (readonly [string, string, string])[]): Buffer {
  const parts = entries.map(([name, kind, hex]) =>
    Buffer.concat([Buffer.from([name.length]), Buffer.from(name + kind), Buffer.from(hex, 'hex')]),
  )
  const body = Buffer.concat(parts)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return Buffer.concat([length, body])
}

const HEADERS_FLAG = 0x2000
const KINDS = [
  ['boolean true', 't', '01'],
  ['boolean false', 't', '00'],
  ['signed 8 bit', 'b', 'ff'],
  ['unsigned 8 bit', 'B', 'ff'],
  ['signed 16 bit', 's', '8001'],
  ['unsigned 16 bit', 'u', '8001'],
  ['signed 32 bit', 'I', '80000001'],
  ['unsigned 32 bit', 'i', '80000001'],
  ['signed 64 bit', 'l', '8000000000000001'],
  ['float', 'f', '3fc00000'],
  ['double', 'd', '3ff8000000000000'],
  ['decimal', 'D', '02000000ff'],
  ['text', 'S', '00000003e29c93'],
  ['empty text', 'S', '00000000'],
  ['bytes', 'x', '0000000300ff7f'],
  ['array', 'A', '000000056201740056'],
  ['empty array', 'A', '00000000'],
  ['timestamp', 'T', '0000000065f0a1b2'],
  ['table', 'F', '00000004016b7401'],
  ['empty table', 'F', '00000000'],
  ['nothing', 'V', ''],
] as const

describe('a header value comes back byte for byte:', () => {
  it.each(KINDS)('%s (%s)', async (_, kind, hex) => {
    const wire = await at.wire()
    const header = rawHeader(0, HEADERS_FLAG, table([['k', kind, hex]]))
    expect((await echo(wire, header, [])).header.toString('hex')).toBe(header.toString('hex'))
  })

  it('all of them together, in their order', async () => {
    const wire = await at.wire()
    const entries = KINDS.map(([name, kind, hex]) => [name, kind, hex] as const).reverse()
    const header = rawHeader(0, HEADERS_FLAG, table(entries))
    expect((await echo(wire, header, [])).header.toString('hex')).toBe(header.toString('hex'))
  })

  it('a name used twice', async () => {
    const wire = await at.wire()
    const header = rawHeader(
      0,
      HEADERS_FLAG,
      table([
        ['k', 't', '01'],
        ['k', 'b', '05'],
      ]),
    )
    expect((await echo(wire, header, [])).header.toString('hex')).toBe(header.toString('hex'))
  })
})

const PROPERTIES: [string, unknown][] = [
  ['contentType', 'text/plain'],
  ['contentEncoding', 'gzip'],
  ['headers', { a: 1, b: 'two' }],
  ['deliveryMode', 2],
  ['priority', 9],
  ['correlationId', 'c'],
  ['replyTo', 'r'],
  ['expiration', '600000'],
  ['messageId', 'm'],
  ['timestamp', 1_700_000_000],
  ['type', 't'],
  ['userId', 'guest'],
  ['appId', 'a'],
  ['clusterId', 'k'],
]

describe('the properties of a message', () => {
  it.each(PROPERTIES)('%s comes back alone', async (name, value) => {
    const wire = await at.wire()
    const header = headerOf(0, { [name]: value })
    const got = await echo(wire, header, [])
    expect(got.header.toString('hex')).toBe(header.toString('hex'))
    expect(got.properties[name]).toEqual(value)
  })

  it('come back all together', async () => {
    const wire = await at.wire()
    const header = headerOf(0, Object.fromEntries(PROPERTIES))
    expect((await echo(wire, header, [])).header.toString('hex')).toBe(header.toString('hex'))
  })

  it('may be none at all', async () => {
    const wire = await at.wire()
    const header = rawHeader(0, 0)
    expect((await echo(wire, header, [])).header.toString('hex')).toBe(header.toString('hex'))
  })

  it('may fill most of a frame', async () => {
    const queue = await at.queue()
    const headers = { long: 'x'.repeat(60_000), list: Array.from({ length: 500 }, (_, i) => i) }
    await publish(at.channel, '', queue, 'x', { headers })
    expect((await getOne(at.channel, queue)).properties.headers).toEqual(headers)
  })
})

describe('a body', () => {
  it('that is empty has no body frame', async () => {
    const wire = await at.wire()
    const queue = await queueOf(wire)
    wire.publish(1, { exchange: '', routingKey: queue })
    wire.method(1, 'BasicGet', { queue, noAck: true })
    wire.method(1, 'BasicGet', { queue, noAck: true })
    const names = [await wire.next(), await wire.next(), await wire.next()].map((frame) => frame.name)
    expect(names).toEqual(['BasicGetOk', 'Header', 'BasicGetEmpty'])
  })

  it('of any bytes comes back the same', async () => {
    const queue = await at.queue()
    const body = Buffer.from(Array.from({ length: 1024 }, (_, i) => i % 256))
    await publish(at.channel, '', queue, body)
    expect((await getOne(at.channel, queue)).content.equals(body)).toBe(true)
  })

  it.each([1, 4088, 131_063, 131_064, 131_065, 1_000_000])(
    'of %i bytes comes back the same',
    async (size) => {
      const queue = await at.queue()
      const body = Buffer.alloc(size, 'abcdefghij')
      await publish(at.channel, '', queue, body)
      expect((await getOne(at.channel, queue)).content.equals(body)).toBe(true)
    },
  )

  it('may be sent in any pieces, also empty ones', async () => {
    const wire = await at.wire()
    const pieces = ['a', '', 'bc', 'd', ''].map((text) => Buffer.from(text))
    const { body } = await echo(wire, rawHeader(4, 0), pieces.slice(0, 4))
    expect(Buffer.concat(body).toString()).toBe('abcd')
  })

  it("is cut by the reader's frame size, not by the publisher's", async () => {
    const writer = await at.wire({ frameMax: 131_072 })
    const reader = await at.wire({ frameMax: 4096 })
    const { body } = await echo(writer, rawHeader(10_000, 0), [Buffer.alloc(10_000, 'x')], reader)
    expect(body.map((piece) => piece.length)).toEqual([4088, 4088, 1824])
  })

  it('cut small by the publisher is joined for a reader with large frames', async () => {
    const writer = await at.wire({ frameMax: 4096 })
    const reader = await at.wire({ frameMax: 131_072 })
    const pieces = Array.from({ length: 5 }, () => Buffer.alloc(2000, 'x'))
    const { body } = await echo(writer, rawHeader(10_000, 0), pieces, reader)
    expect(body.map((piece) => piece.length)).toEqual([10_000])
  })

  it('that exactly fills a frame is one frame', async () => {
    const wire = await at.wire({ frameMax: 4096 })
    const { body } = await echo(wire, rawHeader(4088, 0), [Buffer.alloc(4088, 'x')])
    expect(body.map((piece) => piece.length)).toEqual([4088])
  })

  it('may be interleaved with frames of another channel', async () => {
    const wire = await at.wire()
    const queue = await queueOf(wire)
    await wire.call(2, 'ChannelOpen', {}, 'ChannelOpenOk')
    const publishOn = (channel: number) =>
      methodBytes(channel, 'BasicPublish', { exchange: '', routingKey: queue })
    wire.write(publishOn(1))
    wire.write(publishOn(2))
    for (const channel of [1, 2]) wire.write(headerBytes(channel, 4))
    for (const channel of [1, 2, 1, 2])
      wire.write(frameBytes(3, channel, Buffer.from(`${channel}${channel}`)))
    const bodies: string[] = []
    for (const channel of [1, 2]) {
      wire.method(channel, 'BasicGet', { queue, noAck: true })
      bodies.push(Buffer.concat((await wire.message('BasicGetOk')).body).toString())
    }
    expect(bodies.sort()).toEqual(['1111', '2222'])
  })

  it('may arrive byte by byte', async () => {
    const wire = await at.wire()
    const queue = await queueOf(wire)
    const bytes = Buffer.concat([
      methodBytes(1, 'BasicPublish', { exchange: '', routingKey: queue }),
      headerBytes(1, 3, { messageId: 'm' }),
      frameBytes(3, 1, Buffer.from('abc')),
    ])
    for (const byte of bytes) wire.write(Buffer.from([byte]))
    wire.method(1, 'BasicGet', { queue, noAck: true })
    const { properties, body } = await wire.message('BasicGetOk')
    expect([properties['messageId'], ...body.map(String)]).toEqual(['m', 'abc'])
  })
})
