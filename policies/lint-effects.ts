/**
 * Rules of lint about keys that do nothing: unknown to the type of queue and so keeping the whole policy away, meant for the
 * other kind of object, or outdone by an argument of the declaration (docs/observed.md §1.4).
 */
import { capital, finding, listed, objectNames, policyName, quoted } from './finding.ts'
import { policyKey } from './keys.ts'
import { type Facts, type LintRule, type PolicyFacts, policyRule, type Target } from './lint-facts.ts'
import { acts, strangeKeys } from './queue-types.ts'

const types = ['classic', 'quorum', 'stream'] as const

export const effectRules: readonly LintRule[] = [
  policyRule(
    'unknown-to-type',
    'A key that the type of the queues does not know: the whole policy does not match them.',
    (policy, { objectsKnown }) => {
      if (!objectsKnown) return notForClassic(policy)
      if (policy.unsuited.length === 0) return null
      const queueTypes = [...new Set(policy.unsuited.map(({ type }) => type))]
      const strange = queueTypes.map((type) => strangeKeys(type, policy.policy.definition))
      const keys = [...new Set(strange.flat())]
      const which = queueTypes.map((type, i) => `${listed(strange[i]!)}, which ${type} queues do not know,`)
      const whole = policy.matches.length === 0
      return finding(
        whole ? 'error' : 'info',
        { policies: [policy.name], objects: policy.unsuited },
        `${capital(policyName(policy.name))} does not match ${objectNames(policy.unsuited)} at all: ` +
          `it holds ${which.join(' and ')} and then none of its keys applies.`,
        whole
          ? `Remove ${listed(keys)}, or put ${keys.length === 1 ? 'it' : 'them'} into a policy for queues of the type that knows ${keys.length === 1 ? 'it' : 'them'}.`
          : 'Nothing needs to be done if it is meant for queues of the other types only.',
      )
    },
  ),
  policyRule('fits-no-type', 'Keys that no single type of queue knows together.', (policy) => {
    const { definition, applyTo } = policy.policy
    const strange = types.map((type) => strangeKeys(type, definition))
    if (applyTo === 'exchanges' || strange.some((keys) => keys.length === 0)) return null
    const named = types.map((type, i) => `${type} queues do not know ${listed(strange[i]!)}`)
    return finding(
      'error',
      { policies: [policy.name] },
      `${capital(policyName(policy.name))} can match no queue of any type: ${listed(named)}.`,
      'Split it into one policy for each type.',
    )
  }),
  policyRule('no-effect', 'Keys that change nothing about anything the policy matches.', (policy, facts) => {
    const idle = Object.keys(policy.policy.definition).filter((key) => !actsSomewhere(key, policy, facts))
    if (idle.length === 0 || policy.unsuited.length > 0) return null
    const all = idle.length === Object.keys(policy.policy.definition).length
    const on = facts.objectsKnown ? objectNames(policy.matches) : policy.policy.applyTo
    return finding(
      all ? 'error' : 'warning',
      { policies: [policy.name], objects: policy.matches },
      `${capital(policyName(policy.name))} sets ${listed(idle)}, which ${idle.length === 1 ? 'has' : 'have'} no effect on ${on}.`,
      idle.some((key) => policyKey(key)?.appliesTo === 'exchanges')
        ? 'Put keys of exchanges into a policy with apply-to exchanges, and let it match exchanges.'
        : `Remove ${idle.length === 1 ? 'it' : 'them'}, or let the policy match what ${idle.length === 1 ? 'it is' : 'they are'} for.`,
    )
  }),
  policyRule('argument-wins', 'A key that an argument of the declaration outdoes.', (policy) => {
    for (const key of Object.keys(policy.policy.definition)) {
      const row = policyKey(key)
      if (row === undefined || row.merge !== 'argument' || row.argument === undefined) continue
      const outdone = policy.inForce.filter(
        (target) =>
          acts(key, target.kind, target.type) &&
          differs(target, row.argument!, policy.policy.definition[key]),
      )
      if (outdone.length === 0) continue
      return finding(
        'info',
        { policies: [policy.name], objects: outdone },
        `${capital(policyName(policy.name))} sets ${key} to ${quoted(policy.policy.definition[key])} without effect on ${objectNames(outdone)}, declared with another ${row.argument}: the argument wins.`,
        `Declare without ${row.argument}, which means deleting and declaring anew, if the policy is to decide.`,
      )
    }
    return null
  }),
  policyRule('needs-exchange', 'dead-letter-routing-key without an exchange to send to.', (policy) => {
    const { definition } = policy.policy
    if (
      !Object.hasOwn(definition, 'dead-letter-routing-key') ||
      Object.hasOwn(definition, 'dead-letter-exchange')
    )
      return null
    const without = policy.inForce.filter(
      ({ kind, object }) =>
        kind === 'queue' && typeof object.arguments['x-dead-letter-exchange'] !== 'string',
    )
    if (without.length === 0 && policy.inForce.length > 0) return null
    return finding(
      'warning',
      { policies: [policy.name], objects: without },
      `${capital(policyName(policy.name))} sets dead-letter-routing-key and no dead-letter-exchange: nothing is dead-lettered.`,
      'Set dead-letter-exchange too; the empty text is the default exchange.',
    )
  }),
  policyRule(
    'needs-limit',
    'overflow without a limit that could be exceeded.',
    (policy, { objectsKnown }) => {
      const { definition } = policy.policy
      if (!Object.hasOwn(definition, 'overflow') || limited(definition)) return null
      const unlimited = policy.inForce.filter(
        (target) =>
          target.kind === 'queue' &&
          !limited(target.operatorPolicies[0]?.policy.definition ?? {}) &&
          !limited(withoutX(target.object.arguments)),
      )
      if (objectsKnown && unlimited.length === 0) return null
      return finding(
        'warning',
        { policies: [policy.name], objects: unlimited },
        `${capital(policyName(policy.name))} sets overflow to ${quoted(definition['overflow'])} and no limit${unlimited.length === 0 ? '' : `, and ${objectNames(unlimited)} ${unlimited.length === 1 ? 'has' : 'have'} none either`}: nothing ever overflows.`,
        'Set max-length or max-length-bytes too.',
      )
    },
  ),
]

/** Without objects: classic queues are what most clusters of 3.10 have, and all that Warren has. */
function notForClassic({ name, policy: { definition, applyTo } }: PolicyFacts) {
  const keys = strangeKeys('classic', definition)
  const others = types.filter((type) => strangeKeys(type, definition).length === 0)
  if (applyTo === 'exchanges' || keys.length === 0 || others.length === 0) return null
  return finding(
    'info',
    { policies: [name] },
    `${capital(policyName(name))} matches no classic queue: it holds ${listed(keys)}, which only ${others.join(' and ')} queues know.`,
    `Nothing needs to be done if it is meant for those; otherwise remove ${listed(keys)}.`,
  )
}

/** On an object it matches or, when none is known, on any kind of object it could match. */
function actsSomewhere(key: string, policy: PolicyFacts, { objectsKnown }: Facts): boolean {
  if (objectsKnown)
    return policy.matches.length === 0 || policy.matches.some((target) => acts(key, target.kind, target.type))
  const { applyTo } = policy.policy
  const kinds =
    applyTo === 'all'
      ? (['queue', 'exchange'] as const)
      : ([applyTo === 'queues' ? 'queue' : 'exchange'] as const)
  return kinds.some((kind) => types.some((type) => acts(key, kind, type)))
}

function differs({ object }: Target, argument: string, value: unknown): boolean {
  const declared = object.arguments[argument]
  return declared !== undefined && declared !== null && declared !== value
}

const limited = (definition: Readonly<Record<string, unknown>>) =>
  Object.hasOwn(definition, 'max-length') || Object.hasOwn(definition, 'max-length-bytes')

const withoutX = (args: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(args).map(([name, value]) => [name.replace(/^x-/, ''), value]))
