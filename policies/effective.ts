/**
 * What holds in the end: a declaration's arguments, the matching policy and the matching operator policy turned
 * into plain settings. Queues, exchanges and the HTTP API ask; values have been validated before, and one of a
 * wrong type is passed over here rather than reported.
 */
import { policyKey } from './keys.ts'
import { type Definition, type Policy, sortedDefinition } from './policy.ts'

type Arguments = Readonly<Record<string, unknown>>

/** A queue's settings after all merging; null where nothing is set. */
export interface QueueSettings {
  readonly messageTtlMs: number | null
  readonly expiresMs: number | null
  readonly maxLength: number | null
  readonly maxLengthBytes: number | null
  readonly overflow: 'drop-head' | 'reject-publish' | 'reject-publish-dlx'
  readonly deadLetterExchange: string | null
  readonly deadLetterRoutingKey: string | null
  readonly maxPriority: number | null
  readonly singleActiveConsumer: boolean
  readonly queueMode: 'default' | 'lazy'
  readonly queueVersion: 1 | 2
  readonly masterLocator: 'client-local' | 'min-masters' | 'random'
  /** Null: not mirrored. */
  readonly haMode: 'all' | 'exactly' | 'nodes' | null
  /** Copies wanted, the leader included; 0 unless haMode is `exactly`. */
  readonly haCount: number
  /** In the policy's order; empty unless haMode is `nodes`. */
  readonly haNodes: readonly string[]
  readonly haSyncMode: 'manual' | 'automatic'
  readonly haSyncBatchSize: number
  readonly haPromoteOnShutdown: 'when-synced' | 'always'
  readonly haPromoteOnFailure: 'always' | 'when-synced'
}

/** Messages per batch of a synchronisation, where the policy does not say (docs/observed.md §4.8). */
export const DEFAULT_SYNC_BATCH_SIZE = 4096

/** One at a time counts as nothing said (docs/observed.md §20). */
const batchSize = (wanted: number | null) =>
  wanted !== null && wanted > 1 ? wanted : DEFAULT_SYNC_BATCH_SIZE

/**
 * The settings of a queue declared with these x-arguments under these policies.
 * Limits: the lowest of argument, policy and operator policy. Otherwise the argument beats the policy.
 * Mirroring is set by policy alone, priorities and the single active consumer by argument alone.
 * Source: docs/observed.md §1.4.
 */
export function queueSettings(
  args: Arguments,
  policy: Policy | null,
  operatorPolicy: Policy | null,
): QueueSettings {
  const merged = effectiveDefinition(policy, operatorPolicy)
  const number = (key: string) => lowest(argumentOf(args, key), merged[key])
  const string = (key: string) => firstString(argumentOf(args, key), merged[key])
  const choice = <T>(key: string, allowed: readonly T[]) => pick(allowed, argumentOf(args, key), merged[key])
  return {
    messageTtlMs: number('message-ttl'),
    expiresMs: number('expires'),
    maxLength: number('max-length'),
    maxLengthBytes: number('max-length-bytes'),
    overflow: choice('overflow', ['drop-head', 'reject-publish', 'reject-publish-dlx'] as const),
    deadLetterExchange: string('dead-letter-exchange'),
    deadLetterRoutingKey: string('dead-letter-routing-key'),
    maxPriority: lowest(args['x-max-priority']),
    singleActiveConsumer: args['x-single-active-consumer'] === true,
    queueMode: choice('queue-mode', ['default', 'lazy'] as const),
    queueVersion: choice('queue-version', [1, 2] as const),
    masterLocator: choice('queue-master-locator', ['client-local', 'min-masters', 'random'] as const),
    ...mirroring(merged),
  }
}

/**
 * Policy and operator policy as one definition, keys in alphabetical order, `{}` when there is neither: the HTTP
 * field `effective_policy_definition`. A number that both set takes the lower value; the rest is the union.
 */
export function effectiveDefinition(policy: Policy | null, operatorPolicy: Policy | null): Definition {
  const merged: Record<string, unknown> = { ...operatorPolicy?.definition }
  for (const [key, value] of Object.entries(policy?.definition ?? {})) {
    const capped = policyKey(key)?.merge === 'min' ? lowest(value, merged[key]) : null
    merged[key] = capped ?? value
  }
  return sortedDefinition(merged)
}

/** The settings of an exchange; its argument beats the policy. */
export function exchangeSettings(
  args: Arguments,
  policy: Policy | null,
): { readonly alternateExchange: string | null } {
  const key = 'alternate-exchange'
  return { alternateExchange: firstString(argumentOf(args, key), policy?.definition[key]) }
}

type Mirroring = Pick<QueueSettings, Extract<keyof QueueSettings, `ha${string}`>>

function mirroring(merged: Definition): Mirroring {
  const haMode = pick([null, 'all', 'exactly', 'nodes'] as const, merged['ha-mode'])
  const params = merged['ha-params']
  return {
    haMode,
    haCount: haMode === 'exactly' && typeof params === 'number' ? params : 0,
    haNodes:
      haMode === 'nodes' && Array.isArray(params) ? params.filter((node) => typeof node === 'string') : [],
    haSyncMode: pick(['manual', 'automatic'] as const, merged['ha-sync-mode']),
    haSyncBatchSize: batchSize(lowest(merged['ha-sync-batch-size'])),
    haPromoteOnShutdown: pick(['when-synced', 'always'] as const, merged['ha-promote-on-shutdown']),
    haPromoteOnFailure: pick(['always', 'when-synced'] as const, merged['ha-promote-on-failure']),
  }
}

function argumentOf(args: Arguments, key: string): unknown {
  const name = policyKey(key)?.argument
  return name === undefined ? undefined : args[name]
}

/** The lowest of those values that are numbers (a 64-bit argument may come as bigint), or null. */
function lowest(...values: readonly unknown[]): number | null {
  const numbers = values.filter((value) => typeof value === 'number' || typeof value === 'bigint')
  return numbers.length === 0 ? null : Math.min(...numbers.map(Number))
}

function firstString(...values: readonly unknown[]): string | null {
  return values.find((value) => typeof value === 'string') ?? null
}

/** The first value that is among the allowed ones; the first allowed one is the default. */
function pick<T>(allowed: readonly T[], ...values: readonly unknown[]): T {
  const plain = values.map((value) => (typeof value === 'bigint' ? Number(value) : value))
  return (plain.find((value) => allowed.includes(value as T)) ?? allowed[0]) as T
}
