// Methods against the bytes of RabbitMQ's own encoder, and what is refused.
import { describe, expect, test } from 'vitest'
import { MalformedError } from '../../nodes/amqp/fields.ts'
import {
  decodeAck,
  decodeAs,
  decodeMethod,
  decodePublish,
  METHOD,
  METHOD_ROWS,
  type MethodArguments,
  type MethodName,
  methodLabel,
  methodName,
  UnknownMethodError,
} from '../../nodes/amqp/methods.ts'
import { Writer } from '../../nodes/amqp/writer.ts'
import { frame, thrown } from './frames-seen.ts'
import { recordedMethods, recordedStart } from './recorded.ts'

const names = Object.keys(METHOD_ROWS) as MethodName[]

function written<N extends MethodName>(name: N, args: MethodArguments[N]): Buffer {
  const writer = new Writer()
  writer.method(3, name, args)
  return writer.take()!
}

describe('each method of the dialect', () => {
  test('is recorded once', () => {
    expect(recordedMethods.map(({ name }) => name).toSorted()).toEqual(names.toSorted())
  })

  test.each(recordedMethods)('$name is written as RabbitMQ writes it', ({ name, args, bytes }) => {
    expect(written(name, args as never).toString('hex')).toBe(frame(1, 3, bytes).toString('hex'))
  })

  test.each(recordedMethods)(
    '$name is read from RabbitMQ’s bytes, reserved fields left out',
    ({ name, args, bytes }) => {
      expect(bytes.readUInt32BE(0)).toBe(METHOD[name])
      const decoded = decodeMethod(METHOD[name], bytes, 4, bytes.length)
      expect(decoded).toEqual(args)
      expect(Object.keys(decoded).filter((field) => field.startsWith('reserved'))).toEqual([])
    },
  )

  test.each(recordedMethods)(
    '$name is refused when cut short anywhere or followed by a byte',
    ({ name, bytes }) => {
      for (let end = 4; end < bytes.length; end++) {
        expect(thrown(() => decodeMethod(METHOD[name], bytes, 4, end))).toBeInstanceOf(MalformedError)
      }
      const longer = Buffer.concat([bytes, Buffer.of(0)])
      expect(thrown(() => decodeMethod(METHOD[name], longer, 4, longer.length))).toBeInstanceOf(
        MalformedError,
      )
    },
  )

  test.each(names)('%s is known by its id', (name) => {
    expect(methodName(METHOD[name])).toBe(name)
  })
})

test.each([
  ['basicPublish', 'basic.publish'],
  ['queueDeclareOk', 'queue.declare-ok'],
  ['basicGetEmpty', 'basic.get-empty'],
  ['connectionUpdateSecretOk', 'connection.update-secret-ok'],
] as const)('%s is shown as %s', (name, label) => {
  expect(methodLabel(METHOD[name])).toBe(label)
})

test.each([
  [0x0032_0063, '50.99'],
  [0, '0.0'],
  [0x003c_00d0, '60.208'],
  [0x013c_0028, '316.40'],
  [0xffff_ffff, '65535.65535'],
])('method id %i is unknown', (id, label) => {
  expect(methodName(id)).toBeUndefined()
  expect(methodLabel(id)).toBe(label)
  expect(thrown(() => decodeMethod(id, Buffer.alloc(0), 0, 0))).toBeInstanceOf(UnknownMethodError)
})

test('connection.start of RabbitMQ 3.10.8 is read and written back byte for byte', () => {
  const start = decodeAs('connectionStart', recordedStart, 4, recordedStart.length)
  expect(start.mechanisms).toBe('PLAIN AMQPLAIN')
  expect([...start.serverProperties.keys()]).toEqual([
    'capabilities',
    'cluster_name',
    'copyright',
    'information',
    'platform',
    'product',
    'version',
  ])
  expect(written('connectionStart', start)).toEqual(frame(1, 3, recordedStart))
})

describe('arguments that do not fit', () => {
  const refusal = (id: number, hex: string) => {
    const bytes = Buffer.from(hex, 'hex')
    const error = thrown(() => decodeMethod(id, bytes, 0, bytes.length))
    expect(error).toBeInstanceOf(MalformedError)
    return (error as MalformedError).text
  }

  test.each([
    ['queueDeclare', '0000c801', 'FRAME_ERROR - cannot decode <<0,0,200,1>>'],
    ['basicAck', '00000000000000000100', 'FRAME_ERROR - cannot decode <<0,0,0,0,0,0,0,0,1,0>>'],
    ['channelCloseOk', '01', 'FRAME_ERROR - cannot decode <<1>>'],
    [
      'queueUnbind',
      '0000000000000000060101010101',
      'FRAME_ERROR - cannot decode <<0,0,0,0,0,0,0,0,6,1,1,1,1,1>>',
    ],
    ['basicCancel', '01c801', 'FRAME_ERROR - Malformed UTF-8 in shortstr'],
  ] as const)('give RabbitMQ’s text for %s %s', (name, hex, text) => {
    expect(refusal(METHOD[name], hex)).toBe(text)
  })

  test('give no text where the fault is inside a table, which RabbitMQ does not answer', () => {
    expect(refusal(METHOD.queueUnbind, '0000000000000000050101010101')).toBe('')
  })

  test('never reach beyond their end, even when the buffer goes on', () => {
    const bytes = Buffer.from(`0000c801${'61'.repeat(300)}`, 'hex')
    expect(() => decodeMethod(METHOD.queueDeclare, bytes, 0, 4)).toThrow(MalformedError)
  })
})

test('bits beyond the known ones are ignored', () => {
  const bytes = Buffer.from('0000000000000001ff', 'hex')
  expect(decodeAs('basicAck', bytes, 0, 9)).toEqual({ deliveryTag: 1, multiple: true })
})

describe('basic.publish read into a reused object', () => {
  const args = { exchange: '', routingKey: '', mandatory: false, immediate: false }
  const publish = (exchange: Buffer | string, key: Buffer | string, bits: number) => {
    const parts = [Buffer.from(exchange), Buffer.from(key)].flatMap((part) => [Buffer.of(part.length), part])
    return Buffer.concat([Buffer.alloc(2), ...parts, Buffer.of(bits)])
  }

  test.each([
    ['', '', 0],
    ['amq.topic', 'a.b.c', 1],
    ['e', 'ключ', 2],
    ['é'.repeat(127), 'k'.repeat(255), 3],
  ] as const)('%j with key %j and bits %i as decodeMethod reads it, twice', (exchange, key, bits) => {
    const bytes = publish(exchange, key, bits)
    for (let round = 0; round < 2; round++) {
      decodePublish(bytes, 0, bytes.length, args)
      expect(args).toEqual(decodeAs('basicPublish', bytes, 0, bytes.length))
      expect(args).toEqual({
        exchange,
        routingKey: key,
        mandatory: (bits & 1) > 0,
        immediate: (bits & 2) > 0,
      })
    }
  })

  test('tells names apart that share length, first, middle and last letter', () => {
    for (const name of ['axcxe', 'aycxe', 'axcye', 'aycye', 'axcxe', 'axcxf']) {
      const bytes = publish(name, name.toUpperCase(), 0)
      decodePublish(bytes, 0, bytes.length, args)
      expect([args.exchange, args.routingKey]).toEqual([name, name.toUpperCase()])
    }
  })

  test('refuses Latin-1 bytes whose characters were just seen as UTF-8', () => {
    for (let code = 0x80; code <= 0xff; code++) {
      const good = publish(String.fromCharCode(code), '', 0)
      decodePublish(good, 0, good.length, args)
      const bad = publish(Buffer.of(code), '', 0)
      expect(() => decodePublish(bad, 0, bad.length, args)).toThrow(MalformedError)
    }
  })

  test('refuses what is cut short anywhere or followed by a byte', () => {
    const bytes = publish('exchange', 'key', 1)
    for (let end = 0; end < bytes.length; end++) {
      expect(() => decodePublish(bytes, 0, end, args)).toThrow(MalformedError)
    }
    const longer = Buffer.concat([bytes, Buffer.of(0)])
    expect(() => decodePublish(longer, 0, longer.length, args)).toThrow('basic.publish')
  })
})

test('basic.ack is read into a reused object, with RabbitMQ’s refusal of a wrong length', () => {
  const args = { deliveryTag: 0, multiple: false }
  decodeAck(Buffer.from('ff0000000100000002ff', 'hex'), 1, 10, args)
  expect(args).toEqual({ deliveryTag: 4294967298, multiple: true })
  const error = thrown(() => decodeAck(Buffer.alloc(8), 0, 8, args)) as MalformedError
  expect(error.text).toBe('FRAME_ERROR - cannot decode <<0,0,0,0,0,0,0,0>>')
})

describe('a reply text', () => {
  const close = { replyCode: 404, classId: 0, methodId: 0 }
  const replyText = (text: string) => {
    const bytes = written('channelClose', { ...close, replyText: text })
    return decodeAs('channelClose', bytes, 11, bytes.length - 1).replyText
  }

  test('of 255 bytes is sent whole, a longer one as 252 bytes and three dots', () => {
    expect(replyText('x'.repeat(255))).toBe('x'.repeat(255))
    expect(replyText('x'.repeat(256))).toBe(`${'x'.repeat(252)}...`)
  })

  test('is not cut inside a character', () => {
    expect(replyText(`a${'é'.repeat(200)}`)).toBe(`a${'é'.repeat(125)}...`)
  })
})

test('a name too long is refused and leaves no half frame behind', () => {
  const writer = new Writer()
  writer.heartbeat()
  const args = { queue: 'q'.repeat(256), nowait: false }
  expect(() => writer.method(1, 'queuePurge', args)).toThrow(RangeError)
  expect(() =>
    writer.deliver(1, 'é'.repeat(128), 1, false, '', '', Buffer.alloc(2), Buffer.alloc(0), 4096),
  ).toThrow(RangeError)
  writer.method(0, 'connectionTuneOk', { channelMax: 0, frameMax: 0, heartbeat: 0 })
  expect(writer.take()!.toString('hex')).toBe('08000000000000ce' + '0100000000000c000a001f0000000000000000ce')
})
