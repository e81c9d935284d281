// Frames as bytes, for conversations: methods through Warren's own writer, contents and raw frames by hand. Used by the
// corpus and the mutators. It must be able to write what no client would.

import { encodeProperties, type Properties } from '../nodes/amqp/content.ts'
import type { MethodArguments, MethodName } from '../nodes/amqp/methods.ts'
import { Writer } from '../nodes/amqp/writer.ts'

const writer = new Writer()

/** One method frame. */
export function methodFrame<N extends MethodName>(
  channel: number,
  name: N,
  args: MethodArguments[N],
): Buffer {
  writer.method(channel, name, args)
  return writer.take()!
}

/** Any frame: type, channel and payload, with the size and the end octet they ask for unless told otherwise. */
export function rawFrame(
  type: number,
  channel: number,
  payload: Buffer,
  size = payload.length,
  end = 0xce,
): Buffer {
  const frame = Buffer.allocUnsafe(payload.length + 8)
  frame[0] = type
  frame.writeUInt16BE(channel & 0xffff, 1)
  frame.writeUInt32BE(size >>> 0, 3)
  payload.copy(frame, 7)
  frame[frame.length - 1] = end
  return frame
}

/** A content header that announces `size` bytes. */
export function headerFrame(
  channel: number,
  size: number | bigint,
  properties: Properties,
  classId = 60,
): Buffer {
  const raw = encodeProperties(properties)
  const payload = Buffer.alloc(12 + raw.length)
  payload.writeUInt16BE(classId, 0)
  payload.writeBigUInt64BE(BigInt.asUintN(64, BigInt(size)), 4)
  raw.copy(payload, 12)
  return rawFrame(2, channel, payload)
}

/** Header and body frames of a message, at most `part` bytes of body a frame. */
export function contentFrames(channel: number, properties: Properties, body: Buffer, part = 4088): Buffer[] {
  const frames = [headerFrame(channel, body.length, properties)]
  for (let at = 0; at < body.length; at += part)
    frames.push(rawFrame(3, channel, body.subarray(at, at + part)))
  return frames
}

export const heartbeatFrame: Buffer = rawFrame(8, 0, Buffer.alloc(0))
export const protocolHeader: Buffer = Buffer.from('AMQP\x00\x00\x09\x01', 'latin1')
