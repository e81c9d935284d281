// A preview as text for people: the queues and exchanges that change, then nodes, links and what a crash would cost. Pure text in
// and out; called by ctl's verbs. Programs read the JSON, which has all of it.

import type { Preview, QueueChange } from '../policies/preview.ts'
import type { Placement } from '../policies/preview-placement.ts'
import { tableText } from './ctl-output.ts'

/** As many queues are told one by one. */
const queuesTold = 25

/** Empty lines part the sections. */
export function previewText(preview: Preview): string {
  const { totals, queues, exchanges, later } = preview
  const told = queues.slice(0, queuesTold)
  const more = queues.length - told.length
  const sections = [
    [headline(preview)],
    ...told.map(queueLines),
    more === 0 ? [] : [`${more} more queues change; --formatter json lists them all.`],
    exchanges.map(
      ({ vhost, name, policy }) => `exchange '${name}' in vhost '${vhost}': policy ${moved(policy, nameOf)}`,
    ),
    later.map(
      ({ vhost, name, leader }) =>
        `queue '${name}' in vhost '${vhost}' is down: it follows with the first change after ${leader} is back`,
    ),
  ]
  if (totals.leaderMoves + totals.mirrorsStarted + totals.mirrorsStopped > 0)
    sections.push(nodeLines(preview))
  if (queues.length > 0) sections.push(trafficLines(preview), lossLines(preview))
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => `${line}\n`).join(''))
    .join('\n')
}

/** All of it in a sentence. */
export function headline({ totals, later }: Preview): string {
  const { queues, exchanges, leaderMoves, leadersWaiting, mirrorsStarted, mirrorsStopped, messagesDropped } =
    totals
  if (queues + exchanges + later.length === 0) return 'Nothing changes.'
  const { automatic, manual } = totals
  const parts = [
    `${counted(queues, 'queue')} and ${counted(exchanges, 'exchange')} to change`,
    ...some(leaderMoves, `${counted(leaderMoves, 'leader')} to move`),
    ...some(
      leadersWaiting,
      `${counted(leadersWaiting, 'leader')} kept from moving for want of a synchronised mirror`,
    ),
    ...some(mirrorsStarted, `${counted(mirrorsStarted, 'mirror')} to start`),
    ...some(mirrorsStopped, `${counted(mirrorsStopped, 'mirror')} to stop`),
    ...some(automatic.messages, `${amount(automatic)} to synchronise at once`),
    ...some(manual.messages, `${amount(manual)} to synchronise by hand`),
    ...some(messagesDropped, `${counted(messagesDropped, 'message')} to be dropped`),
  ]
  return `${parts.join(', ')}.`
}

const some = (count: number, text: string) => (count === 0 ? [] : [text])

function queueLines({ vhost, name, policy, operatorPolicy, definition, ...change }: QueueChange): string[] {
  const keys = [...new Set([...Object.keys(definition.from), ...Object.keys(definition.to)])].sort()
  const values = keys
    .map((key) => ({ key, from: definition.from[key], to: definition.to[key] }))
    .filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to))
  return [
    `queue '${name}' in vhost '${vhost}'${change.state === 'running' ? '' : ` (${change.state})`}`,
    ...(policy.from === policy.to ? [] : [`  policy: ${moved(policy, nameOf)}`]),
    ...(operatorPolicy.from === operatorPolicy.to
      ? []
      : [`  operator policy: ${moved(operatorPolicy, nameOf)}`]),
    ...values.map((value) => `  ${value.key}: ${moved(value, setTo)}`),
    ...placementLines(change),
    ...syncLines(change.sync),
    ...change.risks.map(({ text }) => `  ! ${text}`),
  ]
}

function placementLines({ placement, leaders }: Pick<QueueChange, 'placement' | 'leaders'>): string[] {
  if (placement === null) return []
  const { from, to } = placement
  const lines = leaders.length === 0 ? [] : [`  leader: ${[from.leader, ...leaders].join(' -> ')}`]
  return [...lines, `  mirrors: ${mirrors(from)} -> ${to.map(mirrors).join(', or ')}`]
}

function mirrors({ mirrors, chosen }: Placement): string {
  const known = mirrors.map(({ node, synced }) => `${node}${synced ? '' : ' (not synchronised)'}`)
  if (chosen !== null)
    known.push(`${chosen.count} of ${chosen.of.join(', ')}${chosen.synced ? '' : ' (not synchronised)'}`)
  return known.length === 0 ? 'none' : known.join(', ')
}

function syncLines(sync: QueueChange['sync']): string[] {
  if (sync === null) return []
  const what = `${sync.about ? 'about ' : ''}${amount(sync)} for ${counted(sync.mirrors, 'mirror')}`
  return [
    `  to synchronise: ${what}, ${sync.how === 'automatic' ? 'at once' : 'when somebody asks: sync_queue'}`,
  ]
}

function nodeLines({ nodes }: Preview): string[] {
  const rows = nodes.map(({ node, leaders, mirrorsStarted, mirrorsStopped, mirrorsPossible }) => [
    node,
    leaders.from === leaders.to ? `${leaders.to}` : `${leaders.from} -> ${leaders.to}`,
    mirrorsStarted,
    mirrorsStopped,
    mirrorsPossible,
  ])
  const columns = ['node', 'leaders', 'mirrors_started', 'mirrors_stopped', 'mirrors_by_chance']
  return tableText(columns, rows, true).trimEnd().split('\n')
}

function trafficLines({ bodiesPerSecond: { from, to } }: Preview): string[] {
  if (from === to) return []
  return [`Bodies over links per second, as things are published now: ${from} -> ${to}`]
}

function lossLines({ losses }: Preview): string[] {
  const cost = ({ unavailable, messages }: { unavailable: number; messages: number }) =>
    unavailable + messages === 0
      ? 'nothing'
      : `${counted(unavailable, 'queue')} out of use, ${counted(messages, 'message')} lost`
  const rows = losses.map(({ node, before, meanwhile, after }) => [
    node,
    cost(before),
    cost(meanwhile),
    cost(after),
  ])
  const columns = ['if_this_crashes', 'before', 'while_mirrors_fill', 'afterwards']
  return tableText(columns, rows, true).trimEnd().split('\n')
}

const amount = ({ messages, bytes }: { messages: number; bytes: number }) =>
  `${counted(messages, 'message')} (${bytes.toLocaleString('en')} bytes)`

const counted = (count: number, noun: string) =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`

const moved = <T>({ from, to }: { from: T; to: T }, shown: (value: T) => string) =>
  `${shown(from)} -> ${shown(to)}`
const nameOf = (name: string | null) => (name === null ? 'none' : `"${name}"`)
const setTo = (value: unknown) => (value === undefined ? 'not set' : JSON.stringify(value))
