/**
 * Rules of lint about who is in force: policies that tie, displace one another, match nothing or never get their turn.
 * RabbitMQ applies one policy to an object and combines none, which is what people trip over most.
 */
import { capital, finding, listed, objectNames, policyName, quoted } from './finding.ts'
import { type Facts, type LintRule, type PolicyFacts, policyRule, type Target } from './lint-facts.ts'
import { matchesAnything, samples } from './pattern-sample.ts'
import { acts } from './queue-types.ts'

export const matchingRules: readonly LintRule[] = [
  {
    rule: 'same-priority',
    about: 'Policies of one priority that match the same object: RabbitMQ leaves undefined which applies.',
    *find(facts) {
      yield* facts.objectsKnown ? tiedOnObjects(facts) : tiedByPattern(facts)
    },
  },
  {
    rule: 'displaced',
    about: 'A policy that takes keys away from objects because another one outranks it.',
    *find(facts) {
      for (const { winner, loser, targets, keys } of displacements(facts)) {
        const mirrors = keys.includes('ha-mode')
        const [won, lost] = [policyName(winner.name), policyName(loser.name)]
        yield finding(
          mirrors ? 'warning' : 'info',
          { policies: [winner.name, loser.name], objects: targets },
          `${capital(won)} (priority ${winner.policy.priority}) displaces ${lost} (priority ${loser.policy.priority}) ` +
            `on ${objectNames(targets)}, where ${listed(keys)} of ${lost} ${keys.length === 1 ? 'does' : 'do'} not apply` +
            `${mirrors ? ': no mirrors there' : ''}.`,
          `Repeat the missing keys in ${won}, since two policies are never combined, or narrow its pattern.`,
        )
      }
    },
  },
  {
    rule: 'never-in-force',
    about: 'A policy that matches objects and applies to none of them, because others cover all.',
    *find(facts) {
      yield* facts.objectsKnown ? neverInForce(facts) : coveredByPattern(facts)
    },
  },
  policyRule(
    'matches-nothing',
    'A policy that matches no queue and no exchange.',
    (policy, { objectsKnown, targets }) => {
      if (!objectsKnown || policy.matches.length > 0 || policy.unsuited.length > 0) return null
      const { pattern, vhost, applyTo } = policy.policy
      const named = targets.filter((target) => policy.compiled.testBytes(target.bytes))
      const here = named.filter((target) => target.vhost === vhost)
      const sentence = `${capital(policyName(policy.name))} matches nothing`
      if (here.length > 0)
        return finding(
          'warning',
          { policies: [policy.name], objects: here },
          `${sentence}: it applies to ${applyTo} only, and its pattern ${quoted(pattern)} fits ${objectNames(here)}.`,
          `Set apply-to to ${applyTo === 'queues' ? 'exchanges' : 'queues'} or all, or correct the pattern.`,
        )
      if (named.length > 0)
        return finding(
          'warning',
          { policies: [policy.name], objects: named },
          `${sentence} in vhost ${quoted(vhost)}; its pattern ${quoted(pattern)} fits ${objectNames(named)}, in another vhost.`,
          'Set it in the vhost of the objects it is meant for: a policy belongs to one vhost.',
        )
      return finding(
        'warning',
        { policies: [policy.name] },
        `${sentence}: no queue or exchange has a name that fits ${quoted(pattern)}.`,
        'Correct the pattern, or clear the policy if what it was for is gone.',
      )
    },
  ),
  policyRule(
    'matches-everything',
    'A pattern that matches every name: whatever else is set competes with it.',
    (policy, facts) => {
      const { pattern, priority, vhost, applyTo } = policy.policy
      if (!matchesAnything(pattern)) return null
      const peers = policy.operator ? facts.operatorPolicies : facts.policies
      const below = peers.filter((other) => other.policy.vhost === vhost && other.policy.priority < priority)
      const sentence = `${capital(policyName(policy.name))} matches every ${applyTo === 'all' ? 'queue and exchange' : applyTo.slice(0, -1)}${vhost === '/' ? '' : ` of vhost ${quoted(vhost)}`} by its pattern ${quoted(pattern)} at priority ${priority}`
      if (below.length === 0 && priority < 0) return null
      return finding(
        below.length > 0 ? 'warning' : 'info',
        { policies: [policy.name, ...below.map(({ name }) => name)], objects: policy.matches },
        below.length === 0
          ? `${sentence}: a policy for some of them has to have a higher priority, and has to repeat its keys.`
          : `${sentence}, and so leaves nothing to ${listed(below.map(({ name }) => policyName(name)))}.`,
        below.length === 0
          ? 'Give a policy meant for all else a negative priority, which leaves room for those at 0.'
          : 'Lower its priority below that of the policies for particular names.',
      )
    },
  ),
]

/** Whether any key of these policies does something there: ties over nothing are no news. */
function matters(target: Target, policies: readonly PolicyFacts[]): boolean {
  return policies.some(({ policy }) =>
    Object.keys(policy.definition).some((key) => acts(key, target.kind, target.type)),
  )
}

function* tiedOnObjects({ targets }: Facts) {
  const groups = new Map<string, { tied: PolicyFacts[]; over: Target[] }>()
  for (const target of targets)
    for (const matching of [target.policies, target.operatorPolicies]) {
      const tied = matching.filter(({ policy }) => policy.priority === matching[0]!.policy.priority)
      if (tied.length < 2 || sameDefinition(tied) || !matters(target, tied)) continue
      const id = JSON.stringify(tied.map(({ name }) => [name.kind, name.vhost, name.name]))
      const group = groups.get(id) ?? { tied, over: [] }
      group.over.push(target)
      groups.set(id, group)
    }
  for (const { tied, over } of groups.values()) yield tie(tied, over, `match ${objectNames(over)}`)
}

/** Without objects: one policy matches the names that another was made for. */
function* tiedByPattern({ all }: Facts) {
  for (const [i, first] of all.entries())
    for (const second of all.slice(i + 1)) {
      if (first.operator !== second.operator || first.policy.priority !== second.policy.priority) continue
      if (!sameGround(first, second) || sameDefinition([first, second])) continue
      const names = [...samples(first.policy.pattern), ...samples(second.policy.pattern)]
      const both = names.find((name) => first.compiled.test(name) && second.compiled.test(name))
      if (both === undefined) continue
      yield tie([first, second], [], `match a name such as ${quoted(both === '' ? 'a' : both)}`)
    }
}

function tie(tied: readonly PolicyFacts[], objects: readonly Target[], what: string) {
  const names = tied.map(({ name }) => name)
  return finding(
    'error',
    { policies: names, objects },
    `${capital(listed(names.map(policyName)))} have the same priority ${tied[0]!.policy.priority} and ${tied.length === 2 ? 'both' : 'all'} ${what}: ` +
      'which of them applies there is undefined in RabbitMQ.',
    'Give each its own priority, or make the patterns exclude one another.',
  )
}

function sameDefinition(policies: readonly PolicyFacts[]): boolean {
  return new Set(policies.map(({ policy }) => JSON.stringify(policy.definition))).size === 1
}

/** One vhost, and an apply-to in common. */
function sameGround({ policy: a }: PolicyFacts, { policy: b }: PolicyFacts): boolean {
  return a.vhost === b.vhost && (a.applyTo === b.applyTo || a.applyTo === 'all' || b.applyTo === 'all')
}

/** Meant for what has no policy of its own, and so to be displaced. */
const isDefault = ({ policy }: PolicyFacts) => policy.priority < 0 && matchesAnything(policy.pattern)

interface Displacement {
  readonly winner: PolicyFacts
  readonly loser: PolicyFacts
  readonly targets: Target[]
  readonly keys: readonly string[]
}

/** By pairs of policies. Ties and policies that nowhere apply have rules of their own. */
function displacements({ targets }: Facts): Iterable<Displacement> {
  const found = new Map<PolicyFacts, Map<PolicyFacts, Displacement>>()
  for (const target of targets)
    for (const [winner, ...losers] of [target.policies, target.operatorPolicies])
      for (const loser of losers) {
        if (winner === undefined || loser.inForce.length === 0) continue
        if (loser.policy.priority === winner.policy.priority || isDefault(loser)) continue
        const keys = Object.keys(loser.policy.definition).filter(
          (key) => !Object.hasOwn(winner.policy.definition, key) && acts(key, target.kind, target.type),
        )
        if (keys.length === 0) continue
        const pairs = found.get(winner) ?? new Map<PolicyFacts, Displacement>()
        found.set(winner, pairs)
        const known = pairs.get(loser)
        if (known === undefined) pairs.set(loser, { winner, loser, targets: [target], keys })
        else known.targets.push(target)
      }
  return [...found.values()].flatMap((pairs) => [...pairs.values()])
}

function* neverInForce({ all }: Facts) {
  for (const policy of all) {
    if (policy.matches.length === 0 || policy.inForce.length > 0) continue
    const before = (target: Target) => (policy.operator ? target.operatorPolicies : target.policies)[0]!
    const covering = [...new Set(policy.matches.map(before))]
    yield covered(policy, covering, `applies to none of ${objectNames(policy.matches)}`)
  }
}

function* coveredByPattern({ all }: Facts) {
  for (const policy of all) {
    const over = all.find(
      (other) =>
        other.operator === policy.operator &&
        other.policy.priority > policy.policy.priority &&
        other.policy.vhost === policy.policy.vhost &&
        (other.policy.applyTo === 'all' || other.policy.applyTo === policy.policy.applyTo) &&
        (other.policy.pattern === policy.policy.pattern || matchesAnything(other.policy.pattern)),
    )
    if (over !== undefined) yield covered(policy, [over], 'can apply to nothing')
  }
}

function covered(policy: PolicyFacts, covering: readonly PolicyFacts[], what: string) {
  const by = listed(covering.map(({ name }) => policyName(name)))
  return finding(
    'warning',
    { policies: [policy.name, ...covering.map(({ name }) => name)], objects: policy.matches },
    `${capital(policyName(policy.name))} ${what}: ${by} ${covering.length === 1 ? 'comes' : 'come'} first everywhere.`,
    `Give it a priority above that of ${by}, or clear it.`,
  )
}
