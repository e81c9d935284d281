// Snapshots put together by hand: policies from a line each, queues and exchanges by name. Used by the tests of lint and of
// the migration check, which are about plain data and need no cluster.
import type { Policy } from '../../policies/policy.ts'
import type { ExchangeSnapshot, QueueSnapshot, Snapshot } from '../../policies/snapshot.ts'

export type Definition = Readonly<Record<string, unknown>>

export function policy(
  name: string,
  pattern: string,
  definition: Definition,
  more: Partial<Policy> = {},
): Policy {
  return { vhost: '/', name, pattern, applyTo: 'all', priority: 0, definition, ...more }
}

export function queue(name: string, more: Partial<QueueSnapshot> = {}): QueueSnapshot {
  return {
    vhost: '/',
    name,
    durable: true,
    autoDelete: false,
    arguments: {},
    type: 'classic',
    exclusive: false,
    state: 'running',
    leader: null,
    mirrors: [],
    messages: 0,
    messageBytes: 0,
    persistent: 0,
    publishRate: 0,
    publishBytesRate: 0,
    ...more,
  }
}

export function exchange(name: string, more: Partial<ExchangeSnapshot> = {}): ExchangeSnapshot {
  const usual = {
    vhost: '/',
    durable: true,
    autoDelete: false,
    arguments: {},
    type: 'topic',
    internal: false,
  }
  return { ...usual, name, ...more }
}

export interface Parts extends Partial<Omit<Snapshot, 'nodes'>> {
  /** How many nodes there are: rabbit@node1 and so on; none when absent. */
  readonly nodes?: number
}

export function snapshot({ nodes = 0, ...parts }: Parts): Snapshot {
  const names = Array.from({ length: nodes }, (_, i) => `rabbit@node${i + 1}`)
  return {
    nodes: names.map((name) => ({ name, running: true })),
    partitionHandling: nodes > 0 ? 'ignore' : null,
    exchanges: [],
    queues: [],
    policies: [],
    operatorPolicies: [],
    ...parts,
  }
}
