// A cluster in virtual time with byte-level clients, for what takes a minute or happens within a millisecond: nothing here
// waits for a clock. Used by every test of this folder that is not live; it asserts nothing itself.

import { Cluster, type ClusterOptions } from '../../nodes/cluster.ts'
import type { QueueRecord } from '../../nodes/definitions.ts'
import { parsePolicy } from '../../policies/policy.ts'
import { nodeName } from './scene.ts'
import { VirtualClient } from './virtual-client.ts'

export class World {
  readonly cluster: Cluster
  readonly clients: VirtualClient[] = []

  constructor(options: Partial<ClusterOptions> = {}) {
    this.cluster = new Cluster({ nodes: 3, seed: 1, ...options })
  }

  get now(): number {
    return this.cluster.loop.now
  }

  /** Lets `ms` of virtual time pass. */
  run(ms: number): void {
    this.cluster.loop.runUntil(this.now + ms)
  }

  /** Goes from event to event until `condition` holds; fails when it does not within `ms` of virtual time. */
  until(what: string, condition: () => boolean, ms = 10_000): void {
    const { loop } = this.cluster
    const deadline = this.now + ms
    loop.drain()
    while (!condition()) {
      const due = Math.min(loop.nextDue().now, loop.nextDue().peer)
      if (due > deadline) throw new Error(`not within ${ms} ms: ${what}`)
      loop.runUntil(due)
    }
  }

  /** A client of node `number` with channel 1 open. */
  client(number: number): VirtualClient {
    const { node } = this.cluster.member(nodeName(number))
    if (node === null) throw new Error(`node ${number} does not run`)
    const client = new VirtualClient(this, node, 50_000 + this.clients.length)
    this.clients.push(client)
    client.open()
    return client
  }

  kill(number: number): void {
    this.cluster.kill(nodeName(number))
  }

  stop(number: number): void {
    this.cluster.stop(nodeName(number))
  }

  start(number: number): void {
    this.cluster.start(nodeName(number))
  }

  /** Starts a node and lets time pass until it serves. */
  started(number: number): void {
    this.start(number)
    this.until(`node ${number} runs`, () => this.state(number) === 'running')
  }

  state(number: number): string {
    return this.cluster.member(nodeName(number)).state
  }

  /** Cuts the links between these groups of nodes. */
  cut(...groups: number[][]): void {
    this.cluster.partition(groups.map((group) => group.map(nodeName)))
  }

  heal(): void {
    this.cluster.heal()
  }

  policy(
    definition: Record<string, unknown>,
    { name = 'p', pattern = '', through = 0, priority = 0 } = {},
  ): void {
    const node = nodeName(through || this.anyRunning())
    this.cluster.setPolicy(node, parsePolicy('/', name, { pattern, definition, priority }))
  }

  clearPolicy(name = 'p'): void {
    this.cluster.clearPolicy(nodeName(this.anyRunning()), '/', name)
  }

  /** The queue's record as node `seenFrom` knows it. */
  record(queue: string, seenFrom = this.anyRunning()): QueueRecord | undefined {
    return this.cluster.member(nodeName(seenFrom)).island?.definitions.queue('/', queue)
  }

  /** Leader and mirrors in RabbitMQ's order, as `1 [2 3?]`: `?` marks one that is not synchronised. */
  replicas(queue: string, seenFrom?: number): string {
    const record = this.record(queue, seenFrom)
    if (record === undefined) return 'none'
    const number = (name: string) => name.slice(nodeName(0).length - 1)
    const mirrors = record.mirrors.map(({ node, synced }) => `${number(node)}${synced ? '' : '?'}`)
    return `${number(record.leader)} [${mirrors.join(' ')}]`
  }

  /** The replicas the queue goes through while `ms` pass, each state once. */
  course(queue: string, ms: number): string[] {
    const { loop } = this.cluster
    const seen = [this.replicas(queue)]
    const deadline = this.now + ms
    const look = () => {
      const now = this.replicas(queue)
      if (now !== seen.at(-1)) seen.push(now)
    }
    for (let due = loop.nextDue().now; due <= deadline; due = loop.nextDue().now) {
      loop.runUntil(due)
      look()
    }
    loop.runUntil(deadline)
    look()
    return seen
  }

  /** Ready and unacknowledged messages at the leader; -1 when nobody leads. */
  depth(queue: string, seenFrom?: number): number {
    return this.leading(queue, seenFrom)?.depth ?? -1
  }

  consumers(queue: string): number {
    return this.leading(queue)?.consumers.all.length ?? -1
  }

  /** What `rabbitmqctl sync_queue` does. */
  synchronise(queue: string): void {
    const record = this.record(queue)
    const node = record && this.cluster.member(record.leader).node
    if (record === undefined || !node) throw new Error(`nobody leads ${queue}`)
    const nobody = { answered: () => {} }
    node.request(this.cluster.nextId(), nobody, { node: node.name, channel: 0 }, record, { op: 'sync' })
  }

  /** The trace so far, one line an event. */
  history(): string[] {
    return [...this.cluster.trace.events()].map(
      ({ at, kind, node, subject, value }) => `${at} ${kind} ${node} ${subject} ${value}`,
    )
  }

  private leading(queue: string, seenFrom?: number) {
    const record = this.record(queue, seenFrom)
    return record && this.cluster.member(record.leader).node?.leaders.get(record.id)
  }

  private anyRunning(): number {
    return this.cluster.members.findIndex((member) => member.state === 'running') + 1
  }
}
