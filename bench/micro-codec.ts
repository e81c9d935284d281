// The codec: what a broker does with the bytes of a message coming in and going out, without a broker. Measured by micro.ts.
import { newScan, scanProperties } from '../nodes/amqp/content.ts'
import { FrameReader, type FrameSink } from '../nodes/amqp/frames.ts'
import { decodePublish } from '../nodes/amqp/publish.ts'
import { Writer } from '../nodes/amqp/writer.ts'
import { publishes } from './bytes.ts'
import { keep, type Micro } from './micro.ts'

const properties = Buffer.from([0x10, 0x00, 2])
const frameMax = 131_072

/** Reads publishes as far as a channel does before it routes. */
class PublishReader implements FrameSink {
  readonly #scan = newScan()
  readonly #args = { exchange: '', routingKey: '', mandatory: false, immediate: false }
  method(_channel: number, _id: number, buf: Buffer, start: number, end: number): void {
    decodePublish(buf, start, end, this.#args)
    keep(this.#args.routingKey.length)
  }
  header(_channel: number, buf: Buffer, start: number, end: number): void {
    scanProperties(buf.subarray(start + 12, end), this.#scan)
  }
  body(_channel: number, _buf: Buffer, start: number, end: number): void {
    keep(end - start)
  }
  heartbeat(): void {}
}

function reading(name: string, size: number): Micro {
  return {
    name,
    prepare: () => {
      const { bytes, count } = publishes('', 'bench.codec', size)
      const reader = new FrameReader(new PublishReader())
      return { run: () => reader.push(bytes), each: count }
    },
  }
}

function writing(name: string, size: number): Micro {
  return {
    name,
    prepare: () => {
      const writer = new Writer()
      const body = Buffer.alloc(size)
      let tag = 0
      const run = () => {
        for (let i = 0; i < 100; i++)
          writer.deliver(1, 'consumer', ++tag, false, '', 'bench.codec', properties, body, frameMax)
        keep(writer.take()!.length)
      }
      return { run, each: 100 }
    },
  }
}

export const codec: readonly Micro[] = [
  reading('read a publish, 100 B', 100),
  reading('read a publish, 1 kB', 1024),
  writing('write a delivery, 100 B', 100),
  writing('write a delivery, 1 kB', 1024),
]
