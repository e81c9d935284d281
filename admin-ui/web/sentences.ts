// What an event says in words, what kind of thing it is, and what it follows from, as far as the events before it tell.

import { bytes, counted, nodeLabel, span } from './format.ts'
import type { TraceEvent } from './shapes.ts'

/** Groups of nodes, as `node1 | node2, node3`. */
const short = (groups: string) => groups.replaceAll(/[\w-]+@/g, '').replaceAll(',', ', ')

type Words = (event: TraceEvent) => string

const sentences: Readonly<Record<string, Words>> = {
  'node-started': ({ node }) => `${node} is running`,
  'node-stopped': ({ node }) => `${node} is being stopped`,
  'node-killed': ({ node }) => `${node} was killed`,
  'node-waiting': ({ node }) => `${node} waits for the nodes that ran last`,
  'node-paused': ({ node }) => `${node} pauses: it cannot reach those it needs`,
  'node-frozen': ({ node }) => `${node} stands still, its sockets open and mute`,
  'node-thawed': ({ node }) => `${node} goes on`,
  'peer-down': ({ node, subject }) => `${node} notices that ${subject} is gone`,
  'peer-up': ({ node, subject }) => `${node} sees ${subject}`,
  partition: ({ node, subject }) =>
    node === '' ? `the network is cut: ${short(subject)}` : `the link between ${node} and ${subject} is cut`,
  silence: ({ node, subject }) =>
    node === '' ? `links fall silent: ${short(subject)}` : `${node} no longer hears ${subject}`,
  healed: ({ node, subject }) =>
    node === '' ? 'all links are mended' : `the link between ${node} and ${subject} is mended`,
  'queue-declared': ({ node, subject }) => `queue ${subject} is declared, its leader is on ${node}`,
  'queue-deleted': ({ subject }) => `queue ${subject} is gone`,
  'queue-down': ({ node, subject }) => `queue ${subject} is down: ${node} had the only copy`,
  'queue-waiting': ({ node, subject }) => `queue ${subject} waits for ${node}: no mirror may lead`,
  'queue-recovered': ({ node, subject, value }) =>
    `queue ${subject} is back on ${node} with ${counted(value, 'message')}`,
  promoted: ({ node, subject }) => `the mirror of ${subject} on ${node} is the leader now`,
  'mirror-added': ({ node, subject }) => `${node} mirrors ${subject}`,
  'mirror-dropped': ({ node, subject }) => `${node} no longer mirrors ${subject}`,
  'mirror-synced': ({ node, subject }) => `the mirror of ${subject} on ${node} is synchronised`,
  'node-joined': ({ node, subject }) => `${node} has joined the cluster of ${subject}`,
  'node-reset': ({ node }) => `${node} has left its cluster and forgotten everything`,
  'node-forgotten': ({ subject }) => `${subject} is no longer a member of the cluster`,
  'memory-alarm': () => 'memory is short: publishers are blocked',
  'memory-alarm-cleared': () => 'there is memory again: publishers go on',
  'link-shaped': ({ node, subject, value }) =>
    `the link from ${node} to ${subject} is slowed: ${value} ms more`,
  'client-shaped': ({ subject, value }) => `the socket of client ${subject} is slowed: ${value} ms more`,
  'client-reset': ({ subject }) => `the connection of client ${subject} is broken`,
  'clock-set': ({ value }) =>
    value === 0 ? 'the clock stands' : `the clock runs at ${value} times real time`,
  'clock-stepped': ({ value }) => `the clock is put forward by ${span(value)}`,
  'partition-handling-set': ({ subject }) => `partitions are handled by ${subject} from now on`,
  'memory-limit-set': ({ value }) => `publishers are blocked from ${bytes(value)} of memory on`,
  'policy-set': ({ subject }) => `policy ${subject} is set`,
  'policy-cleared': ({ subject }) => `policy ${subject} is cleared`,
  'messages-lost': ({ subject, value }) =>
    `${counted(value, 'message')} of ${subject} ${value === 1 ? 'is' : 'are'} lost for good`,
}

const bad = [
  ...['node-killed', 'node-frozen', 'peer-down', 'partition', 'silence'],
  ...['queue-down', 'queue-waiting', 'messages-lost', 'memory-alarm', 'client-reset'],
]
const good = ['node-started', 'node-thawed', 'healed', 'promoted', 'queue-recovered']

export function sentence(event: TraceEvent): string {
  const words = sentences[event.kind]
  return words === undefined
    ? [event.kind, event.subject, event.node].filter(Boolean).join(' ')
    : words(event)
}

export const toneOf = (kind: string): string =>
  bad.includes(kind) ? 'bad' : good.includes(kind) ? 'good' : ''

/** In the order in which they are offered. */
export const eventGroups = ['faults', 'nodes', 'queues', 'mirrors', 'policies', 'clock'] as const
export type EventGroup = (typeof eventGroups)[number]

const groups: Readonly<Record<string, EventGroup>> = {
  ...group(
    'faults',
    'node-killed',
    'node-stopped',
    'node-frozen',
    'node-thawed',
    'partition',
    'silence',
    'healed',
  ),
  ...group('faults', 'link-shaped', 'client-shaped', 'client-reset', 'messages-lost'),
  ...group('queues', 'queue-declared', 'queue-deleted', 'queue-down', 'queue-waiting', 'queue-recovered'),
  ...group('mirrors', 'promoted', 'mirror-added', 'mirror-dropped', 'mirror-synced'),
  ...group('policies', 'policy-set', 'policy-cleared'),
  ...group('clock', 'clock-set', 'clock-stepped'),
}

function group(name: EventGroup, ...kinds: readonly string[]): Record<string, EventGroup> {
  return Object.fromEntries(kinds.map((kind) => [kind, name]))
}

export const groupOf = (kind: string): EventGroup => groups[kind] ?? 'nodes'

/** How many events before it may hold an event's cause, and how long ago it may be, in ms. */
const lookBack = 400
const soonMs = 5000

/** Why `all[index]` happened, in words; empty when it was done from outside or the events do not tell. */
export function causeOf(all: readonly TraceEvent[], index: number): string {
  const event = all[index]!
  const { kind, node, subject } = event
  const before = (wanted: (one: TraceEvent) => boolean): TraceEvent | undefined => {
    for (let i = index - 1; i >= Math.max(0, index - lookBack); i--) if (wanted(all[i]!)) return all[i]
    return undefined
  }
  const went = (name: string) => (one: TraceEvent) =>
    (one.node === name && ['node-killed', 'node-stopped', 'node-paused', 'node-frozen'].includes(one.kind)) ||
    one.kind === 'partition' ||
    one.kind === 'silence'
  const said = (one: TraceEvent | undefined) => (one === undefined ? '' : sentence(one))
  switch (kind) {
    case 'peer-down':
      return said(before(went(subject)))
    case 'queue-down':
    case 'queue-waiting':
      return said(before(went(node)))
    case 'promoted':
    case 'messages-lost': {
      const noticed = before((one) => one.kind === 'peer-down' && one.node === node)
      const fault = noticed === undefined ? '' : said(before(went(noticed.subject)))
      if (kind === 'promoted') return fault
      return `the mirror on ${nodeLabel(node)} was not synchronised${fault === '' ? '' : ` when ${fault}`}`
    }
    case 'node-paused':
      return said(before((one) => went(node)(one) || one.kind === 'peer-down'))
    case 'queue-recovered':
      return said(before((one) => one.kind === 'node-started' && one.node === node))
    case 'mirror-added':
    case 'mirror-dropped': {
      const reasons = [
        'policy-set',
        'policy-cleared',
        'node-started',
        'promoted',
        'peer-down',
        'queue-declared',
      ]
      const found = before((one) => reasons.includes(one.kind))
      return found !== undefined && event.at - found.at < soonMs ? said(found) : ''
    }
    default:
      return ''
  }
}
