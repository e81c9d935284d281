// What the frame reader accepts and refuses, with RabbitMQ's texts.
import { describe, expect, test } from 'vitest'
import { FrameReader, WireError } from '../../nodes/amqp/frames.ts'
import { frame, Seen, thrown } from './frames-seen.ts'

const ack = Buffer.from('003c0050000000000000000700', 'hex')
const header = Buffer.from('003c000000000000000000051000' + '02', 'hex')

function refusal(bytes: Buffer, maxPayload = 131_064): WireError {
  const seen = new Seen()
  seen.reader.maxPayload = maxPayload
  const error = thrown(() => seen.reader.push(bytes))
  expect(error).toBeInstanceOf(WireError)
  expect(seen.lines).toEqual([])
  return error as WireError
}

describe('a frame reader', () => {
  test('delivers method, header, body and heartbeat frames with their channel and place', () => {
    const seen = new Seen()
    seen.reader.push(
      Buffer.concat([frame(1, 1, ack), frame(2, 0x0102, header), frame(3, 2047, 'hello'), frame(8, 0, '')]),
    )
    expect(seen.lines).toEqual([
      'method 1 60.80 000000000000000700',
      'header 258 003c0000000000000000000510' + '0002',
      'body 2047 68656c6c6f',
      'heartbeat',
    ])
  })

  test('reads the frame bytes of the specification, written by hand', () => {
    const seen = new Seen()
    seen.reader.push(
      Buffer.from('08000000000000ce' + '0100010000000400' + '140029ce' + '0300020000000161ce', 'hex'),
    )
    expect(seen.lines).toEqual(['heartbeat', 'method 1 20.41 ', 'body 2 61'])
  })

  test('delivers an empty body frame and a method without arguments', () => {
    const seen = new Seen()
    seen.reader.push(Buffer.concat([frame(3, 1, ''), frame(1, 1, Buffer.from('003c000b', 'hex'))]))
    expect(seen.lines).toEqual(['body 1 ', 'method 1 60.11 '])
  })

  test('never touches the bytes of a body again, wherever the stream was cut', () => {
    const stream = Buffer.concat(['first', 'second', 'third'].map((text) => frame(3, 1, text.repeat(20))))
    for (let cut = 1; cut < stream.length; cut++) {
      const views: Buffer[] = []
      const reader = new FrameReader({
        method() {},
        header() {},
        body: (_channel, buf, start, end) => void views.push(buf.subarray(start, end)),
        heartbeat() {},
      })
      reader.push(Buffer.from(stream.subarray(0, cut)))
      reader.push(Buffer.from(stream.subarray(cut)))
      expect(views.map(String)).toEqual(['first', 'second', 'third'].map((text) => text.repeat(20)))
    }
  })

  test('stops inside a callback: nothing after that frame is delivered, nor anything pushed later', () => {
    const seen = new Seen()
    seen.react = (line) => line === 'body 1 61'
    seen.reader.push(Buffer.concat([frame(3, 1, 'a'), frame(3, 1, 'b'), Buffer.from([3, 0])]))
    seen.reader.push(frame(3, 1, 'c'))
    expect(seen.lines).toEqual(['body 1 61'])
  })

  test('goes on after an exception of its sink with the frame after it', () => {
    const seen = new Seen()
    seen.react = (line) => {
      if (line === 'body 1 61') throw new Error('from the sink')
      return false
    }
    const rest = frame(3, 1, 'c')
    const chunk = Buffer.concat([frame(3, 1, 'a'), frame(3, 1, 'b'), rest.subarray(0, 4)])
    expect(() => seen.reader.push(chunk)).toThrow('from the sink')
    seen.reader.push(rest.subarray(4))
    expect(seen.lines).toEqual(['body 1 61', 'body 1 62', 'body 1 63'])
  })
})

describe('a frame that breaks the rules is refused as RabbitMQ does', () => {
  test.each([
    ['unknown type', frame(9, 1, 'x'), 501, 'FRAME_ERROR - type 9, all octets = <<"x">>: unknown_frame'],
    [
      'wrong end octet',
      frame(1, 1, Buffer.from([0, 20, 0, 20, 1]), 0),
      501,
      'FRAME_ERROR - type 1, all octets = <<0,20,0,20,1>>: {invalid_frame_end_marker,0}',
    ],
    [
      'wrong end octet behind a long payload, where Erlang breaks the line',
      frame(1, 1, Buffer.alloc(40, 1), 100),
      501,
      'FRAME_ERROR - type 1, first 16 octets = <<1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1>>: ' +
        `{invalid_frame_end_marker,\n${' '.repeat(64)}100}`,
    ],
    [
      'wrong end octet where the line is just short enough',
      frame(1, 1, 'ABCDEFGHIJKLMNOPQ', 1),
      501,
      'FRAME_ERROR - type 1, first 16 octets = <<"ABCDEFGHIJKLMNOP">>: {invalid_frame_end_marker,1}',
    ],
    [
      'wrong end octet where one character more breaks it',
      frame(1, 1, 'ABCDEFGHIJKLMNOPQ', 10),
      501,
      'FRAME_ERROR - type 1, first 16 octets = <<"ABCDEFGHIJKLMNOP">>: ' +
        `{invalid_frame_end_marker,\n${' '.repeat(51)}10}`,
    ],
    [
      'text that needs escapes',
      frame(9, 0, 'a"\\\n\t\x1b\xa0'),
      501,
      'FRAME_ERROR - type 9, all octets = <<"a\\"\\\\\\n\\t\\eÂ\xa0">>: unknown_frame',
    ],
    [
      'method too short for its id',
      frame(1, 1, 'abc'),
      501,
      'FRAME_ERROR - type 1, all octets = <<"abc">>: unknown_frame',
    ],
    [
      'header too short for its size',
      frame(2, 1, Buffer.alloc(11)),
      501,
      'FRAME_ERROR - type 2, all octets = <<0,0,0,0,0,0,0,0,0,0,0>>: unknown_frame',
    ],
    [
      'heartbeat with a payload',
      frame(8, 0, '!'),
      501,
      'FRAME_ERROR - type 8, all octets = <<"!">>: unknown_frame',
    ],
    ['heartbeat on a channel', frame(8, 1, ''), 505, 'UNEXPECTED_FRAME - type 8, all octets = <<>>'],
    ['body on channel 0', frame(3, 0, 'x'), 505, 'UNEXPECTED_FRAME - type 3, all octets = <<"x">>'],
    [
      'header on channel 0',
      frame(2, 0, header),
      505,
      'UNEXPECTED_FRAME - type 2, all octets = <<0,60,0,0,0,0,0,0,0,0,0,5,16,0,2>>',
    ],
  ])('%s', (_, bytes, code, text) => {
    const error = refusal(bytes)
    expect({ code: error.code, text: error.text, method: error.method }).toEqual({ code, text, method: 0 })
    expect(error.channel).toBe(bytes.readUInt16BE(1))
  })

  test.each([
    [140_000, 131_064, 'FRAME_ERROR - type 3, all octets = <<>>: {frame_too_large,140000,131064}'],
    [5000, 4088, 'FRAME_ERROR - type 3, all octets = <<>>: {frame_too_large,5000,4088}'],
  ])('a payload of %i bytes where %i are allowed, known from its head alone', (size, maxPayload, text) => {
    const head = frame(3, 1, '').subarray(0, 7)
    head.writeUInt32BE(size, 3)
    expect(refusal(head, maxPayload)).toMatchObject({ code: 501, text, channel: 1 })
  })

  test('a payload may use up the whole frame_max, as RabbitMQ allows, and one byte more is too large', () => {
    const seen = new Seen()
    seen.reader.maxPayload = 4088
    seen.reader.push(frame(3, 1, Buffer.alloc(4096)))
    expect(seen.lines).toHaveLength(1)
    expect(refusal(frame(3, 1, Buffer.alloc(4097)), 4088).text).toContain('{frame_too_large,4097,4088}')
  })

  test('the limit set in a callback holds for the very next frame', () => {
    const seen = new Seen()
    seen.react = () => {
      seen.reader.maxPayload = 4088
      return false
    }
    const bytes = Buffer.concat([frame(3, 1, 'a'), frame(3, 1, Buffer.alloc(5000))])
    expect(() => seen.reader.push(bytes)).toThrow('frame_too_large,5000,4088')
  })

  test('after a size or end octet that cannot be believed nothing more is read', () => {
    const seen = new Seen()
    expect(() => seen.reader.push(frame(3, 1, 'a', 0))).toThrow(WireError)
    seen.reader.push(frame(3, 1, 'b'))
    expect(seen.lines).toEqual([])
  })

  test('after a frame without meaning the rest is read, so that close-ok is seen, and such frames are skipped', () => {
    const seen = new Seen()
    const closeOk = frame(1, 0, Buffer.from('000a0033', 'hex'))
    expect(() => seen.reader.push(Buffer.concat([frame(9, 1, 'x'), frame(9, 1, 'y')]))).toThrow(WireError)
    seen.reader.push(Buffer.concat([frame(3, 0, 'z'), closeOk]))
    expect(seen.lines).toEqual(['method 0 10.51 '])
  })
})
