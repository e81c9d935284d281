/**
 * Lint: what is wrong, risky or surprising about the policies of a cluster, of a definitions file, or of a policy file on its
 * own. A pure function over a snapshot, asked by the library, the HTTP API and the command line; it changes nothing.
 */
import { type Finding, severities } from './finding.ts'
import { effectRules } from './lint-effects.ts'
import { gatherFacts, type LintRule } from './lint-facts.ts'
import { limitRules } from './lint-limits.ts'
import { matchingRules } from './lint-matching.ts'
import { mirrorRules } from './lint-mirrors.ts'
import { patternRules } from './lint-patterns.ts'
import type { Snapshot } from './snapshot.ts'

export type { Finding, NamedObject, NamedPolicy, Severity } from './finding.ts'

/** Every rule, one row each; a new one is a row in its group's table. */
export const lintRules: readonly LintRule[] = [
  ...matchingRules,
  ...patternRules,
  ...mirrorRules,
  ...effectRules,
  ...limitRules,
]

/** The findings, errors first; equal snapshots give equal findings. Rules that need objects or nodes keep silent without. */
export function lint(snapshot: Snapshot): Finding[] {
  const facts = gatherFacts(snapshot)
  const findings = lintRules.flatMap(({ rule, find }) =>
    [...find(facts)].map((found): Finding => ({ rule, ...found })),
  )
  const rank = ({ severity }: Finding) => severities.indexOf(severity)
  return findings.sort((a, b) => rank(a) - rank(b))
}

/** A snapshot of nothing but policies, such as a file holds. */
export function snapshotOfPolicies({
  policies,
  operatorPolicies,
}: Pick<Snapshot, 'policies' | 'operatorPolicies'>): Snapshot {
  return { nodes: [], partitionHandling: null, exchanges: [], queues: [], policies, operatorPolicies }
}
