// What every example needs: a cluster of its own on free ports, amqplib connections to its nodes, a look at who leads a
// queue, and running as a program. The examples call it; it tells no story itself.

import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Channel, ChannelModel, ConfirmChannel, ConsumeMessage } from 'amqplib'
import { type RunningCluster, type StartOptions, startCluster } from '../index.ts'

export type Log = (line: string) => void

/** Where a queue is, as one node's definitions have it. */
export interface Whereabouts {
  readonly leader: string
  readonly mirrors: readonly string[]
  readonly synchronised: readonly string[]
}

export class Stage {
  readonly cluster: RunningCluster
  private readonly amqp: typeof import('amqplib')
  private readonly connections: ChannelModel[] = []

  private constructor(cluster: RunningCluster, amqp: typeof import('amqplib')) {
    this.cluster = cluster
    this.amqp = amqp
  }

  /** Opens a cluster of three nodes. Throws a sentence when amqplib is not installed. */
  static async open(options: StartOptions = {}): Promise<Stage> {
    const amqp = await import('amqplib').catch(() => {
      throw new Error('The examples speak to Warren through amqplib, which is missing: npm install amqplib')
    })
    return new Stage(await startCluster({ port: 0, adminPort: null, ...options }), amqp)
  }

  /** Connects to node `number` (from 1). A connection that its node's death breaks is no failure here. */
  async connect(number: number): Promise<ChannelModel> {
    const connection = await this.amqp.connect(this.cluster.node(number).url)
    connection.on('error', () => {})
    this.connections.push(connection)
    return connection
  }

  /** A channel with publisher confirms on node `number`. */
  async confirmChannel(number: number): Promise<ConfirmChannel> {
    return (await this.connect(number)).createConfirmChannel()
  }

  /** The queue as the first running node knows it. */
  whereabouts(queue: string): Whereabouts {
    const { members } = this.cluster.cluster
    const record = members.find(({ node }) => node !== null)?.node?.definitions.queue('/', queue)
    if (record === undefined) throw new Error(`no node knows the queue ${queue}`)
    const { leader, mirrors } = record
    return {
      leader,
      mirrors: mirrors.map(({ node }) => node),
      synchronised: mirrors.filter(({ synced }) => synced).map(({ node }) => node),
    }
  }

  /** Resolves with what `look` gives once that is something; rejects after five seconds with `what`. */
  async until<T>(what: string, look: () => T | false | undefined): Promise<T> {
    const started = Date.now()
    for (;;) {
      const seen = look()
      if (seen !== false && seen !== undefined) return seen
      if (Date.now() - started > 5000) throw new Error(`this did not happen: ${what}`)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async close(): Promise<void> {
    for (const connection of this.connections) await connection.close().catch(() => {})
    await this.cluster.stop()
  }
}

/** Publishes persistent messages `PREFIX0`, `PREFIX1`, … to a queue and resolves when the broker has confirmed all. */
export async function publishAll(
  channel: ConfirmChannel,
  queue: string,
  prefix: string,
  count: number,
): Promise<void> {
  for (let i = 0; i < count; i++)
    channel.sendToQueue(queue, Buffer.from(`${prefix}${i}`), { persistent: true })
  await channel.waitForConfirms()
}

/** Takes the next `count` messages of a queue and acknowledges them. */
export async function takeAll(channel: Channel, queue: string, count: number): Promise<ConsumeMessage[]> {
  const messages: ConsumeMessage[] = []
  const { promise, resolve } = deferred()
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message === null) return
    messages.push(message)
    channel.ack(message)
    if (messages.length === count) resolve()
  })
  await promise
  await channel.cancel(consumerTag)
  return messages
}

/** A promise and its key. */
export function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((key) => {
    resolve = key
  })
  return { promise, resolve }
}

/** Runs `main` when the file at `url` is the program that was started, printing its story. */
export async function play(url: string, main: (log: Log) => Promise<unknown>): Promise<void> {
  const started = process.argv[1]
  if (started === undefined || realpathSync(started) !== fileURLToPath(url)) return
  try {
    await main((line) => console.log(line))
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
