/**
 * Rules of lint about mirroring: copies on nodes that do not exist, on too many or too few, and settings under which a queue
 * loses messages or stands still when its leader goes. What becomes of a queue then is `loss`'s to say; sources are
 * docs/observed.md §0, §3, §4, §11 and §20.
 */
import { capital, type Finding, finding, listed, objectNames, policyName, quoted } from './finding.ts'
import {
  type Facts,
  type LintRule,
  type PolicyFacts,
  policyRule,
  settingsOf,
  type Target,
} from './lint-facts.ts'

/** More copies than these cost more than they save: a publish crosses the cluster once per copy. */
const manyNodes = 3

type Look = (policy: PolicyFacts, facts: Facts) => Omit<Finding, 'rule'> | null

/** A rule about policies that mirror. */
const mirrorRule = (rule: string, about: string, look: Look): LintRule =>
  policyRule(
    rule,
    about,
    (policy, facts) => (Object.hasOwn(policy.policy.definition, 'ha-mode') ? look(policy, facts) : null),
    false,
  )

/** The nodes that a `nodes` policy lists; null for other modes. */
function listOf({ policy: { definition } }: PolicyFacts): string[] | null {
  const params = definition['ha-params']
  return definition['ha-mode'] === 'nodes' && Array.isArray(params)
    ? [...new Set(params.filter((name) => typeof name === 'string'))]
    : null
}

function countOf({ policy: { definition } }: PolicyFacts): number | null {
  const params = definition['ha-params']
  return definition['ha-mode'] === 'exactly' && typeof params === 'number' ? params : null
}

const isManual = ({ policy }: PolicyFacts) => policy.definition['ha-sync-mode'] !== 'automatic'
const onFailure = ({ policy }: PolicyFacts) => policy.definition['ha-promote-on-failure'] ?? 'always'
const setOrDefault = ({ policy }: PolicyFacts, key: string, value: string) =>
  Object.hasOwn(policy.definition, key) ? `${key} ${value}` : `${key} ${value} by default`

export const mirrorRules: readonly LintRule[] = [
  mirrorRule(
    'unknown-nodes',
    'An ha-mode nodes list with names that no member of the cluster has.',
    (policy, facts) => {
      const list = listOf(policy)
      if (list === null || facts.nodes.length === 0) return null
      const unknown = list.filter((name) => !facts.nodes.includes(name))
      if (unknown.length === 0) return null
      const all = unknown.length === list.length
      return finding(
        all ? 'error' : 'warning',
        { policies: [policy.name], objects: policy.inForce },
        `${capital(policyName(policy.name))} lists ${listed(unknown.map(quoted))} in ha-params, ` +
          `${unknown.length === 1 ? 'which is' : 'which are'} no member of the cluster: ` +
          `${all ? 'its queues get no mirrors at all' : 'those copies are never made'}.`,
        `The members are ${listed(facts.nodes.map(quoted))}; correct the names, or add the nodes.`,
      )
    },
  ),
  mirrorRule(
    'mirrors-everywhere',
    'Copies on every node of a cluster of more than three.',
    (policy, { nodes }) => {
      const copies =
        policy.policy.definition['ha-mode'] === 'all'
          ? nodes.length
          : (countOf(policy) ?? listOf(policy)?.filter((name) => nodes.includes(name)).length ?? 0)
      if (nodes.length <= manyNodes || copies < nodes.length) return null
      return finding(
        'warning',
        { policies: [policy.name], objects: policy.inForce },
        `${capital(policyName(policy.name))} keeps a copy on each of ${nodes.length} nodes: every message crosses ${nodes.length - 1} links, and one slow node holds up all publishers.`,
        'Set ha-mode exactly with ha-params 2 or 3: a majority is never needed, one synchronised mirror is enough.',
      )
    },
  ),
  mirrorRule('one-copy', 'A policy that mirrors and asks for a single copy.', (policy) => {
    const copies = countOf(policy) ?? listOf(policy)?.length ?? 2
    if (copies !== 1) return null
    return finding(
      'warning',
      { policies: [policy.name], objects: policy.inForce },
      `${capital(policyName(policy.name))} asks for one copy, which is the leader alone: when its node goes, the queue is gone or waits for it.`,
      'Ask for 2 copies, or leave ha-mode out.',
    )
  }),
  mirrorRule(
    'more-copies-than-nodes',
    'ha-mode exactly with more copies than there are nodes.',
    (policy, { nodes }) => {
      const copies = countOf(policy)
      if (copies === null || nodes.length === 0 || copies <= nodes.length) return null
      return finding(
        'info',
        { policies: [policy.name], objects: policy.inForce },
        `${capital(policyName(policy.name))} asks for ${copies} copies, and the cluster has ${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}: there are as many copies as nodes.`,
        `Set ha-params to ${nodes.length} or less.`,
      )
    },
  ),
  mirrorRule(
    'can-lose-on-failure',
    'Mirrors that are not filled by themselves, and may lead all the same after a crash.',
    (policy) => {
      if (!isManual(policy) || onFailure(policy) !== 'always') return null
      const [sync, promote] = [
        setOrDefault(policy, 'ha-sync-mode', 'manual'),
        setOrDefault(policy, 'ha-promote-on-failure', 'always'),
      ]
      return finding(
        'warning',
        { policies: [policy.name], objects: policy.inForce },
        `${capital(policyName(policy.name))} can lose messages: with ${sync} a new mirror lacks what was in the queue before, and with ${promote} it leads after a crash nevertheless.`,
        'Set ha-sync-mode to automatic; or set ha-promote-on-failure to when-synced, if waiting for the node is better than losing.',
      )
    },
  ),
  mirrorRule(
    'can-lose-on-shutdown',
    'ha-promote-on-shutdown always: a planned stop may lose messages.',
    (policy) => {
      const { definition } = policy.policy
      if (definition['ha-promote-on-shutdown'] !== 'always') return null
      if (onFailure(policy) === 'when-synced')
        return finding(
          'warning',
          { policies: [policy.name], objects: policy.inForce },
          `${capital(policyName(policy.name))} sets ha-promote-on-shutdown to always without effect: ha-promote-on-failure when-synced outranks it.`,
          'Remove one of the two.',
        )
      return finding(
        'warning',
        { policies: [policy.name], objects: policy.inForce },
        `${capital(policyName(policy.name))} sets ha-promote-on-shutdown to always: an orderly stop of the leader promotes a mirror that lacks messages, and they are lost.`,
        'Set it to when-synced and let mirrors be synchronised before a node is stopped.',
      )
    },
  ),
  mirrorRule(
    'may-stand-still',
    'Mirrors that are not filled by themselves, and may not lead until they are.',
    (policy) => {
      if (!isManual(policy) || onFailure(policy) !== 'when-synced') return null
      return finding(
        'info',
        { policies: [policy.name], objects: policy.inForce },
        `${capital(policyName(policy.name))} can leave queues without a leader: with ${setOrDefault(policy, 'ha-sync-mode', 'manual')} mirrors may lack messages for long, and with ha-promote-on-failure when-synced none of them leads until the lost node is back.`,
        'Set ha-sync-mode to automatic, or synchronise with sync_queue after each start of a node.',
      )
    },
  ),
  mirrorRule('sync-one-by-one', 'ha-sync-batch-size 1, which counts as nothing said.', (policy) => {
    if (policy.policy.definition['ha-sync-batch-size'] !== 1) return null
    return finding(
      'info',
      { policies: [policy.name], objects: policy.inForce },
      `${capital(policyName(policy.name))} sets ha-sync-batch-size to 1, which RabbitMQ takes as nothing said: batches of 4096.`,
      'Leave it out, or set a number above 1.',
    )
  }),
  mirrorRule('mirrored-temporary', 'Mirrors of queues that end with their client.', (policy) => {
    const temporary = policy.inForce.filter(isTemporary)
    if (temporary.length === 0) return null
    return finding(
      'info',
      { policies: [policy.name], objects: temporary },
      `${capital(policyName(policy.name))} also mirrors ${objectNames(temporary)}, which ${temporary.length === 1 ? 'ends' : 'end'} with the client: each declaration and message costs every copy.`,
      'Narrow the pattern, for instance with ^(?!amq\\.) in front.',
    )
  }),
  mirrorRule(
    'exclusive-unmirrored',
    'Exclusive queues under a policy that mirrors: they never are.',
    (policy) => {
      const exclusive = policy.inForce.filter(({ queue }) => queue?.exclusive)
      if (exclusive.length === 0) return null
      return finding(
        'info',
        { policies: [policy.name], objects: exclusive },
        `${capital(policyName(policy.name))} is shown for ${objectNames(exclusive)}, which ${exclusive.length === 1 ? 'is' : 'are'} exclusive and never mirrored.`,
        "Nothing needs to be done; what must survive its client's node must not be exclusive.",
      )
    },
  ),
  mirrorRule(
    'leader-not-listed',
    'Queues led outside the list, waiting for a synchronised mirror.',
    (policy, facts) => {
      const list = listOf(policy)
      const stuck = policy.inForce.filter(
        ({ queue }) =>
          queue !== null &&
          queue.leader !== null &&
          !list?.includes(queue.leader) &&
          queue.mirrors.some(({ node }) => list?.includes(node)),
      )
      if (list === null || stuck.length === 0 || facts.nodes.length === 0) return null
      return finding(
        'warning',
        { policies: [policy.name], objects: stuck },
        `${capital(policyName(policy.name))} wants ${objectNames(stuck)} on ${listed(list.map(quoted))} only, and the leader stays where it is until a mirror there is synchronised.`,
        'Synchronise with sync_queue, or set ha-sync-mode to automatic.',
      )
    },
  ),
  mirrorRule('unsynchronised-now', 'Queues that would lose messages if their leader went now.', (policy) => {
    const open = policy.inForce.filter((target) => {
      const { queue } = target
      return (
        queue !== null &&
        queue.messages > 0 &&
        queue.mirrors.length > 0 &&
        !queue.mirrors.some(({ synced }) => synced) &&
        settingsOf(target).haPromoteOnFailure === 'always'
      )
    })
    if (open.length === 0) return null
    return finding(
      'warning',
      { policies: [policy.name], objects: open },
      `None of the mirrors of ${objectNames(open)} is synchronised: a crash of the leader now loses what they lack, since ${policyName(policy.name)} lets them lead.`,
      'Synchronise with sync_queue, or set ha-sync-mode to automatic.',
    )
  }),
  {
    rule: 'two-node-minority',
    about: 'pause_minority with two nodes: either is a minority, and both pause when they lose each other.',
    *find({ snapshot, nodes }) {
      if (snapshot.partitionHandling !== 'pause_minority' || nodes.length !== 2) return
      yield finding(
        'warning',
        {},
        'The cluster has two nodes and partition handling pause_minority: neither is a majority, so both pause when the link between them goes, and the second one pauses when the first dies.',
        'Add a third node, or use autoheal.',
      )
    },
  },
]

/** Deleted with its consumers, or named by the server for one client. */
function isTemporary({ queue, name }: Target): boolean {
  return queue !== null && !queue.exclusive && (queue.autoDelete || name.startsWith('amq.gen'))
}
