// What the live tests of a cluster start with: three nodes on free ports for each test, stock clients at any of them, and
// a look at what the nodes know of a queue. It asserts nothing itself; whatever it opens ends with the test.

import { afterEach, beforeEach } from 'vitest'
import { type RunningCluster, type StartOptions, startCluster } from '../../index.ts'
import type { QueueRecord } from '../../nodes/definitions.ts'
import {
  type ChannelModel,
  type ConfirmChannel,
  channelError,
  connect,
  type Options,
  type Outcome,
  publish,
  until,
} from '../support/clients.ts'

/** A connection with its one confirm channel. */
export interface Client {
  readonly connection: ChannelModel
  readonly channel: ConfirmChannel
  /** What the connection's `close` event brought: an error, or undefined for a close without one. */
  readonly closed: Promise<(Error & { code?: number | string }) | undefined>
}

export const nodeName = (number: number) => `rabbit@node${number}`

/** `count` bodies: m0, m1, … */
export const bodies = (count: number, prefix = 'm', from = 0) =>
  Array.from({ length: count }, (_, i) => `${prefix}${from + i}`)

/** The same bodies as marks of redelivered messages. */
export const redelivered = (texts: readonly string[]) => texts.map((text) => `${text}*`)

export class Scene {
  cluster!: RunningCluster
  private connections: ChannelModel[] = []
  private readonly options: StartOptions

  constructor(options: StartOptions) {
    this.options = options
  }

  async start(): Promise<void> {
    this.cluster = await startCluster({ nodes: 3, port: 0, adminPort: null, seed: 7, ...this.options })
  }

  async stop(): Promise<void> {
    // Without farewells: a test may have left its connections in any state.
    this.connections = []
    await this.cluster.stop()
  }

  node(number: number) {
    return this.cluster.node(number)
  }

  /** A client at node `number`. */
  async client(number: number): Promise<Client> {
    const connection = await connect(this.cluster.node(number).url)
    this.connections.push(connection)
    const closed = new Promise<Error | undefined>((resolve) => connection.once('close', resolve))
    const channel = await connection.createConfirmChannel()
    channel.on('error', () => {})
    return { connection, channel, closed }
  }

  /** Clients at several nodes. */
  clients(...numbers: number[]): Promise<Client[]> {
    return Promise.all(numbers.map((number) => this.client(number)))
  }

  /** A queue's record as node `seenFrom` knows it; undefined when it knows none. */
  record(queue: string, seenFrom = this.anyRunning()): QueueRecord | undefined {
    return this.cluster.cluster.member(nodeName(seenFrom)).island?.definitions.queue('/', queue)
  }

  /** The number of the leader's node. */
  leader(queue: string, seenFrom?: number): number {
    const record = this.record(queue, seenFrom)
    return record === undefined ? 0 : Number(record.leader.slice(nodeName(0).length - 1))
  }

  /** Mirrors oldest first: `3` is synchronised, `3?` is not. */
  mirrors(queue: string, seenFrom?: number): string[] {
    const mirrors = this.record(queue, seenFrom)?.mirrors ?? []
    return mirrors.map(({ node, synced }) => `${node.slice(nodeName(0).length - 1)}${synced ? '' : '?'}`)
  }

  /** Waits for the queue's mirrors to be these, in any order. */
  mirrorsBecome(queue: string, ...wanted: string[]): Promise<unknown> {
    const sorted = [...wanted].sort().join()
    return until(`mirrors of ${queue} to be ${wanted}`, () => this.mirrors(queue).sort().join() === sorted)
  }

  /** Ready plus unacknowledged messages at the leader. */
  depth(queue: string, seenFrom?: number): number {
    const record = this.record(queue, seenFrom)
    const leader = record && this.cluster.cluster.member(record.leader).node?.leaders.get(record.id)
    return leader?.depth ?? -1
  }

  /** How many connections, channels and queues the running nodes know of. */
  census(): { connections: number; channels: number; queues: number } {
    const nodes = this.cluster.cluster.members.flatMap((member) => member.node ?? [])
    return {
      connections: nodes.reduce((sum, node) => sum + node.connections.size, 0),
      channels: nodes.reduce((sum, node) => sum + node.channels.size, 0),
      queues: nodes[0]?.definitions.queues.size ?? 0,
    }
  }

  /** What `rabbitmqctl sync_queue` does. */
  synchronise(queue: string): void {
    const record = this.record(queue)
    const { cluster } = this.cluster
    const node = record && cluster.member(record.leader).node
    if (record === undefined || !node) throw new Error(`nobody leads ${queue}`)
    const nobody = { answered: () => {} }
    node.request(cluster.nextId(), nobody, { node: node.name, channel: 0 }, record, { op: 'sync' })
    cluster.loop.drain()
  }

  /** Gives all queues mirrors. */
  mirrorAll(definition: Readonly<Record<string, unknown>> = {}): Promise<void> {
    return this.policy({ 'ha-mode': 'all', ...definition })
  }

  policy(
    definition: Readonly<Record<string, unknown>>,
    { name = 'p', pattern = '', priority = 0 } = {},
  ): Promise<void> {
    return this.cluster.setPolicy({ name, pattern, priority, definition })
  }

  private anyRunning(): number {
    return this.cluster.cluster.members.findIndex((member) => member.state === 'running') + 1
  }
}

/** A scene made anew for each test of the calling file. */
export function scene(options: StartOptions = {}): Scene {
  const made = new Scene(options)
  beforeEach(() => made.start())
  afterEach(() => made.stop())
  return made
}

/** Publishes all `texts` to `queue` in one burst; resolves with the confirms. */
export function fill(
  channel: ConfirmChannel,
  queue: string,
  texts: readonly string[],
  options: Options.Publish = { persistent: true },
): Promise<Outcome[]> {
  return Promise.all(texts.map((text) => publish(channel, '', queue, text, options)))
}

/** The channel error of `act` on a new channel of this client, as `code class.method text`. */
export async function refusalOf(
  { connection }: Client,
  act: Parameters<typeof channelError>[1],
): Promise<string> {
  const { code, classId, methodId, text } = await channelError(connection, act)
  return `${code} ${classId}.${methodId} ${text}`
}

/** The reply text for a durable queue of a node that is away (docs/observed.md §2). */
export const homeNodeText = (queue: string, number: number) =>
  `NOT_FOUND - home node '${nodeName(number)}' of durable queue '${queue}' in vhost '/' is down or inaccessible`

/** State by queue, as node `seenFrom` knows it. */
export function queueStates({ cluster }: Scene, seenFrom: number): Record<string, string> {
  const { island } = cluster.cluster.member(nodeName(seenFrom))
  const queues = [...(island?.definitions.queues.values() ?? [])]
  return Object.fromEntries(queues.map(({ name, state }) => [name, state]))
}
