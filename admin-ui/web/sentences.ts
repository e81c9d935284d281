// What an event says in words: faults, membership, promotions, policies.

import type { TraceEvent } from './shapes.ts'

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
  partition: ({ subject }) => `the network is cut: ${subject}`,
  silence: ({ node, subject }) =>
    node === '' ? `links fall silent: ${subject}` : `${node} no longer hears ${subject}`,
  healed: () => 'all links are mended',
  'queue-declared': ({ node, subject }) => `queue ${subject} is declared, its leader is on ${node}`,
  'queue-deleted': ({ subject }) => `queue ${subject} is gone`,
  'queue-down': ({ node, subject }) => `queue ${subject} is down: ${node} had the only copy`,
  'queue-waiting': ({ node, subject }) => `queue ${subject} waits for ${node}: no mirror may lead`,
  'queue-recovered': ({ node, subject, value }) =>
    `queue ${subject} is back on ${node} with ${value} messages`,
  promoted: ({ node, subject }) => `the mirror of ${subject} on ${node} is the leader now`,
  'mirror-added': ({ node, subject }) => `${node} mirrors ${subject}`,
  'mirror-dropped': ({ node, subject }) => `${node} no longer mirrors ${subject}`,
  'mirror-synced': ({ node, subject }) => `the mirror of ${subject} on ${node} is synchronised`,
  'policy-set': ({ subject }) => `policy ${subject} is set`,
  'policy-cleared': ({ subject }) => `policy ${subject} is cleared`,
  'messages-lost': ({ subject, value }) => `${value} messages of ${subject} are lost`,
}

const bad = [
  ...['node-killed', 'node-frozen', 'peer-down', 'partition', 'silence'],
  ...['queue-down', 'queue-waiting', 'messages-lost'],
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
