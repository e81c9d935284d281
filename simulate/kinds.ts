// What a simulation mixes: kinds of queues, policies and ways of handling partitions, each a row. The coverage table has a
// cell for each combination with a fault; a new row widens it by itself. Pure data, read by plans and invariants.

import type { Field, Table } from '../nodes/amqp/fields.ts'
import { type PartitionHandling, partitionHandlings } from '../nodes/membership.ts'

/** A kind of queue: how it is declared, and what it may do with messages on its own. */
export interface QueueKind {
  readonly name: string
  readonly durable: boolean
  readonly exclusive: boolean
  readonly autoDelete: boolean
  readonly arguments: Table
  /** Messages go when they are as old, in ms. */
  readonly ttlMs: number | null
  /** Ready messages beyond so many go, or are refused. */
  readonly maxLength: number | null
  readonly refuses: boolean
  /** The order of publishing is not that of delivery. */
  readonly priorities: boolean
  /** What it throws away goes to this queue of the same half. */
  readonly deadLetters: boolean
}

const plainKind: QueueKind = {
  name: 'durable',
  durable: true,
  exclusive: false,
  autoDelete: false,
  arguments: new Map(),
  ttlMs: null,
  maxLength: null,
  refuses: false,
  priorities: false,
  deadLetters: false,
}

const int = (value: number): Field => ({ type: 'signedint', value })
const text = (value: string): Field => ({ type: 'longstr', value })
const table = (entries: Readonly<Record<string, Field>>): Table => new Map(Object.entries(entries))

/** Where dead letters of the kind `dead-lettering` go: a plain durable queue of the same half. */
export const graveyard = 'graveyard'

export const queueKinds: readonly QueueKind[] = [
  plainKind,
  { ...plainKind, name: 'transient', durable: false },
  { ...plainKind, name: 'exclusive', durable: false, exclusive: true },
  { ...plainKind, name: 'auto-delete', autoDelete: true },
  { ...plainKind, name: 'ttl', ttlMs: 3000, arguments: table({ 'x-message-ttl': int(3000) }) },
  { ...plainKind, name: 'max-length', maxLength: 12, arguments: table({ 'x-max-length': int(12) }) },
  {
    ...plainKind,
    name: 'reject-publish',
    maxLength: 12,
    refuses: true,
    arguments: table({ 'x-max-length': int(12), 'x-overflow': text('reject-publish') }),
  },
  { ...plainKind, name: 'priority', priorities: true, arguments: table({ 'x-max-priority': int(3) }) },
  { ...plainKind, name: 'dead-lettering', deadLetters: true },
  {
    ...plainKind,
    name: 'single-active',
    arguments: table({ 'x-single-active-consumer': { type: 'bool', value: true } }),
  },
]

/** The arguments of a queue of this kind in the half `half`, which decides where dead letters go. */
export function argumentsOf(kind: QueueKind, half: string): Table {
  if (!kind.deadLetters) return kind.arguments
  return table({
    'x-dead-letter-exchange': text(''),
    'x-dead-letter-routing-key': text(`${half}-${graveyard}`),
  })
}

/** A policy that queues of the half `a` may get; those of `b` never have one. */
export interface PolicyRow {
  readonly name: string
  /** With `nodes` of the cluster; null: no policy at all. */
  readonly definition: (nodes: readonly string[], chance: () => number) => Record<string, unknown> | null
}

export const policies: readonly PolicyRow[] = [
  { name: 'none', definition: () => null },
  { name: 'all, manual', definition: () => ({ 'ha-mode': 'all' }) },
  { name: 'all, automatic', definition: () => ({ 'ha-mode': 'all', 'ha-sync-mode': 'automatic' }) },
  {
    name: 'exactly k',
    definition: (nodes, chance) => ({
      'ha-mode': 'exactly',
      'ha-params': 1 + Math.floor(chance() * nodes.length),
      'ha-sync-mode': chance() < 0.6 ? 'automatic' : 'manual',
    }),
  },
  {
    name: 'nodes',
    definition: (nodes, chance) => {
      const some = nodes.filter(() => chance() < 0.5)
      const mode = chance() < 0.6 ? 'automatic' : 'manual'
      const listed = some.length > 0 ? some : [nodes[0]!]
      return { 'ha-mode': 'nodes', 'ha-params': listed, 'ha-sync-mode': mode }
    },
  },
  {
    name: 'on failure when-synced',
    definition: (_nodes, chance) => ({
      'ha-mode': 'all',
      'ha-sync-mode': chance() < 0.5 ? 'automatic' : 'manual',
      'ha-promote-on-failure': 'when-synced',
    }),
  },
  {
    name: 'on shutdown always',
    definition: () => ({ 'ha-mode': 'all', 'ha-promote-on-shutdown': 'always' }),
  },
]

/** A way of handling partitions, in a cluster of these nodes. */
export interface HandlingRow {
  readonly name: string
  readonly of: (nodes: readonly string[], chance: () => number) => PartitionHandling
}

export const handlings: readonly HandlingRow[] = [
  ...partitionHandlings.map((name): HandlingRow => ({ name, of: () => name })),
  {
    name: 'pause_if_all_down',
    of: (nodes, chance) => ({
      mode: 'pause_if_all_down',
      nodes: nodes.filter((_node, i) => i === 0 || chance() < 0.3),
      recover: chance() < 0.5 ? 'ignore' : 'autoheal',
    }),
  },
]
