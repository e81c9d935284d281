// Bytes that no client should send, over real sockets: the connection that sends them pays, and nobody else notices.
import { describe, expect, test } from 'vitest'
import { randomStream } from '../../nodes/loop.ts'
import { frameBytes, headerBytes, methodBytes, PROTOCOL_HEADER, Wire } from '../broker/wire.ts'
import { until } from '../support/clients.ts'
import { stage } from './support.ts'

const broker = stage()
const url = () => broker.node(1).url

function randomBytes(seed: number, length: number): Buffer {
  const chance = randomStream(seed, 'bytes')
  return Buffer.from(Array.from({ length }, () => Math.floor(chance() * 256)))
}

describe('instead of a protocol header', () => {
  test.each<[string, Buffer]>([
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['a TLS hello', Buffer.from('16030100c8010000c40303', 'hex')],
    ['zeros', Buffer.alloc(64)],
    ['AMQP of another version', Buffer.from('AMQP\x00\x01\x00\x00', 'latin1')],
    ['a header that is one letter off', Buffer.from('AMQX\x00\x00\x09\x01', 'latin1')],
    ['64 kB of noise', randomBytes(1, 65_536)],
  ])('%s is answered with the supported version and a close', async (_what, bytes) => {
    const wire = await Wire.connect(url())
    wire.write(bytes)
    expect(await wire.closed()).toEqual(['Protocol'])
    await broker.calm()
  })

  test('half a header and a closed socket leave nothing behind', async () => {
    const wires = await Promise.all(Array.from({ length: 20 }, () => Wire.connect(url())))
    for (const [i, wire] of wires.entries()) {
      if (i % 8 > 0) wire.write(PROTOCOL_HEADER.subarray(0, i % 8))
      wire.destroy()
    }
    await broker.calm()
  })
})

describe('in place of a handshake', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'noise after the protocol header ends the connection (seed %i)',
    async (seed) => {
      const wire = await Wire.connect(url())
      wire.write(PROTOCOL_HEADER)
      await wire.expect('ConnectionStart')
      wire.write(randomBytes(seed, 4096))
      wire.write(frameBytes(1, 0, Buffer.alloc(4)))
      await until('the connection is not open', () => broker.opened(1).length === 0)
      wire.destroy()
      await broker.calm()
    },
  )

  test('a start-ok that is never finished, then silence and a closed socket', async () => {
    const wire = await Wire.connect(url())
    wire.write(PROTOCOL_HEADER)
    await wire.expect('ConnectionStart')
    wire.write(frameBytes(1, 0, Buffer.alloc(2000)).subarray(0, 1000))
    await broker.roundTrip()
    wire.destroy()
    await broker.calm()
  })
})

describe('on an open connection', () => {
  test('noise closes it', async () => {
    for (let seed = 1; seed <= 50; seed++) {
      const wire = await Wire.open(url())
      wire.write(randomBytes(seed, 1 + seed * 40))
      wire.destroy()
    }
    await broker.calm()
  })

  test('noise in well-formed frames closes it', async () => {
    const chance = randomStream(2, 'frames')
    for (let seed = 1; seed <= 50; seed++) {
      const wire = await Wire.open(url())
      const type = 1 + Math.floor(chance() * 3)
      for (let i = 0; i < 20; i++)
        wire.write(
          frameBytes(type, Math.floor(chance() * 3), randomBytes(seed * 100 + i, Math.floor(chance() * 200))),
        )
      wire.destroy()
    }
    await broker.calm()
  })

  test.each<[string, Buffer]>([
    ['a frame that announces 4 GB', Buffer.from('01000100ffffffff'.slice(0, 14), 'hex')],
    ['a frame over frame_max', frameBytes(3, 1, Buffer.alloc(140_000))],
    ['an unknown frame type', frameBytes(9, 1, Buffer.from('x'))],
    ['a wrong frame end', frameBytes(1, 1, Buffer.alloc(8), 0)],
  ])('%s is refused with 501', async (_what, bytes) => {
    const wire = await Wire.open(url())
    wire.write(Buffer.concat([bytes, Buffer.alloc(16)]))
    expect((await wire.refused('ConnectionClose')).code).toBe(501)
    await broker.roundTrip()
    wire.destroy()
    await broker.calm()
  })

  test('a message that announces 2^62 bytes is refused without room being made for it', async () => {
    const wire = await Wire.open(url())
    const before = process.memoryUsage().rss
    wire.method(1, 'BasicPublish', { routingKey: 'witness' })
    const header = headerBytes(1, 1)
    header.writeBigUInt64BE(2n ** 62n, 11)
    wire.write(header)
    expect((await wire.refused('ChannelClose')).code).toBe(406)
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000)
    wire.destroy()
    await broker.calm()
  })

  test('a message of 100 MB of which nothing comes costs nothing', async () => {
    const before = process.memoryUsage().arrayBuffers
    const wires = await Promise.all(Array.from({ length: 20 }, () => Wire.open(url())))
    for (const wire of wires) {
      wire.method(1, 'BasicPublish', { routingKey: 'witness' })
      wire.write(headerBytes(1, 100_000_000))
    }
    const waiting = () =>
      broker.opened(1).filter(({ channels }) => channels.find(1)?.publisher.expecting === 'body')
    await until('all wait for the body', () => waiting().length === 20)
    await broker.roundTrip()
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000)
    for (const wire of wires) wire.destroy()
    await broker.calm()
  })

  test('a table nested thousands deep is refused, whatever carries it', async () => {
    let nested: Buffer = Buffer.from([0x56])
    for (let depth = 0; depth < 12_000; depth++) {
      const head = Buffer.alloc(5)
      head.write('A')
      head.writeUInt32BE(nested.length, 1)
      nested = Buffer.concat([head, nested])
      if (nested.length > 60_000) break
    }
    const table = Buffer.concat([Buffer.from([1, 0x61]), nested])
    const length = Buffer.alloc(4)
    length.writeUInt32BE(table.length)
    const declare = Buffer.concat([
      Buffer.from([0, 50, 0, 10, 0, 0, 4, 0x64, 0x65, 0x65, 0x70, 0]),
      length,
      table,
    ])
    const wire = await Wire.open(url())
    wire.write(frameBytes(1, 1, declare))
    await wire.next()
    const other = await Wire.open(url())
    other.method(1, 'BasicPublish', { exchange: 'amq.headers', routingKey: '' })
    const properties = Buffer.concat([Buffer.from([0x20, 0]), length, table])
    const header = Buffer.alloc(12)
    header.writeUInt16BE(60, 0)
    other.write(frameBytes(2, 1, Buffer.concat([header, properties])))
    await broker.roundTrip()
    wire.destroy()
    other.destroy()
    const { channel } = broker.witness
    await channel.deleteQueue('deep')
    await broker.calm()
  })

  test('half a frame and a closed socket leave nothing behind', async () => {
    const whole = methodBytes(1, 'QueueDeclare', { queue: 'half', exclusive: true })
    for (let cut = 1; cut < whole.length; cut++) {
      const wire = await Wire.open(url())
      wire.write(whole.subarray(0, cut))
      wire.destroy()
    }
    await broker.calm()
  })

  test('a socket closed in the midst of a publish stores nothing', async () => {
    await broker.witness.channel.assertQueue('target', { exclusive: true })
    const parts = [
      methodBytes(1, 'BasicPublish', { routingKey: 'target' }),
      headerBytes(1, 20),
      frameBytes(3, 1, Buffer.alloc(10)),
      frameBytes(3, 1, Buffer.alloc(10)),
    ]
    const whole = Buffer.concat(parts)
    for (let cut = 1; cut < whole.length; cut += 3) {
      const wire = await Wire.open(url())
      wire.write(whole.subarray(0, cut))
      wire.destroy()
    }
    await until('they are gone', () => broker.opened(1).length === 0)
    expect((await broker.witness.channel.checkQueue('target')).messageCount).toBe(0)
    await broker.witness.channel.deleteQueue('target')
    await broker.calm()
  })
})
