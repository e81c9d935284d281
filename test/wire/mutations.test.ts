// Bytes changed by chance, from a fixed seed: whatever arrives, only the codec's own errors may be thrown and no
// decoder may read beyond its frame.
import { expect, test } from 'vitest'
import {
  decodeProperties,
  encodeProperties,
  newScan,
  scannedHeaders,
  scanProperties,
} from '../../nodes/amqp/content.ts'
import { MalformedError, type Table, tableBytes } from '../../nodes/amqp/fields.ts'
import { FrameReader, WireError } from '../../nodes/amqp/frames.ts'
import {
  decodeAck,
  decodeMethod,
  decodePublish,
  METHOD,
  UnknownMethodError,
} from '../../nodes/amqp/methods.ts'
import { frame } from './frames-seen.ts'
import { recordedMethods, recordedStart } from './recorded.ts'

const rounds = 200_000

/** A small generator with a period long enough for this: xorshift of 32 bits. */
function chance(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

const headers: Table = new Map([
  ['CC', { type: 'array', value: [{ type: 'longstr', value: 'a' }] }],
  ['t', { type: 'table', value: new Map([['d', { type: 'double', value: 1.5 }]]) }],
  ['b', { type: 'binary', value: Buffer.of(1, 2) }],
])
const properties = encodeProperties({
  contentType: 'a/b',
  headers,
  priority: 1,
  expiration: '5',
  userId: 'u',
})
const contentHead = Buffer.concat([Buffer.from('003c00000000000000000005', 'hex'), properties])

const samples: readonly Buffer[] = [
  ...recordedMethods.map(({ bytes }) => frame(1, 1, bytes)),
  frame(1, 1, recordedStart),
  Buffer.concat([frame(2, 1, contentHead), frame(3, 1, 'hello'), frame(8, 0, '')]),
  frame(1, 1, Buffer.concat([Buffer.from('0032000a00000171' + '00', 'hex'), tableBytes(headers)])),
]

/** Small integers and lengths do more harm than evenly spread bytes. */
const nasty = [0, 1, 2, 4, 7, 8, 9, 0x7f, 0x80, 0xce, 0xfe, 0xff, 0x41, 0x46, 0x53]

function mutate(bytes: Buffer, pick: (below: number) => number): Buffer {
  const copy = Buffer.from(bytes)
  const changes = 1 + pick(3)
  for (let i = 0; i < changes; i++) {
    const value = pick(2) === 0 ? pick(256) : nasty[pick(nasty.length)]!
    // Most changes fall behind the frame's head, which would only make the frame too large.
    copy[pick(8) === 0 ? pick(copy.length) : Math.min(copy.length - 1, 7 + pick(copy.length))] = value
  }
  return pick(10) === 0 ? copy.subarray(0, pick(copy.length)) : copy
}

test(`${rounds} mutated streams throw nothing but the codec's own errors`, () => {
  const pick = chance(20_221_010)
  const counts = { fine: 0, WireError: 0, MalformedError: 0, UnknownMethodError: 0 }
  const publish = { exchange: '', routingKey: '', mandatory: false, immediate: false }
  const ack = { deliveryTag: 0, multiple: false }
  const scan = newScan()
  const sink = {
    method(_: number, id: number, buf: Buffer, start: number, end: number) {
      if (id === METHOD.basicPublish) decodePublish(buf, start, end, publish)
      if (id === METHOD.basicAck) decodeAck(buf, start, end, ack)
      decodeMethod(id, buf, start, end)
    },
    header(_: number, buf: Buffer, start: number, end: number) {
      const raw = buf.subarray(start + 12, end)
      scanProperties(raw, scan)
      if (scan.ok) scannedHeaders(raw, scan)
      decodeProperties(raw)
      if (!scan.ok) throw new Error('decoded but not scanned')
    },
    body() {},
    heartbeat() {},
  }
  for (let round = 0; round < rounds; round++) {
    const bytes = mutate(samples[pick(samples.length)]!, pick)
    const reader = new FrameReader(sink)
    const cut = pick(bytes.length + 1)
    try {
      reader.push(bytes.subarray(0, cut))
      reader.push(bytes.subarray(cut))
      counts.fine++
    } catch (error) {
      if (error instanceof WireError) counts.WireError++
      else if (error instanceof MalformedError) counts.MalformedError++
      else if (error instanceof UnknownMethodError) counts.UnknownMethodError++
      else throw new Error(`round ${round}: ${bytes.toString('hex')}`, { cause: error })
    }
  }
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(rounds / 100)
})

test('basic.publish and basic.ack are refused by hand exactly when their rows refuse them', () => {
  const pick = chance(7)
  const publish = { exchange: '', routingKey: '', mandatory: false, immediate: false }
  const ack = { deliveryTag: 0, multiple: false }
  const accepts = (run: () => void) => {
    try {
      run()
      return 'accepted'
    } catch (error) {
      return (error as MalformedError).text
    }
  }
  for (let round = 0; round < 20_000; round++) {
    const bytes = Buffer.from(Array.from({ length: pick(14) }, () => (pick(3) === 0 ? pick(256) : pick(5))))
    const end = bytes.length
    expect(accepts(() => decodePublish(bytes, 0, end, publish))).toBe(
      accepts(() => decodeMethod(METHOD.basicPublish, bytes, 0, end)),
    )
    expect(accepts(() => decodeAck(bytes, 0, end, ack))).toBe(
      accepts(() => decodeMethod(METHOD.basicAck, bytes, 0, end)),
    )
  }
})
