// What a real RabbitMQ leaves open, in one place: each row has the reason, and how an outcome is reduced so that two runs of
// the real one itself agree. A scenario names the rows it needs; nothing else is forgiven.

import type { Outcome } from '../../compare/outcome.ts'

interface Row {
  readonly reason: string
  /** Applied to every line and text of an outcome. */
  readonly reduce: (text: string) => string
}

export const open = {
  'mirror order': {
    reason:
      'Mirrors that one policy change adds start at once, and so do nodes that come back together; they are listed as they come up.',
    reduce: (text) =>
      text.replace(
        /mirrors \[([^\]]*)\]/g,
        (_, nodes: string) => `mirrors [${nodes.split(' ').sort().join(' ')}]`,
      ),
  },
  'random nodes': {
    reason:
      'ha-mode exactly takes mirrors at random, and min-masters breaks ties in any way (docs/observed.md §1.5, §1.6).',
    reduce: (text) => text.replace(/node\d(?= |\]|,|$)/g, 'nodeN'),
  },
  'acks in flight': {
    reason:
      'A kill forgets acknowledgements that have not reached the disk, as it happens (docs/observed.md §0.6).',
    reduce: (text) => text.replace(/ => m.*$/, ' => some messages'),
  },
  'confirms in flight': {
    reason:
      'Of publishes in flight when an unmirrored queue is lost, a few are nacked (docs/observed.md §11).',
    reduce: (text) => text.replace(/ => ((ack|nack|unanswered)( x\d+)? ?)+$/, ' => answered'),
  },
  'who comes first': {
    reason:
      'Whatever waits for a leader tries again every 30 ms by itself: a request may be answered before or after a consumer of ' +
      'another client resumes, and counts what it then finds.',
    reduce: (text) => text.replace(/(passive true => ok).*$/, '$1'),
  },
  'who lists whom': {
    reason:
      'A node that was given up and is thawed finds all others at once; now and then one of them never lists it as partitioned. One ' +
      'that paused in a partial partition and came back may stay listed by the other end (docs/observed.md §19.4, §19.5).',
    reduce: (text) => text.replaceAll(/, partitions \[[^\]]*\]/g, ''),
  },
  'takes over before it pauses': {
    reason:
      'A node that is about to pause may still take over the queues it mirrors, and deliver their messages anew, before its ' +
      'clients are gone (docs/observed.md §8.1): it did in some scenarios and not in others.',
    reduce: (text) => text.replace(/( \S+\*( x\d+)?)+ \(channel closed\)$/, ' (channel closed)'),
  },
  'marks behind a lost message': {
    reason:
      'When the first message of a queue was transient and is lost in a clean restart, the real one forgets to mark what is ' +
      'requeued after it, unless the queue is lazy (docs/observed.md §21): a bug, not to be imitated.',
    reduce: (text) => text.replaceAll('*', ''),
  },
  'migration may hang': {
    reason:
      'When a policy takes the leader away, the real one now and then never promotes the mirror and the queue hangs for good ' +
      '(docs/observed.md §0.13): a bug, not to be imitated. Such a run is not recorded but repeated.',
    reduce: (text) => text,
  },
  'filling may crash': {
    reason:
      'When the filling of mirrors is cancelled, the real one now and then loses the process of the queue, which stays crashed: ' +
      'a bug, not to be imitated. Such a run is not recorded but repeated.',
    reduce: (text) => text,
  },
  'handler crashes': {
    reason:
      'Asked to fill the mirrors of a queue that is not there or nobody leads, the handler of the real HTTP API crashes: a bare ' +
      '500. Warren never answers so, but 404 (docs/observed.md §26).',
    reduce: (text) => text.replace(/^(sync .*|.*"action":"sync"\}) => (500|404.*)$/, '$1 => refused'),
  },
} as const satisfies Record<string, Row>

export type OpenName = keyof typeof open

/** True for a run of the real one that met its bug, or a cluster that was not ready. */
export function hung(outcome: Outcome, names: readonly string[]): boolean {
  const shows = (signs: RegExp) => outcome.steps.some((step) => signs.test(step))
  return (
    // A vhost or a node that was not ready yet.
    shows(/=> unexpected: /) ||
    (names.includes('migration may hang') && shows(/=> (no answer|not reached)/)) ||
    (names.includes('filling may crash') && shows(/crashed/))
  )
}

/** The outcome without what the rows called `names` leave open. */
export function reduced(outcome: Outcome, names: readonly string[]): Outcome {
  const reduce = (text: string) =>
    names.reduce((reducedText, name) => open[name as OpenName].reduce(reducedText), text)
  const table = (entries: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(entries).map(([name, text]) => [name, reduce(text)]))
  return {
    steps: outcome.steps.map(reduce),
    consumers: table(outcome.consumers),
    connections: outcome.connections,
    late: outcome.late.map(reduce),
  }
}
