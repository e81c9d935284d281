/**
 * The migration check: which mirrored queues of a definitions file can become quorum queues, what stands in the way of the
 * others, and the definitions that would do it. A pure function over the file; everything in it that is not about these
 * queues and their policies comes out as it went in.
 */
import { type DefinitionsFile, definitionsOf } from './definitions-file.ts'
import { snapshotOfDefinitions } from './definitions-snapshot.ts'
import {
  capital,
  type Finding,
  finding,
  listed,
  type NamedObject,
  objectNames,
  policyName,
  severities,
} from './finding.ts'
import { effectiveOf, type Facts, gatherFacts, settingsOf, type Target } from './lint-facts.ts'
import { argumentsToDrop, blockers, changes, isKeyToDrop } from './migrate-obstacles.ts'
import { movePolicy } from './migrate-policies.ts'
import type { Policy } from './policy.ts'

type Json = Readonly<Record<string, unknown>>

export interface Migration {
  /** Errors first. */
  readonly findings: readonly Finding[]
  /** Mirrored queues that become quorum queues, and those that cannot. */
  readonly moved: readonly NamedObject[]
  readonly staying: readonly NamedObject[]
  /** The whole file, changed. */
  readonly definitions: Json
}

/**
 * Checks a decoded definitions.json; with `vhost` it is that of one virtual host, whose entries name none.
 * Throws DefinitionsError.
 */
export function migrate(definitions: Json, vhost: string | null = null): Migration {
  const facts = gatherFacts(snapshotOfDefinitions(definitionsOf(definitions, vhost)))
  const mirrored = facts.targets.filter(isMirrored)
  const blocked = new Set(mirrored.filter((target) => blockers.some((row) => row.concerns(target))))
  const moved = new Set(mirrored.filter((target) => !blocked.has(target)))
  const findings: Finding[] = []
  for (const row of [...blockers, ...changes]) {
    const concerned = (row.blocks ? mirrored : [...moved]).filter((target) => row.concerns(target))
    if (concerned.length > 0) findings.push({ rule: row.rule, ...row.tell(concerned) })
  }
  const policies: Policy[] = []
  for (const policy of facts.policies) {
    const taken = new Set([
      ...facts.policies.map(({ policy }) => policy.name),
      ...policies.map(({ name }) => name),
    ])
    const move = movePolicy(
      policy,
      (target) => moved.has(target),
      (target) => blocked.has(target),
      taken,
    )
    policies.push(...move.to)
    if (move.finding !== null) findings.push({ rule: 'policy-changed', ...move.finding })
  }
  const written = rewritten(definitions, vhost, facts, moved, policies)
  findings.push(...differences(facts, moved, definitionsOf(written, vhost)))
  if (mirrored.length > 0) findings.push(...outsideTheFile(facts, [...moved], definitions))
  const rank = ({ severity }: Finding) => severities.indexOf(severity)
  return {
    findings: findings.sort((a, b) => rank(a) - rank(b)),
    moved: [...moved].map(nameOf),
    staying: [...blocked].map(nameOf),
    definitions: written,
  }
}

const nameOf = ({ kind, vhost, name }: NamedObject): NamedObject => ({ kind, vhost, name })

function isMirrored(target: Target): boolean {
  const { queue } = target
  return queue !== null && queue.type === 'classic' && !queue.exclusive && settingsOf(target).haMode !== null
}

const idOf = (vhost: unknown, name: unknown) => JSON.stringify([vhost, name])

/** The file with other queues and policies; the order of what stays is kept. */
function rewritten(
  definitions: Json,
  vhost: string | null,
  facts: Facts,
  moved: ReadonlySet<Target>,
  policies: readonly Policy[],
): Json {
  const movedIds = new Set([...moved].map((target) => idOf(target.vhost, target.name)))
  const entriesOf = (section: string) => (definitions[section] ?? []) as readonly Json[]
  const queues = entriesOf('queues').map((entry) =>
    movedIds.has(idOf(vhost ?? entry['vhost'], entry['name'])) ? asQuorum(entry) : entry,
  )
  const before = new Map(
    entriesOf('policies').map((entry) => [idOf(vhost ?? entry['vhost'], entry['name']), entry]),
  )
  const unchanged = new Set(facts.policies.map(({ policy }) => policy))
  const entries = policies.map((policy) => {
    const known = before.get(idOf(policy.vhost, policy.name))
    if (known !== undefined && unchanged.has(policy)) return known
    const { name, pattern, applyTo, priority, definition } = policy
    return {
      ...(vhost === null && { vhost: policy.vhost }),
      ...known,
      ...{ name, pattern, 'apply-to': applyTo, definition, priority },
    }
  })
  return {
    ...definitions,
    ...(definitions['queues'] !== undefined && { queues }),
    ...(definitions['policies'] !== undefined && { policies: entries }),
  }
}

function asQuorum(entry: Json): Json {
  const args = Object.entries((entry['arguments'] ?? {}) as Json).filter(
    ([name]) => !(argumentsToDrop as readonly string[]).includes(name),
  )
  return {
    ...entry,
    ...(entry['type'] !== undefined && { type: 'quorum' }),
    arguments: { ...Object.fromEntries(args), 'x-queue-type': 'quorum' },
  }
}

/** Queues for which the new definitions would say something else than the old ones, apart from what has to go. */
function* differences(before: Facts, moved: ReadonlySet<Target>, file: DefinitionsFile): Iterable<Finding> {
  const after = gatherFacts(snapshotOfDefinitions(file))
  const now = new Map(after.targets.map((target) => [JSON.stringify(nameOf(target)), target]))
  for (const target of before.targets) {
    const other = now.get(JSON.stringify(nameOf(target)))!
    const old = essence(target, moved.has(target))
    const fresh = essence(other, moved.has(target))
    const keys = [...new Set([...Object.keys(old), ...Object.keys(fresh)])]
      .sort()
      .filter((key) => JSON.stringify(old[key]) !== JSON.stringify(fresh[key]))
    if (keys.length === 0) continue
    const cause = other.policies[0]
    yield {
      rule: 'applies-otherwise',
      ...finding(
        'error',
        { policies: cause === undefined ? [] : [cause.name], objects: [target] },
        `${listed(keys)} of ${objectNames([target])} would change: ${cause === undefined ? 'no policy' : policyName(cause.name)} applies to it as a quorum queue, and did not before.`,
        'Narrow the pattern of that policy, or give the policy that is to apply a higher priority.',
      ),
    }
  }
}

function essence(target: Target, moves: boolean): Json {
  const kept = Object.entries(effectiveOf(target)).filter(
    ([key]) => !(moves && (isKeyToDrop(key) || key === 'queue-leader-locator')),
  )
  return Object.fromEntries(kept)
}

/** What no definitions file shows, and has to be looked for all the same. */
function* outsideTheFile(facts: Facts, moved: readonly Target[], definitions: Json): Iterable<Finding> {
  yield {
    rule: 'outside-the-file',
    ...finding(
      'info',
      {},
      'A definitions file does not show consumers and channels: quorum queues refuse basic.qos with global set, never cancel for x-cancel-on-ha-failover, and keep consumer priorities (x-priority).',
      'Look at global_prefetch_count in list_channels, and make such prefetches per consumer.',
    ),
  }
  yield {
    rule: 'not-in-place',
    ...finding(
      'info',
      {},
      'The type of a queue that exists cannot be changed: importing the new definitions over the old ones leaves its queues as they are.',
      'Import them into a new vhost or cluster of at least three nodes, an odd number, and move messages with a shovel or by federation.',
    ),
  }
  const version = /^(\d+)\.(\d+)/.exec(
    String(definitions['rabbitmq_version'] ?? definitions['rabbit_version'] ?? ''),
  )
  const ttl = moved.filter((target) => settingsOf(target).messageTtlMs !== null)
  if (
    version !== null &&
    ttl.length > 0 &&
    (Number(version[1]) < 3 || (version[1] === '3' && Number(version[2]) < 10))
  )
    yield {
      rule: 'message-ttl',
      ...finding(
        'warning',
        { objects: ttl },
        `${capital(objectNames(ttl))} expire messages, which quorum queues do from RabbitMQ 3.10 on; the file is of ${version[0]}.`,
        'Upgrade before moving these queues.',
      ),
    }
  const listedNodes = facts.policies.filter(
    ({ policy, inForce }) => policy.definition['ha-mode'] === 'nodes' && inForce.length > 0,
  )
  for (const policy of listedNodes)
    yield {
      rule: 'chosen-nodes',
      ...finding(
        'warning',
        { policies: [policy.name], objects: policy.inForce },
        `${capital(policyName(policy.name))} chooses the nodes of ${objectNames(policy.inForce)} by name, which no policy can do for quorum queues.`,
        'Add and remove members with rabbitmq-queues add_member and delete_member after the queues are declared.',
      ),
    }
}
