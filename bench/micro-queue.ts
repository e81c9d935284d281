// The whole way of a message through a broker but for the sockets: bytes into a publisher's connection, bytes out of a consumer's,
// on one node or mirrored on three. Measured by micro.ts.
import { emptyTable } from '../nodes/amqp/fields.ts'
import { FrameReader, type FrameSink } from '../nodes/amqp/frames.ts'
import { METHOD } from '../nodes/amqp/methods.ts'
import { Writer } from '../nodes/amqp/writer.ts'
import { Cluster } from '../nodes/cluster.ts'
import { Connection } from '../nodes/connection.ts'
import type { Carrier } from '../nodes/connection-carrier.ts'
import { immediate } from '../nodes/timings.ts'
import { parsePolicy } from '../policies/policy.ts'
import { publishes, session } from './bytes.ts'
import type { Micro } from './micro.ts'

const queue = 'bench.queue'
const peer = { address: '127.0.0.1', port: 50_000, localAddress: '127.0.0.1', localPort: 5672 }

/** A client that throws away what it receives, but for the deliveries that it counts and, if asked to, acknowledges. */
class Client implements Carrier, FrameSink {
  deliveries = 0
  readonly #connection: Connection
  readonly #reader = new FrameReader(this)

  constructor(cluster: Cluster, node: number, said: Buffer) {
    this.#connection = new Connection(cluster.members[node]!.node!, peer, this)
    this.say(said)
    cluster.loop.runUntil(cluster.loop.now)
  }

  say(bytes: Buffer): void {
    this.#connection.receive(bytes)
  }

  flush(connection: Connection): void {
    const bytes = connection.takeOutput()
    if (bytes === null) return
    connection.outputDrained(bytes.length)
    this.#reader.push(bytes)
  }

  method(_channel: number, id: number): void {
    if (id === METHOD.basicDeliver) this.deliveries++
    if (id === METHOD.channelClose || id === METHOD.connectionClose) throw new Error('the broker refused')
  }
  header(): void {}
  body(): void {}
  heartbeat(): void {}
}

const confirm = (writer: Writer) => writer.method(1, 'confirmSelect', { nowait: false })
const mirroring = parsePolicy('/', 'bench', {
  pattern: '',
  definition: { 'ha-mode': 'all' },
  'apply-to': 'queues',
})
const flags = { passive: false, durable: false, exclusive: false, autoDelete: false, nowait: false }
const declare = (writer: Writer) =>
  writer.method(1, 'queueDeclare', { queue, ...flags, arguments: emptyTable })
const consume = (noAck: boolean) => (writer: Writer) => {
  const options = { noLocal: false, noAck, exclusive: false, nowait: false }
  writer.method(1, 'basicConsume', { queue, consumerTag: 'c', ...options, arguments: emptyTable })
}

interface Shape {
  readonly name: string
  readonly nodes: 1 | 3
  readonly mirrored?: boolean
  /** With confirms and acknowledgements. */
  readonly acks?: boolean
}

/** Publishes a stretch and lets the consumer have it; publisher, consumer and owner on a node each when there are three. */
function delivered({ name, nodes, mirrored = false, acks = false }: Shape): Micro {
  return {
    name,
    prepare: () => {
      const cluster = new Cluster({ nodes, seed: 1, timings: immediate })
      if (mirrored) cluster.setPolicy(cluster.members[0]!.name, mirroring)
      const last = nodes - 1
      new Client(cluster, last, session(declare))
      const consumer = new Client(cluster, Math.min(1, last), session(consume(!acks)))
      const publisher = new Client(cluster, 0, session(acks ? confirm : () => {}))
      const { bytes, count } = publishes('', queue, 100)
      const writer = new Writer()
      let published = 0
      const run = () => {
        published += count
        publisher.say(bytes)
        cluster.loop.runUntil(cluster.loop.now)
        if (consumer.deliveries !== published)
          throw new Error(`${name}: ${consumer.deliveries} delivered instead of ${published}`)
        if (!acks) return
        writer.ack(1, published, true)
        consumer.say(writer.take()!)
        cluster.loop.runUntil(cluster.loop.now)
      }
      return { run, each: count }
    },
  }
}

/** Publishes a stretch to a queue without a consumer and purges it. */
const kept: Micro = {
  name: 'kept and purged, 1 node',
  prepare: () => {
    const cluster = new Cluster({ nodes: 1, seed: 1, timings: immediate })
    const client = new Client(cluster, 0, session(declare))
    const { bytes, count } = publishes('', queue, 100)
    const writer = new Writer()
    const run = () => {
      client.say(bytes)
      cluster.loop.runUntil(cluster.loop.now)
      writer.method(1, 'queuePurge', { queue, nowait: false })
      client.say(writer.take()!)
      cluster.loop.runUntil(cluster.loop.now)
    }
    return { run, each: count }
  },
}

export const queues: readonly Micro[] = [
  delivered({ name: 'to a consumer, 1 node', nodes: 1 }),
  delivered({ name: 'confirmed and acked, 1 node', nodes: 1, acks: true }),
  delivered({ name: 'to a consumer, 3 nodes', nodes: 3 }),
  delivered({ name: 'to a consumer, 3 mirrors', nodes: 3, mirrored: true }),
  delivered({ name: 'confirmed and acked, 3 mirrors', nodes: 3, mirrored: true, acks: true }),
  kept,
]
