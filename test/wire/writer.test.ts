// Frames going out: their bytes, how bodies are split, and who owns what was taken.
import { describe, expect, test } from 'vitest'
import { emptyProperties } from '../../nodes/amqp/content.ts'
import { Writer } from '../../nodes/amqp/writer.ts'
import { frame, Seen } from './frames-seen.ts'

const properties = Buffer.from('100002', 'hex')

function output(write: (writer: Writer) => void): Buffer {
  const writer = new Writer()
  write(writer)
  return writer.take()!
}

function framesOf(bytes: Buffer): readonly string[] {
  const seen = new Seen()
  seen.reader.push(bytes)
  return seen.lines
}

describe('a writer', () => {
  test('writes ack, nack and heartbeat as RabbitMQ does', () => {
    expect(output((w) => w.ack(1, 7, false)).toString('hex')).toBe(
      '0100010000000d003c0050000000000000000700ce',
    )
    expect(output((w) => w.ack(2047, 2 ** 53 - 1, true)).toString('hex')).toBe(
      '0107ff0000000d003c0050001fffffffffffff01ce',
    )
    expect(output((w) => w.nack(1, 3, false)).toString('hex')).toBe(
      '0100010000000d003c0078000000000000000302ce',
    )
    expect(output((w) => w.nack(1, 3, true)).toString('hex')).toBe(
      '0100010000000d003c0078000000000000000303ce',
    )
    expect(output((w) => w.heartbeat()).toString('hex')).toBe('08000000000000ce')
  })

  test('writes content as RabbitMQ does, without a body frame when the body is empty', () => {
    const head = '0200010000000f003c0000000000000000'
    expect(output((w) => w.content(1, properties, Buffer.from('hello'), 4096)).toString('hex')).toBe(
      `${head}000005100002ce`.replace(head, '0200010000000f003c00000000000000') +
        '0300010000000568656c6c6fce',
    )
    expect(output((w) => w.content(1, emptyProperties, Buffer.alloc(0), 4096))).toEqual(
      frame(2, 1, Buffer.from('003c00000000000000000000' + '0000', 'hex')),
    )
  })

  test('delivers exactly what method and content write', () => {
    for (const [tag, exchange, key, body] of [
      ['ct', 'amq.topic', 'a.b', Buffer.from('x')],
      ['тег', '', 'ключ', Buffer.alloc(9000, 'y')],
      ['t'.repeat(255), 'e'.repeat(255), 'k'.repeat(255), Buffer.alloc(0)],
    ] as const) {
      const args = {
        consumerTag: tag,
        deliveryTag: 2 ** 40 + 1,
        redelivered: true,
        exchange,
        routingKey: key,
      }
      const expected = output((w) => {
        w.method(9, 'basicDeliver', args)
        w.content(9, properties, body, 4096)
      })
      const delivered = output((w) =>
        w.deliver(9, tag, 2 ** 40 + 1, true, exchange, key, properties, body, 4096),
      )
      expect(delivered.equals(expected)).toBe(true)
    }
  })

  test('delivers the same whether names repeat or one of them changes', () => {
    const rows = [
      [1, 'ct', 1, false, 'e', 'k'],
      [1, 'ct', 2, true, 'e', 'k'],
      [1, 'ct', 2 ** 32, false, 'e', 'k'],
      [1, 'ct', 4, true, 'e', 'k'],
      [2, 'ct', 1, false, 'e', 'k'],
      [2, 'ct', 2, true, 'e', 'k'],
      [2, 'тег', 3, true, 'e', 'k'],
      [2, 'тег', 4, false, 'e', 'k'],
      [2, 'тег', 5, false, 'e', 'other'],
      [2, 'тег', 6, false, '', 'other'],
      [2, 'тег', 7, false, '', 'other'],
      [2, 'тег', 8, false, '', 'other'],
      [2, 'тег', 9, false, 'e', 'other'],
    ] as const
    const plainly = new Writer()
    const hot = new Writer()
    for (const [channel, consumerTag, deliveryTag, redelivered, exchange, routingKey] of rows) {
      plainly.method(channel, 'basicDeliver', { consumerTag, deliveryTag, redelivered, exchange, routingKey })
      plainly.content(channel, properties, Buffer.of(1), 4096)
      hot.deliver(
        channel,
        consumerTag,
        deliveryTag,
        redelivered,
        exchange,
        routingKey,
        properties,
        Buffer.of(1),
        4096,
      )
    }
    expect(framesOf(hot.take()!)).toEqual(framesOf(plainly.take()!))
  })

  test.each([
    [10_000, 4096, [4088, 4088, 1824]],
    [4088, 4096, [4088]],
    [4089, 4096, [4088, 1]],
    [8176, 4096, [4088, 4088]],
    [1, 4096, [1]],
    [300_000, 131_072, [131_064, 131_064, 37_872]],
    [300_000, 0, [300_000]],
  ])('splits a body of %i bytes at frame_max %i into %j', (size, frameMax, parts) => {
    const body = Buffer.from(Array.from({ length: size }, (_, i) => i % 251))
    const bytes = output((w) => w.content(5, properties, body, frameMax))
    const seen = new Seen()
    seen.reader.maxPayload = 1_000_000
    seen.reader.push(bytes)
    const bodies = seen.lines.slice(1).map((line) => line.replace('body 5 ', ''))
    expect(seen.lines[0]).toBe(`header 5 003c0000${size.toString(16).padStart(16, '0')}100002`)
    expect(bodies.map((hex) => hex.length / 2)).toEqual(parts)
    expect(bodies.join('')).toBe(body.toString('hex'))
  })

  test('writes raw bytes between frames', () => {
    const bytes = output((w) => {
      w.raw(Buffer.from('AMQP\0\0\x09\x01'))
      w.heartbeat()
    })
    expect(bytes.toString('hex')).toBe('414d515000000901' + '08000000000000ce')
  })
})

describe('taken bytes', () => {
  test('are null when nothing was written, and counted until taken', () => {
    const writer = new Writer()
    expect([writer.length, writer.take()]).toEqual([0, null])
    writer.heartbeat()
    expect(writer.length).toBe(8)
    expect(writer.take()).toHaveLength(8)
    expect([writer.length, writer.take()]).toEqual([0, null])
  })

  test('are never touched again, whatever sizes follow', () => {
    const writer = new Writer()
    const taken: { bytes: Buffer; copy: string }[] = []
    for (let round = 0; round < 400; round++) {
      const body = Buffer.alloc((round * 7919) % 40_000, round)
      for (let i = 0; i <= round % 3; i++)
        writer.deliver(1, 'ct', round, false, 'e', 'k', properties, body, 4096)
      const bytes = writer.take()!
      taken.push({ bytes, copy: bytes.toString('latin1') })
    }
    expect(taken.filter(({ bytes, copy }) => bytes.toString('latin1') !== copy)).toEqual([])
    expect(framesOf(taken[3]!.bytes)[0]).toBe('method 1 60.60 026374' + '0000000000000003' + '000165016b')
  })

  test('of small writes share a buffer; after a burst no large one is kept for them', () => {
    const writer = new Writer()
    const small = () => {
      writer.heartbeat()
      return writer.take()!
    }
    expect(small().buffer).toBe(small().buffer)
    writer.raw(Buffer.alloc(1_000_000))
    writer.take()
    for (let i = 0; i < 100; i++) small()
    expect(small().buffer.byteLength).toBeLessThanOrEqual(16_384)
  })
})
