/**
 * Which policies come into question for which objects, worked out once for all rules of lint: who is in force, who would be
 * but for another, and who is kept away by a key that the queue's type does not know. Rules read it and nothing else.
 */
import { effectiveDefinition, type QueueSettings, queueSettings } from './effective.ts'
import { type Finding, type NamedObject, type NamedPolicy, named } from './finding.ts'
import { compilePattern, type Pattern } from './pattern.ts'
import type { Definition, Policy } from './policy.ts'
import { strangeKeys } from './queue-types.ts'
import { inOrder } from './ranking.ts'
import type { MatchedObject, QueueSnapshot, Snapshot } from './snapshot.ts'

/** A queue or exchange, and the policies that match it. */
export interface Target extends NamedObject {
  readonly object: MatchedObject
  /** Null for an exchange. */
  readonly queue: QueueSnapshot | null
  /** Of a queue; empty for an exchange. */
  readonly type: string
  /** The name in UTF-8, which is what patterns match. */
  readonly bytes: Uint8Array
  /** Those that match, the one in force first; of equal priorities that with the lower name. */
  readonly policies: PolicyFacts[]
  readonly operatorPolicies: PolicyFacts[]
}

/** A policy, and what it matches. */
export interface PolicyFacts {
  readonly policy: Policy
  readonly operator: boolean
  readonly name: NamedPolicy
  readonly compiled: Pattern
  /** Whether queues of a type know all of its keys; filled as types come. */
  readonly suited: Map<string, boolean>
  /** All that it could apply to. */
  readonly matches: Target[]
  /** Of these, what it does apply to. */
  readonly inForce: Target[]
  /** What it would match if it did not hold a key that the queue's type does not know. */
  readonly unsuited: Target[]
}

export interface Facts {
  readonly snapshot: Snapshot
  readonly targets: readonly Target[]
  /** User policies, in the order in which they are considered. */
  readonly policies: readonly PolicyFacts[]
  readonly operatorPolicies: readonly PolicyFacts[]
  readonly all: readonly PolicyFacts[]
  /** False when only policies are known: a policy file on its own. */
  readonly objectsKnown: boolean
  /** Names of all members; empty when no cluster runs. */
  readonly nodes: readonly string[]
}

/** One row of the tables of rules. */
export interface LintRule {
  readonly rule: string
  /** One sentence: what the rule looks for. */
  readonly about: string
  find(facts: Facts): Iterable<Omit<Finding, 'rule'>>
}

/** A rule that looks at one policy at a time; `operators` includes operator policies. */
export function policyRule(
  rule: string,
  about: string,
  look: (policy: PolicyFacts, facts: Facts) => Omit<Finding, 'rule'> | null,
  operators = true,
): LintRule {
  return {
    rule,
    about,
    *find(facts) {
      for (const policy of operators ? facts.all : facts.policies) {
        const found = look(policy, facts)
        if (found !== null) yield found
      }
    },
  }
}

export function gatherFacts(snapshot: Snapshot): Facts {
  const policies = inOrder(snapshot.policies).map((policy) => policyFacts(policy, false))
  const operatorPolicies = inOrder(snapshot.operatorPolicies).map((policy) => policyFacts(policy, true))
  const ranked = byVhost(policies)
  const operatorRanked = byVhost(operatorPolicies)
  const targets: Target[] = []
  for (const queue of snapshot.queues) targets.push(targetOf('queue', queue, queue))
  for (const exchange of snapshot.exchanges) targets.push(targetOf('exchange', exchange, null))
  for (const target of targets) {
    match(target, ranked.get(target.vhost) ?? [], target.policies)
    match(target, operatorRanked.get(target.vhost) ?? [], target.operatorPolicies)
  }
  return {
    snapshot,
    targets,
    policies,
    operatorPolicies,
    all: [...policies, ...operatorPolicies],
    objectsKnown: targets.length > 0,
    nodes: snapshot.nodes.map((node) => node.name),
  }
}

function policyFacts(policy: Policy, operator: boolean): PolicyFacts {
  const compiled = compilePattern(policy.pattern)
  const name = named(policy, operator)
  return { policy, operator, name, compiled, suited: new Map(), matches: [], inForce: [], unsuited: [] }
}

function targetOf(kind: 'queue' | 'exchange', object: MatchedObject, queue: QueueSnapshot | null): Target {
  const { vhost, name } = object
  const bytes = Buffer.from(name)
  return {
    kind,
    vhost,
    name,
    object,
    queue,
    type: queue?.type ?? '',
    bytes,
    policies: [],
    operatorPolicies: [],
  }
}

/** The policies of each vhost, in their order. */
function byVhost(policies: readonly PolicyFacts[]): Map<string, PolicyFacts[]> {
  const found = new Map<string, PolicyFacts[]>()
  for (const policy of policies) {
    const { vhost } = policy.policy
    const known = found.get(vhost)
    if (known === undefined) found.set(vhost, [policy])
    else known.push(policy)
  }
  return found
}

function match(target: Target, ranked: readonly PolicyFacts[], matching: PolicyFacts[]): void {
  for (const facts of ranked) {
    const { applyTo } = facts.policy
    if (applyTo !== 'all' && applyTo !== `${target.kind}s`) continue
    if (!facts.compiled.testBytes(target.bytes)) continue
    if (target.kind === 'queue' && !suits(facts, target.type)) {
      facts.unsuited.push(target)
      continue
    }
    if (matching.length === 0) facts.inForce.push(target)
    facts.matches.push(target)
    matching.push(facts)
  }
}

function suits({ suited, policy }: PolicyFacts, type: string): boolean {
  const known = suited.get(type)
  if (known !== undefined) return known
  const answer = strangeKeys(type, policy.definition).length === 0
  suited.set(type, answer)
  return answer
}

/** Policy and operator policy in force, as one definition. */
export function effectiveOf(target: Target): Definition {
  return effectiveDefinition(target.policies[0]?.policy ?? null, target.operatorPolicies[0]?.policy ?? null)
}

/** All that holds for a queue, its arguments included. */
export function settingsOf({ object, policies, operatorPolicies }: Target): QueueSettings {
  return queueSettings(object.arguments, policies[0]?.policy ?? null, operatorPolicies[0]?.policy ?? null)
}
