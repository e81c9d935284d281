// Builds frames by hand and writes down what a frame reader delivers. Used by the wire tests; it must never use the
// writer under test.
import { FrameReader } from '../../nodes/amqp/frames.ts'

/** A frame with the given payload; `end` is the octet that closes it. */
export function frame(type: number, channel: number, payload: Buffer | string, end = 0xce): Buffer {
  const bytes = Buffer.from(payload)
  const head = Buffer.alloc(7)
  head.writeUInt8(type, 0)
  head.writeUInt16BE(channel, 1)
  head.writeUInt32BE(bytes.length, 3)
  return Buffer.concat([head, bytes, Buffer.from([end])])
}

/** Frames as text, in the order in which they were delivered. */
export class Seen {
  readonly lines: string[] = []
  /** What to do in the next callbacks: return true to stop the reader, or throw. */
  react: (line: string) => boolean = () => false
  readonly reader: FrameReader

  constructor() {
    this.reader = new FrameReader({
      method: (channel, id, buf, start, end) =>
        this.#add(`method ${channel} ${id >>> 16}.${id & 0xffff} ${buf.toString('hex', start, end)}`),
      header: (channel, buf, start, end) => this.#add(`header ${channel} ${buf.toString('hex', start, end)}`),
      body: (channel, buf, start, end) => this.#add(`body ${channel} ${buf.toString('hex', start, end)}`),
      heartbeat: () => this.#add('heartbeat'),
    })
  }

  #add(line: string): void {
    this.lines.push(line)
    if (this.react(line)) this.reader.stop()
  }
}

/** The error `run` throws; fails when it throws none. */
export function thrown(run: () => void): Error {
  try {
    run()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}
