/**
 * A cluster at one moment, as far as policies are concerned: plain data that explain, preview, lint and the migration
 * check read. A running cluster gives one (`nodes/cluster-snapshot`), and so does a definitions file, which knows no
 * nodes, leaders or messages. Nobody changes it.
 */
import type { Policy } from './policy.ts'

/** An object that policies match. */
export interface MatchedObject {
  readonly vhost: string
  readonly name: string
  readonly durable: boolean
  readonly autoDelete: boolean
  /** Plain JSON values: x-arguments as the HTTP API shows them. */
  readonly arguments: Readonly<Record<string, unknown>>
}

export interface ExchangeSnapshot extends MatchedObject {
  readonly type: string
  readonly internal: boolean
}

export interface QueueSnapshot extends MatchedObject {
  readonly type: string
  readonly exclusive: boolean
  readonly state: 'running' | 'down' | 'waiting'
  /** Null where no cluster runs. */
  readonly leader: string | null
  /** Those that run, oldest first. */
  readonly mirrors: readonly MirrorSnapshot[]
  readonly messages: number
  readonly messageBytes: number
  /** Of these, messages that survive their node's restart. */
  readonly persistent: number
  /** Bodies published to it per second, and their bytes. */
  readonly publishRate: number
  readonly publishBytesRate: number
  /** Of the messages, those that wait to be delivered. Absent: all of them. */
  readonly ready?: number
  /** What it follows, which after its node's return need not be what matches now (docs/observed.md §13). Absent: what matches. */
  readonly inForce?: InForce
}

export interface MirrorSnapshot {
  readonly node: string
  readonly synced: boolean
  /** How many of the leader's messages it does not hold. Absent: all of them, unless it is synchronised. */
  readonly missing?: number
}

/** The policies that an object follows. */
export interface InForce {
  readonly policy: Policy | null
  readonly operatorPolicy: Policy | null
}

export interface NodeSnapshot {
  readonly name: string
  readonly running: boolean
}

export interface Snapshot {
  /** Members in order; empty where no cluster runs. */
  readonly nodes: readonly NodeSnapshot[]
  readonly partitionHandling: string | null
  readonly exchanges: readonly ExchangeSnapshot[]
  readonly queues: readonly QueueSnapshot[]
  readonly policies: readonly Policy[]
  readonly operatorPolicies: readonly Policy[]
}
