// Content properties against RabbitMQ's bytes: decoded, encoded, and scanned without decoding.
import { describe, expect, test } from 'vitest'
import {
  decodeProperties,
  emptyProperties,
  encodeProperties,
  newScan,
  type Properties,
  scannedHeaders,
  scanProperties,
} from '../../nodes/amqp/content.ts'
import { MalformedError, type Table } from '../../nodes/amqp/fields.ts'
import { thrown } from './frames-seen.ts'

const headers: Table = new Map([['h', { type: 'longstr', value: 'v' }]])

const everything: Properties = {
  contentType: 'text/plain',
  contentEncoding: 'gzip',
  headers,
  deliveryMode: 2,
  priority: 5,
  correlationId: 'c1',
  replyTo: 'rt',
  expiration: '1000',
  messageId: 'm1',
  timestamp: 1700000000,
  type: 'ty',
  userId: 'guest',
  appId: 'app',
  clusterId: 'cl',
}

/** Properties and the bytes RabbitMQ 3.10.8 makes of them. */
const recorded: readonly (readonly [string, Properties, string])[] = [
  ['none', {}, '0000'],
  ['delivery mode', { deliveryMode: 2 }, '100002'],
  ['content type and delivery mode', { contentType: 'a/b', deliveryMode: 1 }, '900003612f6201'],
  [
    'all',
    everything,
    'fffc0a746578742f706c61696e04677a697000000008016853000000017602050263310272740431303030026d31' +
      '000000006553f1000274790567756573740361707002636c',
  ],
]

const raw = (hex: string) => Buffer.from(hex, 'hex')

function scan(bytes: Buffer) {
  const into = newScan()
  scanProperties(bytes, into)
  return into
}

describe('properties', () => {
  test.each(recorded)('%s are written as RabbitMQ writes them', (_, properties, hex) => {
    expect(encodeProperties(properties).toString('hex')).toBe(hex)
  })

  test.each(recorded)('%s are read from RabbitMQ’s bytes', (_, properties, hex) => {
    expect(decodeProperties(raw(hex))).toEqual(properties)
  })

  test.each(recorded)(
    '%s are refused, by decoding and scanning, when cut short or followed by a byte',
    (_, __, hex) => {
      const bytes = raw(`${hex}00`)
      for (let end = 0; end <= bytes.length; end++) {
        if (end === bytes.length - 1) continue
        const part = bytes.subarray(0, end)
        expect([end, thrown(() => decodeProperties(part)) instanceof MalformedError]).toEqual([end, true])
        expect([end, scan(part).ok]).toEqual([end, false])
      }
    },
  )

  test.each(Object.keys(everything) as (keyof Properties)[])('%s alone goes there and back', (name) => {
    const bytes = encodeProperties({ [name]: everything[name] })
    expect(decodeProperties(bytes)).toEqual({ [name]: everything[name] })
    expect(scan(bytes).ok).toBe(true)
  })

  test('of every combination come back byte for byte', () => {
    const names = Object.keys(everything) as (keyof Properties)[]
    for (let set = 0; set < 1 << names.length; set += 7) {
      const chosen = Object.fromEntries(
        names.filter((_, i) => set & (1 << i)).map((name) => [name, everything[name]]),
      )
      const bytes = encodeProperties(chosen)
      if (!encodeProperties(decodeProperties(bytes)).equals(bytes))
        expect(decodeProperties(bytes)).toEqual(chosen)
      if (!scan(bytes).ok) expect([set, 'scanned']).toEqual([set, 'not ok'])
    }
  })

  test('ignore the two lowest flag bits, as RabbitMQ does', () => {
    expect(decodeProperties(raw('0003'))).toEqual({})
    expect(scan(raw('100302'))).toMatchObject({ ok: true, deliveryMode: 2 })
  })

  test('give text that is not UTF-8 back as the very bytes it came in', () => {
    const bytes = raw(`8000ff61${'e9'.repeat(254)}`)
    expect(decodeProperties(bytes).contentType).toHaveLength(255)
    expect(encodeProperties(decodeProperties(bytes))).toEqual(bytes)
    const keys = raw('20000000000402e98056')
    expect(encodeProperties(decodeProperties(keys))).toEqual(keys)
  })

  test('keep text of high and low surrogates apart from such bytes', () => {
    const properties = { contentType: '\u{1f480}é' }
    expect(decodeProperties(encodeProperties(properties))).toEqual(properties)
  })

  test('without any are the two zero flags', () => {
    expect(encodeProperties({})).toBe(emptyProperties)
    expect(emptyProperties).toEqual(Buffer.alloc(2))
  })
})

describe('a scan', () => {
  test('finds what a broker looks at', () => {
    const bytes = encodeProperties(everything)
    const found = scan(bytes)
    expect(found).toMatchObject({
      ok: true,
      deliveryMode: 2,
      priority: 5,
      expiration: '1000',
      replyTo: 'rt',
      userId: 'guest',
      hasHeaders: true,
    })
    expect(bytes.toString('hex', found.headersStart, found.headersEnd)).toBe('0000000801685300000001' + '76')
    expect(scannedHeaders(bytes, found)).toEqual(headers)
  })

  test('forgets the message before', () => {
    const into = newScan()
    scanProperties(encodeProperties(everything), into)
    scanProperties(emptyProperties, into)
    expect(into).toEqual({ ...newScan(), ok: true })
    expect(into.priority).toBe(-1)
    expect(scannedHeaders(emptyProperties, into)).toBeUndefined()
  })

  test('gives empty text as text', () => {
    expect(scan(encodeProperties({ expiration: '', replyTo: '' }))).toMatchObject({
      expiration: '',
      replyTo: '',
    })
  })

  test('does not look inside the header table', () => {
    const bytes = raw('2000' + '00000002' + '0161')
    const found = scan(bytes)
    expect(found.ok).toBe(true)
    expect(() => scannedHeaders(bytes, found)).toThrow(MalformedError)
  })

  test('refuses a header table that claims more than there is', () => {
    expect(scan(raw('2000' + 'ffffffff' + '0161')).ok).toBe(false)
  })
})
