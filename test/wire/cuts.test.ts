// A conversation is the same however the network cuts it.
import { describe, expect, test, vi } from 'vitest'
import { frame, Seen } from './frames-seen.ts'
import { recordedMethods, recordedStart } from './recorded.ts'

const header = Buffer.from('003c000000000000000003e9900003612f6201', 'hex')
/** The start frame, every method of the dialect, two messages and heartbeats between them. */
const conversation = Buffer.concat([
  frame(1, 0, recordedStart),
  frame(8, 0, ''),
  ...recordedMethods.map(({ bytes }, index) => frame(1, index, bytes)),
  frame(2, 1, header),
  frame(3, 1, Buffer.alloc(1000, 'abc')),
  frame(8, 0, ''),
  frame(3, 1, 'z'),
  frame(2, 2, header),
  frame(3, 2, ''),
])

function read(chunks: readonly Buffer[]): readonly string[] {
  const seen = new Seen()
  for (const chunk of chunks) seen.reader.push(chunk)
  return seen.lines
}

const whole = read([conversation])

/** A copy that shares its memory with other bytes and does not begin where the memory does. */
function pooled(bytes: Buffer): Buffer {
  const pool = Buffer.alloc(bytes.length + 100, 0xce)
  bytes.copy(pool, 37)
  return pool.subarray(37, 37 + bytes.length)
}

describe('a conversation', () => {
  test('is delivered frame by frame', () => {
    expect(whole).toHaveLength(recordedMethods.length + 8)
    expect(whole[0]).toBe(`method 0 10.10 ${recordedStart.toString('hex', 4)}`)
  })

  test('reads the same when cut in two at any byte', () => {
    for (let cut = 0; cut <= conversation.length; cut++) {
      const lines = read([conversation.subarray(0, cut), conversation.subarray(cut)])
      if (lines.join() !== whole.join()) expect([cut, lines]).toEqual([cut, whole])
    }
  })

  test.each([1, 2, 3, 5, 6, 7, 8, 9, 13, 64, 997, 1500])('reads the same in pieces of %i bytes', (size) => {
    const chunks: Buffer[] = []
    for (let at = 0; at < conversation.length; at += size) chunks.push(conversation.subarray(at, at + size))
    expect(read(chunks)).toEqual(whole)
  })

  test('reads the same with empty chunks between its bytes', () => {
    expect(read([...conversation].flatMap((byte) => [Buffer.of(byte), Buffer.alloc(0)]))).toEqual(whole)
  })

  test('reads the same from chunks that lie anywhere in a pool', () => {
    const cut = 700
    expect(read([pooled(conversation.subarray(0, cut)), pooled(conversation.subarray(cut))])).toEqual(whole)
  })

  test('does not mind its chunks being overwritten after each push', () => {
    const seen = new Seen()
    const chunk = Buffer.alloc(50)
    for (let at = 0; at < conversation.length; at += chunk.length) {
      const length = conversation.copy(chunk, 0, at)
      seen.reader.push(chunk.subarray(0, length))
      chunk.fill(0xff)
    }
    expect(seen.lines).toEqual(whole)
  })
})

test('a large frame that trickles in byte by byte takes few, bounded allocations', () => {
  const seen = new Seen()
  const bytes = frame(3, 1, Buffer.alloc(131_064, 'x'))
  const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow')
  for (let at = 0; at < bytes.length; at++) seen.reader.push(bytes.subarray(at, at + 1))
  const sizes = allocate.mock.calls.map(([size]) => size)
  allocate.mockRestore()
  expect(seen.lines).toHaveLength(1)
  expect(sizes.length).toBeGreaterThan(3)
  expect(Math.max(...sizes)).toBe(bytes.length)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(3 * bytes.length)
})

test('a head that announces a large payload does not make the reader allocate it', () => {
  const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow')
  new Seen().reader.push(Buffer.from('030001' + '0001fff8', 'hex'))
  const sizes = allocate.mock.calls.map(([size]) => size)
  allocate.mockRestore()
  expect(sizes).toEqual([256])
})
