// The codec against amqplib's, an encoder and decoder written by other people: each reads what the other writes.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decodeProperties, encodeProperties } from '../../nodes/amqp/content.ts'
import { plain, type Table } from '../../nodes/amqp/fields.ts'
import { METHOD, type MethodArguments, type MethodName } from '../../nodes/amqp/methods.ts'
import { Writer } from '../../nodes/amqp/writer.ts'
import { recordedMethods } from './recorded.ts'

interface Definitions {
  encodeMethod(id: number, channel: number, fields: Record<string, unknown>): Buffer
  encodeProperties(id: number, channel: number, size: number, fields: Record<string, unknown>): Buffer
  decode(id: number, bytes: Buffer): Record<string, unknown>
  info(id: number): { name: string } | undefined
}

const require = createRequire(import.meta.url)
// The tables are no part of its public interface, hence the way round through its entry point.
const amqplib = require(join(dirname(require.resolve('amqplib')), 'lib/defs.js')) as Definitions
const classBasic = 60

function written<N extends MethodName>(name: N, args: MethodArguments[N]): Buffer {
  const writer = new Writer()
  writer.method(1, name, args)
  return writer.take()!
}

/** Arguments as amqplib wants them: plain tables, and bytes it does not know how to write as text left out. */
function foreign(args: object): Record<string, unknown> {
  const entries = Object.entries(args).map(([name, value]) => {
    return [name, value instanceof Map ? plain(value as Table) : value]
  })
  return Object.fromEntries(entries)
}

/** amqplib writes small integers as `byte`, we write the type we are given. */
function asByte(args: object): object {
  const table: Table = new Map([['x-n', { type: 'byte', value: 5 }]])
  const entries = Object.entries(args).map(([name, value]) => {
    return [name, value instanceof Map && value.size > 0 ? table : value]
  })
  return Object.fromEntries(entries)
}

const shared = recordedMethods.filter(({ name }) => amqplib.info(METHOD[name]) !== undefined)

describe('amqplib', () => {
  test('knows nearly all of the dialect', () => {
    expect(shared.length).toBeGreaterThanOrEqual(recordedMethods.length - 2)
  })

  test.each(shared)('writes the same bytes for $name', ({ name, args }) => {
    const fields = foreign(args)
    if (name === 'connectionOpen') fields['capabilities'] = ''
    if (name === 'connectionStart') {
      fields['mechanisms'] = Buffer.from('PLAIN AMQPLAIN')
      fields['locales'] = Buffer.from('en_US')
    }
    const theirs = amqplib.encodeMethod(METHOD[name], 1, fields)
    expect(theirs.toString('hex')).toBe(written(name, asByte(args) as never).toString('hex'))
  })

  test.each(shared)('reads our bytes for $name', ({ name, args }) => {
    const bytes = written(name, args as never)
    const fields = amqplib.decode(METHOD[name], bytes.subarray(11, -1))
    for (const [field, value] of Object.entries(foreign(args))) {
      const read = fields[field]
      expect([field, Buffer.isBuffer(read) && !Buffer.isBuffer(value) ? read.toString() : read]).toEqual([
        field,
        value,
      ])
    }
  })

  test('writes the same content header', () => {
    const properties = {
      contentType: 'application/json',
      contentEncoding: 'utf8',
      deliveryMode: 2,
      priority: 9,
      correlationId: 'c',
      replyTo: 'r',
      expiration: '5',
      messageId: 'm',
      timestamp: 1700000000,
      type: 't',
      userId: 'u',
      appId: 'a',
    }
    const theirs = amqplib.encodeProperties(classBasic, 1, 5, {
      ...properties,
      headers: { k: 'v', n: [1, true] },
    })
    const raw = theirs.subarray(19, -1)
    const headers: Table = new Map([
      ['k', { type: 'longstr', value: 'v' }],
      [
        'n',
        {
          type: 'array',
          value: [
            { type: 'byte', value: 1 },
            { type: 'bool', value: true },
          ],
        },
      ],
    ])
    expect(decodeProperties(raw)).toEqual({ ...properties, headers })
    const writer = new Writer()
    writer.content(1, encodeProperties({ ...properties, headers }), Buffer.from('12345'), 4096)
    expect(writer.take()!.toString('hex')).toBe(`${theirs.toString('hex')}030001000000053132333435ce`)
  })
})
