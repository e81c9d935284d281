/**
 * Where each key of what holds for a queue or an exchange comes from: its argument, its policy, its operator policy, and
 * which values competed. Asked by `explain`; the merging itself is `effective`'s, whose rules this tells.
 */
import { effectiveDefinition } from './effective.ts'
import type { ExplainedObject } from './explain-verdicts.ts'
import { policyKey, policyKeys } from './keys.ts'
import { acts } from './queue-types.ts'
import type { InForce } from './snapshot.ts'

export type Source = 'argument' | 'policy' | 'operator policy'

/** A value that somebody asked for. */
export interface Contender {
  readonly source: Source
  /** Name of the argument or the policy. */
  readonly name: string
  readonly value: unknown
}

export interface KeySource extends Contender {
  readonly key: string
  /** The others, which gave way. */
  readonly over: readonly Contender[]
  /** Why this one holds, where several compete; null otherwise. */
  readonly why: string | null
  /** Null when it acts; otherwise one sentence that says why it does not. */
  readonly withoutEffect: string | null
}

export function sourcesOf(
  object: ExplainedObject,
  args: Readonly<Record<string, unknown>>,
  inForce: InForce,
): KeySource[] {
  const merged = effectiveDefinition(inForce.policy, inForce.operatorPolicy)
  const set = policyKeys.flatMap(({ key, argument }) =>
    argument !== undefined && argument in args ? [key] : [],
  )
  const keys = [...new Set([...Object.keys(merged), ...set])].sort()
  return keys.map((key) => sourceOf(key, object, args, inForce))
}

function sourceOf(
  key: string,
  object: ExplainedObject,
  args: Readonly<Record<string, unknown>>,
  inForce: InForce,
): KeySource {
  const contenders = contendersFor(key, args, inForce)
  const least = policyKey(key)?.merge === 'min'
  const winner = least ? lowest(contenders) : contenders[0]!
  const over = contenders.filter((contender) => contender !== winner)
  return {
    key,
    ...winner,
    over,
    why: over.length === 0 ? null : least ? 'The lowest value holds.' : `The ${winner.source} comes first.`,
    withoutEffect: idleness(key, object, args),
  }
}

/** Argument, policy, operator policy: the order in which they come first where the lowest value does not. */
function contendersFor(key: string, args: Readonly<Record<string, unknown>>, inForce: InForce): Contender[] {
  const { policy, operatorPolicy } = inForce
  const argument = policyKey(key)?.argument
  const found: Contender[] = []
  if (argument !== undefined && Object.hasOwn(args, argument))
    found.push({ source: 'argument', name: argument, value: args[argument] })
  if (policy !== null && Object.hasOwn(policy.definition, key))
    found.push({ source: 'policy', name: policy.name, value: policy.definition[key] })
  if (operatorPolicy !== null && Object.hasOwn(operatorPolicy.definition, key))
    found.push({
      source: 'operator policy',
      name: operatorPolicy.name,
      value: operatorPolicy.definition[key],
    })
  return found
}

/** A value that is no number is no contender for the lowest, as in `effective`. */
function lowest(contenders: readonly Contender[]): Contender {
  const numbers = contenders.filter(({ value }) => typeof value === 'number')
  return [...(numbers.length > 0 ? numbers : contenders)].sort(
    (a, b) => Number(a.value) - Number(b.value),
  )[0]!
}

function idleness(
  key: string,
  { kind, type }: ExplainedObject,
  args: Readonly<Record<string, unknown>>,
): string | null {
  if (kind === 'queue' && key === 'queue-master-locator')
    return 'It mattered when the queue was declared, and changes nothing now.'
  if (acts(key, kind, type)) return null
  const row = policyKey(key)
  if (row !== undefined && row.appliesTo !== 'all' && row.appliesTo !== `${kind}s`)
    return `It is a key of ${row.appliesTo}, and has no effect on ${kind}s.`
  const argument = row?.argument
  if (argument !== undefined && argument in args && row?.classic === false)
    return `${type} queues do not know it.`
  return `It is accepted, and has no effect on ${type} queues.`
}
