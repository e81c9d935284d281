/**
 * Rules of lint about limits and about where messages go that give way: operators' limits below what a queue was declared
 * with, times in the wrong unit, and exchanges that are not there (docs/observed.md §1.4).
 */
import { capital, type Finding, finding, listed, objectNames, policyName, quoted } from './finding.ts'
import { policyKey } from './keys.ts'
import {
  effectiveOf,
  type Facts,
  type LintRule,
  type PolicyFacts,
  policyRule,
  type Target,
} from './lint-facts.ts'
import { acts } from './queue-types.ts'

export const limitRules: readonly LintRule[] = [
  policyRule(
    'operator-below-argument',
    'An operator policy that lowers what a queue was declared with.',
    (policy) =>
      policy.operator
        ? firstKey(policy, (key, limit) => {
            const lowered = policy.inForce.filter((target) => (declared(target, key) ?? limit) > limit)
            return lowered.length === 0
              ? null
              : finding(
                  'warning',
                  { policies: [policy.name], objects: lowered },
                  `${capital(policyName(policy.name))} sets ${key} to ${limit}, below the ${policyKey(key)?.argument} that ${objectNames(lowered)} ${lowered.length === 1 ? 'was' : 'were'} declared with: the lower value applies, and the application is not told.`,
                  `Raise ${key} of the operator policy, or tell the owners of these queues.`,
                )
          })
        : null,
  ),
  {
    rule: 'operator-below-policy',
    about: 'An operator policy that lowers what a policy sets.',
    *find({ operatorPolicies }) {
      for (const policy of operatorPolicies) {
        const found = firstKey(policy, (key, limit) => lowersPolicies(policy, key, limit))
        if (found !== null) yield found
      }
    },
  },
  policyRule(
    'policy-below-argument',
    'A policy that lowers what a queue was declared with.',
    (policy) =>
      firstKey(policy, (key, limit) => {
        const lowered = policy.inForce.filter((target) => (declared(target, key) ?? limit) > limit)
        if (lowered.length === 0) return null
        return finding(
          'info',
          { policies: [policy.name], objects: lowered },
          `${capital(policyName(policy.name))} sets ${key} to ${limit}, below the ${policyKey(key)?.argument} that ${objectNames(lowered)} ${lowered.length === 1 ? 'was' : 'were'} declared with: the lower value applies.`,
          'Nothing needs to be done if that is meant; of argument and policy the lower always holds.',
        )
      }),
    false,
  ),
  policyRule('limit-without-effect', 'A limit above what every queue was declared with.', (policy) =>
    firstKey(policy, (key, limit) => {
      const queues = policy.inForce.filter((target) => acts(key, target.kind, target.type))
      if (queues.length === 0 || !queues.every((target) => (declared(target, key) ?? Infinity) < limit))
        return null
      return finding(
        'info',
        { policies: [policy.name], objects: queues },
        `${capital(policyName(policy.name))} sets ${key} to ${limit} without effect: ${objectNames(queues)} ${queues.length === 1 ? 'was' : 'were'} declared with a lower ${policyKey(key)?.argument}.`,
        'A policy can lower such a limit and never raise it; declare anew without the argument.',
      )
    }),
  ),
  policyRule(
    'holds-nothing',
    'A limit of 0: messages are gone unless a consumer takes them at once.',
    (policy) => {
      const key = ['max-length', 'max-length-bytes', 'message-ttl'].find(
        (name) => policy.policy.definition[name] === 0,
      )
      if (key === undefined) return null
      return finding(
        'warning',
        { policies: [policy.name], objects: policy.inForce },
        `${capital(policyName(policy.name))} sets ${key} to 0: a message that no consumer takes at once is gone.`,
        `Raise ${key}, unless that is meant.`,
      )
    },
  ),
  policyRule('milliseconds', 'A time so short that seconds may have been meant.', (policy) => {
    const { definition } = policy.policy
    const key = ['message-ttl', 'expires'].find((name) => {
      const value = definition[name]
      return typeof value === 'number' && value > 0 && value < 1000
    })
    if (key === undefined) return null
    return finding(
      'info',
      { policies: [policy.name], objects: policy.inForce },
      `${capital(policyName(policy.name))} sets ${key} to ${definition[key]}, which are milliseconds: less than a second.`,
      `Set ${Number(definition[key]) * 1000} if seconds were meant.`,
    )
  }),
  policyRule(
    'expires-durable',
    'expires on durable queues: unused ones are deleted, messages and all.',
    (policy) => {
      const after = policy.policy.definition['expires']
      const durable = policy.inForce.filter(({ queue }) => queue?.durable === true && !queue.autoDelete)
      if (after === undefined || durable.length === 0) return null
      return finding(
        'warning',
        { policies: [policy.name], objects: durable },
        `${capital(policyName(policy.name))} deletes ${objectNames(durable)}, though durable and whatever is in ${durable.length === 1 ? 'it' : 'them'}, after ${after} ms without consumers, declarations and gets.`,
        'Narrow the pattern to temporary queues; to let messages expire, use message-ttl.',
      )
    },
  ),
  policyRule(
    'missing-exchange',
    'A dead-letter or alternate exchange that is not there.',
    (policy, facts) => {
      for (const key of ['dead-letter-exchange', 'alternate-exchange']) {
        const name = policy.policy.definition[key]
        if (!facts.objectsKnown || typeof name !== 'string' || exists(facts, policy.policy.vhost, name))
          continue
        const objects = policy.inForce.filter((target) => acts(key, target.kind, target.type))
        return finding(
          objects.length > 0 ? 'error' : 'warning',
          { policies: [policy.name], objects },
          `${capital(policyName(policy.name))} names ${key} ${quoted(name)}, and vhost ${quoted(policy.policy.vhost)} has no such exchange: the messages are dropped without a word.`,
          `Declare the exchange ${quoted(name)}, or correct the name.`,
        )
      }
      return null
    },
  ),
  policyRule('dead-letter-to-itself', 'Dead letters that go back to the queue they left.', (policy) => {
    const { definition } = policy.policy
    if (definition['dead-letter-exchange'] !== '' || Object.hasOwn(definition, 'dead-letter-routing-key'))
      return null
    return finding(
      'warning',
      { policies: [policy.name], objects: policy.inForce },
      `${capital(policyName(policy.name))} dead-letters to the default exchange without dead-letter-routing-key: a message published there goes back to the queue it left, or is dropped as a cycle.`,
      'Set dead-letter-routing-key to the name of another queue.',
    )
  }),
  policyRule('reject-to-nowhere', 'overflow reject-publish-dlx without a dead-letter exchange.', (policy) => {
    const { definition } = policy.policy
    if (definition['overflow'] !== 'reject-publish-dlx' || Object.hasOwn(definition, 'dead-letter-exchange'))
      return null
    const nowhere = policy.inForce.filter(
      ({ kind, object }) =>
        kind === 'queue' && typeof object.arguments['x-dead-letter-exchange'] !== 'string',
    )
    if (nowhere.length === 0 && policy.inForce.length > 0) return null
    return finding(
      'warning',
      { policies: [policy.name], objects: nowhere },
      `${capital(policyName(policy.name))} sets overflow to reject-publish-dlx and no dead-letter-exchange: what is rejected goes nowhere, as with reject-publish.`,
      'Set dead-letter-exchange, or overflow to reject-publish.',
    )
  }),
]

type About = (key: string, limit: number) => Omit<Finding, 'rule'> | null

/** What there is to say of the first numeric key that gives cause. */
function firstKey({ policy }: PolicyFacts, about: About): Omit<Finding, 'rule'> | null {
  for (const [key, value] of Object.entries(policy.definition)) {
    if (policyKey(key)?.merge !== 'min' || typeof value !== 'number') continue
    const found = about(key, value)
    if (found !== null) return found
  }
  return null
}

/** The number that a queue was declared with, or undefined. */
function declared({ kind, object }: Target, key: string): number | undefined {
  const value = object.arguments[policyKey(key)?.argument ?? '']
  return kind === 'queue' && (typeof value === 'number' || typeof value === 'bigint')
    ? Number(value)
    : undefined
}

function lowersPolicies(policy: PolicyFacts, key: string, limit: number) {
  const lowered = policy.inForce.filter((target) => {
    const wanted = target.policies[0]?.policy.definition[key]
    return typeof wanted === 'number' && wanted > limit && effectiveOf(target)[key] === limit
  })
  if (lowered.length === 0) return null
  const owners = [...new Set(lowered.map((target) => target.policies[0]!))]
  return finding(
    'info',
    { policies: [policy.name, ...owners.map(({ name }) => name)], objects: lowered },
    `${capital(policyName(policy.name))} caps ${key} at ${limit} for ${objectNames(lowered)}, where ${listed(owners.map(({ name }) => policyName(name)))} ${owners.length === 1 ? 'sets' : 'set'} more.`,
    'Nothing needs to be done if the cap is meant; otherwise raise it.',
  )
}

/** Every vhost has those whose names begin with amq., and the default exchange, whether or not they are listed. */
function exists({ snapshot }: Facts, vhost: string, name: string): boolean {
  if (name === '' || name.startsWith('amq.')) return true
  return snapshot.exchanges.some((exchange) => exchange.vhost === vhost && exchange.name === name)
}
