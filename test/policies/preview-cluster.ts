// A random cluster in virtual time with queues, messages, policies and nodes that are away, and a random change of its
// policies: the world in which previews are held against what happens. All of it follows from one seed.

import type { Table } from '../../nodes/amqp/fields.ts'
import { changePolicies } from '../../nodes/cluster-policies.ts'
import { snapshotOf } from '../../nodes/cluster-snapshot.ts'
import { immediate, observed } from '../../nodes/timings.ts'
import type { PolicyChange } from '../../policies/change.ts'
import { type Policy, parseOperatorPolicy, parsePolicy } from '../../policies/policy.ts'
import type { Snapshot } from '../../policies/snapshot.ts'
import { nodeName } from '../cluster/scene.ts'
import type { VirtualClient } from '../cluster/virtual-client.ts'
import { World } from '../cluster/world.ts'

type Definition = Record<string, unknown>

/** Long enough for every move, filling and return of a node. */
const settleMs = 6_000

const patterns = ['', '.*', '^a', '^b', '[13579]$', '[02468]$', '^a[0-3]$', '^(a|b)[0-4]', '4$', '^x']
const priorities = [0, 0, 0, 1, 2, -1, 0.5]

export class RandomCluster {
  readonly world: World
  /** The node through which the cluster is seen and changed. */
  readonly view: string
  /** Its nodes have been cut apart. */
  readonly divided: boolean
  private readonly chance: () => number
  private readonly nodes: number
  private readonly clients = new Map<number, VirtualClient>()
  private readonly queues: string[] = []
  private declared = 0

  constructor(seed: number) {
    const nodes = 1 + (seed % 5)
    this.world = new World({ nodes, seed, timings: seed % 3 === 0 ? immediate : observed })
    this.chance = this.world.cluster.loop.chance('previews')
    this.nodes = nodes
    for (let i = this.below(4); i > 0; i--) this.set(this.policy())
    if (this.maybe(0.3)) this.setOperator(this.operatorPolicy())
    this.declareSome(3 + this.below(8))
    this.publishSome()
    for (let i = this.below(4); i > 0; i--) this.set(this.policy())
    if (this.maybe(0.2)) this.setOperator(this.operatorPolicy())
    if (this.maybe(0.5)) this.disturb()
    this.declareSome(this.below(3))
    this.publishSome()
    if (this.maybe(0.3)) this.disturb()
    this.divided = nodes > 2 && this.maybe(0.08)
    if (this.divided) this.world.cut([1], [2])
    this.settle()
    this.view = this.anyOf(this.running())
  }

  settle(): void {
    this.world.run(settleMs)
  }

  snapshot(): Snapshot {
    return snapshotOf(this.world.cluster, this.view)
  }

  /** Something an administrator might do, in one step. */
  change(): PolicyChange {
    const { policies, operatorPolicies } = this.snapshot()
    const clear = policies.filter(() => this.maybe(0.25)).map(({ vhost, name }) => ({ vhost, name }))
    const sets = policies.length === 0 || this.maybe(0.8) ? 1 + this.below(2) : 0
    return {
      set: Array.from({ length: sets }, () => this.policy()),
      clear: this.maybe(0.3) ? clear : clear.slice(0, sets === 0 ? 1 : 0),
      ...(this.maybe(0.15) && { setOperator: [this.operatorPolicy()] }),
      ...(this.maybe(0.15) && { clearOperator: operatorPolicies.slice(0, 1) }),
    }
  }

  apply(change: PolicyChange): void {
    changePolicies(this.world.cluster, this.view, change)
    this.settle()
  }

  /** Messages and bytes of them that mirrors have been filled with so far. */
  get synchronised(): { messages: number; bytes: number } {
    let [messages, packets] = [0, 0]
    for (const { meters } of this.world.cluster.allLinks()) {
      messages += meters.sync.bodies
      packets += meters.sync.bytes
    }
    return { messages, bytes: packets }
  }

  running(): string[] {
    return this.world.cluster.members.filter(({ state }) => state === 'running').map(({ name }) => name)
  }

  anyOf<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }

  private below(count: number): number {
    return Math.floor(this.chance() * count)
  }

  private maybe(share: number): boolean {
    return this.chance() < share
  }

  // ---- policies

  private set(policy: Policy): void {
    this.world.cluster.setPolicy(this.anyOf(this.running()), policy)
    // A node that is killed before anybody has heard of it takes the news of a policy with it.
    this.world.run(2 + this.below(60))
  }

  private setOperator(policy: Policy): void {
    this.world.cluster.setPolicy(this.anyOf(this.running()), policy, 'operatorPolicies')
    this.world.run(2)
  }

  private policy(): Policy {
    return parsePolicy('/', `p${this.below(6)}`, {
      pattern: this.anyOf(patterns),
      priority: this.anyOf(priorities),
      'apply-to': this.anyOf(['queues', 'queues', 'all', 'exchanges']),
      definition: this.definition(),
    })
  }

  private operatorPolicy(): Policy {
    const definition = this.anyOf<Definition>([
      { 'max-length': this.below(6) },
      { expires: 9_000_000 },
      { 'max-length-bytes': 60 },
    ])
    return parseOperatorPolicy('/', `o${this.below(2)}`, {
      pattern: this.anyOf(patterns),
      definition,
      priority: this.below(3),
    })
  }

  private definition(): Definition {
    return this.maybe(0.75) ? { ...this.mirroring(), ...(this.maybe(0.2) && this.limits()) } : this.limits()
  }

  private limits(): Definition {
    return this.anyOf<Definition>([
      { 'max-length': this.below(8) },
      { 'max-length-bytes': 20 * this.below(6) },
      { 'max-length': 3, overflow: 'reject-publish' },
      { 'message-ttl': 9_000_000, 'dead-letter-exchange': 'nowhere' },
      { 'max-in-memory-length': 5 },
      { 'delivery-limit': 3, 'max-length': 1 },
      { 'alternate-exchange': 'amq.fanout', expires: 8_000_000 },
      { 'queue-mode': 'lazy' },
    ])
  }

  private mirroring(): Definition {
    const mode = this.anyOf<Definition>([
      { 'ha-mode': 'all' },
      { 'ha-mode': 'exactly', 'ha-params': 1 + this.below(4) },
      { 'ha-mode': 'nodes', 'ha-params': this.someNodes() },
      { 'ha-mode': 'nodes', 'ha-params': this.someNodes() },
    ])
    return {
      ...mode,
      ...(this.maybe(0.7) && { 'ha-sync-mode': this.anyOf(['automatic', 'manual']) }),
      ...(this.maybe(0.2) && { 'ha-promote-on-failure': 'when-synced' }),
      ...(this.maybe(0.2) && { 'ha-promote-on-shutdown': 'always' }),
    }
  }

  private someNodes(): string[] {
    const nodes = Array.from({ length: 1 + this.below(3) }, () => nodeName(1 + this.below(this.nodes)))
    return [...new Set(this.maybe(0.1) ? [...nodes, 'rabbit@elsewhere'] : nodes)]
  }

  // ---- queues and messages

  private declareSome(count: number): void {
    for (let i = 0; i < count; i++) {
      const name = `${this.anyOf(['a', 'b', 'c'])}${this.declared++}`
      const exclusive = this.maybe(0.04)
      const args = new Map([
        ...(this.maybe(0.1) ? [['x-max-length', { type: 'long', value: 1 + this.below(5) }] as const] : []),
        ...(this.maybe(0.08) ? [['x-max-priority', { type: 'byte', value: 3 }] as const] : []),
      ]) as Table
      this.client().declare(name, { durable: this.maybe(0.85), exclusive, arguments: args })
      if (!exclusive) this.queues.push(name)
    }
  }

  /** Equal bodies within a queue, so that bytes are certain. */
  private publishSome(): void {
    for (const name of this.queues) {
      if (this.world.depth(name) < 0) continue
      const body = 'x'.repeat(8 * (1 + (Number(name.slice(1)) % 3)))
      const client = this.client()
      for (let i = this.below(7); i > 0; i--) client.publish(name, body, { durable: this.maybe(0.8) })
      if (this.maybe(0.08)) client.send('basicGet', { queue: name, noAck: false })
    }
    this.world.run(5)
  }

  /** On any node that runs; one whose node has gone is of no use any more. */
  private client(): VirtualClient {
    const node = this.anyOf(this.running())
    const number = this.world.cluster.members.findIndex(({ name }) => name === node) + 1
    const known = this.clients.get(number)
    if (known !== undefined && !known.ended && known.refusal() === undefined) return known
    const client = this.world.client(number)
    this.clients.set(number, client)
    return client
  }

  // ---- faults

  /** Kills, stops and starts nodes, one at least left. */
  private disturb(): void {
    for (const { name, state } of this.world.cluster.members) {
      if (state === 'running' && this.running().length > 1 && this.maybe(0.3)) {
        if (this.maybe(0.5)) this.world.cluster.kill(name)
        else this.world.cluster.stop(name)
        this.clients.clear()
        this.world.run(1_000)
      } else if (state === 'stopped' && this.maybe(0.6)) {
        this.world.cluster.start(name)
        this.world.run(settleMs)
      }
    }
  }
}
