// The faults of a scenario file: one verb of steps.ts each, and when it is carried out. Used by `parse`, and by whoever writes a
// schedule back into a file.

import { duration, list, made, maybe, name, optional, record, text, words, yesNo } from './shape.ts'
import { between, node, nodeRef } from './shape-nodes.ts'
import {
  type Condition,
  counts,
  type FaultAction,
  type NodeNumber,
  type NodeRef,
  type PlannedFault,
  type Trigger,
} from './types.ts'

const conditionPattern =
  /^(?:(\d+) (published|confirmed|delivered|acked)|(synchronising|synchronised|promoted) (\S+)|(\S+) holds (\d+)|node([1-9]) (running|down))$/

const condition = text<Condition>(
  'a condition such as "500 confirmed", "synchronising QUEUE", "promoted QUEUE", "QUEUE holds 1000" or "node1 running"',
  conditionPattern,
  (value) => {
    const [, count, of, change, changed, full, held, number, state] = conditionPattern.exec(value) ?? []
    if (count !== undefined)
      return { is: 'count', of: counts.find((one) => one === of)!, atLeast: Number(count) }
    if (changed !== undefined)
      return { is: change as 'synchronising' | 'synchronised' | 'promoted', queue: changed }
    if (full !== undefined) return { is: 'holds', queue: full, atLeast: Number(held) }
    return { is: state as 'running' | 'down', node: Number(number) }
  },
)

const groups = list('a list of groups of nodes', list('a list of nodes', nodeRef, 1), 1)

const verbs = {
  kill: maybe(nodeRef, 'SIGKILL: sockets reset, what is not on the disk is gone.'),
  stop: maybe(nodeRef, 'A clean stop.'),
  start: maybe(nodeRef, 'Starts a node that does not run.'),
  freeze: maybe(nodeRef, 'SIGSTOP: sockets open and mute.'),
  thaw: maybe(nodeRef, 'SIGCONT.'),
  cut: maybe(groups, 'Cuts all links between the groups; nodes not named form a group of their own.'),
  silence: maybe(groups, 'The same, but the links fall silent: noticed after the net tick.'),
  'cut-link': maybe(between<NodeRef>(nodeRef), 'Cuts the link between two nodes.'),
  deafen: maybe(nodeRef, 'What the nodes of `to` send no longer reaches it.'),
  heal: maybe(yesNo, 'Mends all links.'),
  sync: maybe(name, 'rabbitmqctl sync_queue.'),
  'cancel-sync': maybe(name, 'rabbitmqctl cancel_sync_queue.'),
  'delay-link': maybe(between<NodeNumber>(node), 'Gives the link between two nodes another delay, `to`.'),
}
type Verb = keyof typeof verbs
export const faultVerbs = Object.keys(verbs) as Verb[]
const triggers = ['at', 'when', 'after'] as const

const exactlyOne = (keys: readonly string[]) => ({ oneOf: keys.map((key) => ({ required: [key] })) })

const to = {
  schema: { type: ['array', 'string'] },
  read: (value: unknown, path: readonly (string | number)[], refuse: Parameters<typeof words.read>[2]) =>
    typeof value === 'string'
      ? duration.read(value, path, refuse)
      : list('a list of nodes', nodeRef, 1).read(value, path, refuse),
}

const fault = record(
  'a fault',
  {
    name: optional(words, '', 'So that others can come after it.'),
    at: maybe(duration, "After the work's beginning."),
    when: maybe(condition, 'As soon as this is so.'),
    after: maybe(duration, 'After the fault before, or the one named in `of`.'),
    delay: optional(duration, 0, 'So much later than `when`.'),
    of: maybe(name, 'The name of the fault that `after` counts from, or from which on `when` is looked for.'),
    to: maybe<number | readonly NodeRef[]>(
      to,
      'Of deafen: the nodes it no longer hears; of delay-link: the delay.',
    ),
    ...verbs,
  },
  { allOf: [exactlyOne(faultVerbs), exactlyOne(triggers)] },
)

type Read = ReturnType<(typeof fault)['read']>

export const faults = made(list('a list of faults', fault), (entries, path, refuse): PlannedFault[] =>
  entries.map((entry, index) => {
    const at = [...path, index]
    const complain = (key: string, complaint: string) => refuse([...at, key], complaint)
    const given = faultVerbs.filter((verb) => entry[verb] !== null)
    if (given.length !== 1) refuse(at, `a fault has one verb of ${faultVerbs.join(', ')}`)
    if (triggers.filter((key) => entry[key] !== null).length !== 1)
      refuse(at, `a fault has one of ${triggers.join(', ')}`)
    return {
      name: entry.name,
      trigger: triggerOf(entry, index, entries, complain),
      action: actionOf(given[0]!, entry, complain),
    }
  }),
)

type Complain = (key: string, complaint: string) => never

function triggerOf(entry: Read, index: number, all: readonly Read[], complain: Complain): Trigger {
  if (entry.delay > 0 && entry.when === null) complain('delay', 'delay goes with when')
  if (entry.of !== null && entry.at !== null) complain('of', 'of goes with after and when')
  if (entry.at !== null) return { kind: 'at', atMs: entry.at }
  const fault = entry.of === null ? index - 1 : all.findIndex(({ name }) => name === entry.of)
  if (fault < 0 && entry.of !== null) complain('of', `there is no fault named ${entry.of}`)
  if (fault === index) complain('of', 'a fault does not come after itself')
  if (entry.when !== null) {
    const since = entry.of === null ? {} : { since: fault }
    return { kind: 'when', condition: entry.when, delayMs: entry.delay, ...since }
  }
  if (fault < 0) complain('after', 'there is no fault before this one')
  return { kind: 'after', fault, delayMs: entry.after! }
}

function actionOf(verb: Verb, entry: Read, complain: Complain): FaultAction {
  if (entry.to !== null && verb !== 'deafen' && verb !== 'delay-link')
    complain('to', 'to goes with deafen and delay-link')
  switch (verb) {
    case 'cut':
    case 'silence':
      return { do: verb, groups: entry[verb]! }
    case 'cut-link':
      return { do: verb, between: entry[verb]! }
    case 'deafen':
      if (entry.to === null || typeof entry.to === 'number')
        return complain('deafen', 'to: a list of nodes is missing')
      return { do: verb, node: entry.deafen!, to: entry.to }
    case 'delay-link':
      if (typeof entry.to !== 'number') return complain('delay-link', 'to: a time is missing')
      return { do: verb, between: entry[verb]!, delayMs: entry.to }
    case 'heal':
      if (entry.heal !== true) return complain('heal', 'heal is written as heal: true')
      return { do: verb }
    case 'sync':
    case 'cancel-sync':
      return { do: verb, queue: entry[verb]! }
    default:
      return { do: verb, node: entry[verb]! }
  }
}

/** A fault in a few words, as stories and reports tell it. */
export function describeAction(action: FaultAction): string {
  switch (action.do) {
    case 'cut':
    case 'silence':
      return `${action.do} ${action.groups.map((group) => group.map(nodeText).join(',')).join(' | ')}`
    case 'cut-link':
      return `cut-link ${action.between.map(nodeText).join(' ')}`
    case 'delay-link':
      return `delay-link ${action.between.map(nodeText).join(' ')} ${action.delayMs} ms`
    case 'deafen':
      return `deafen ${nodeText(action.node)} to ${action.to.map(nodeText).join(',')}`
    case 'heal':
      return 'heal'
    case 'sync':
    case 'cancel-sync':
      return `${action.do} ${action.queue}`
    default:
      return `${action.do} ${nodeText(action.node)}`
  }
}

export function nodeText(ref: NodeRef): string {
  if (typeof ref === 'number') return `node${ref}`
  return 'leaderOf' in ref ? `leader of ${ref.leaderOf}` : `mirror of ${ref.mirrorOf}`
}
