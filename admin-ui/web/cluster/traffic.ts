// The kinds of traffic on links, gathered to six that a person can tell apart, each with its colour.

import type { LiveLink } from '../shapes.ts'

export interface Kind {
  readonly title: string
  readonly colour: string
  /** The server's kinds. */
  readonly of: readonly string[]
  readonly meaning: string
}

export const kinds: readonly Kind[] = [
  {
    title: 'publish',
    colour: '--series-1',
    of: ['publish'],
    meaning: 'messages on their way to the queue’s leader',
  },
  {
    title: 'deliver',
    colour: '--series-3',
    of: ['deliver', 'redeliver'],
    meaning: 'messages on their way to a consumer on another node',
  },
  { title: 'replicate', colour: '--series-2', of: ['replicate'], meaning: 'copies for mirrors' },
  { title: 'sync', colour: '--series-4', of: ['sync'], meaning: 'what a new mirror lacks' },
  {
    title: 'acks and confirms',
    colour: '--series-5',
    of: ['ack', 'confirm'],
    meaning: 'acknowledgements of consumers and for publishers',
  },
  {
    title: 'other',
    colour: '--series-6',
    of: ['definitions', 'request'],
    meaning: 'definitions, and requests to queues on other nodes',
  },
]

export const rateOf = (link: LiveLink | undefined, kind: Kind): number =>
  kind.of.reduce((sum, name) => sum + (link?.rates[name] ?? 0), 0)

export const totalOf = (link: LiveLink | undefined): number =>
  Object.values(link?.rates ?? {}).reduce((sum, rate) => sum + rate, 0)
