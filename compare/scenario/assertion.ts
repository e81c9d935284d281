// What a scenario may assert: the table of metrics, and the sentences made of them, such as `confirmed-lost = 0`,
// `unavailable of orders < 2 s` or `throughput mirrored-all / single < 0.8`. `parse` reads them, `judge` weighs them, reports
// print the table's help. It must never compute a metric.

import type { Metric } from './types.ts'

/** What a metric counts, and so which units it is given in. */
export type Unit = 'count' | 'seconds' | 'per second' | 'bytes' | 'ratio'

/** Whose number it may be besides the whole run's. */
type Of = 'publisher' | 'consumer' | 'queue' | 'kind'

export interface MetricRow {
  readonly unit: Unit
  readonly of: readonly Of[]
  readonly help: string
}

const row = (unit: Unit, of: readonly Of[], help: string): MetricRow => ({ unit, of, help })
const sent = ['publisher'] as const
const got = ['consumer', 'queue'] as const
const both = ['publisher', 'queue'] as const

export const metrics: Readonly<Record<string, MetricRow>> = {
  published: row('count', sent, 'messages the application handed to its client'),
  confirmed: row('count', sent, 'messages the broker confirmed'),
  unconfirmed: row('count', sent, 'messages that were never confirmed, where confirms were asked for'),
  nacked: row('count', sent, 'publishes the broker refused'),
  returned: row('count', sent, 'mandatory publishes that found no queue'),
  republished: row('count', sent, 'publishes sent again by the client'),
  delivered: row('count', got, 'messages that reached a consumer, each once'),
  acked: row('count', got, 'deliveries that were acknowledged'),
  lost: row('count', both, 'published, and neither delivered nor left in a queue'),
  'confirmed-lost': row('count', both, 'confirmed, and neither delivered nor left in a queue'),
  'unconfirmed-lost': row('count', both, 'not confirmed, and neither delivered nor left in a queue'),
  left: row('count', ['queue'], 'still in a queue when all was over'),
  duplicates: row('count', got, 'deliveries of a message beyond its first from the same queue'),
  redelivered: row('count', got, 'deliveries the broker marked as redelivered'),
  unprocessed: row('count', ['queue'], 'delivered, and the work on them never done'),
  'effects-twice': row('count', ['queue'], 'messages whose work was done more than once'),
  caught: row('count', got, 'duplicates an idempotent consumer recognised'),
  'out-of-order': row('count', got, 'first deliveries behind a later message of the same publisher'),
  unexpected: row('count', got, 'deliveries nobody should have got: never published, or not routed there'),
  recovered: row(
    'count',
    both,
    'confirmed before their queue lost its leader, and delivered after it had one again',
  ),
  unavailable: row(
    'seconds',
    [...sent, 'consumer'],
    'time for which a client waited more than a second to be served; the longest-waiting client',
  ),
  'publish-unavailable': row('seconds', sent, 'the same for publishing'),
  'consume-unavailable': row('seconds', ['consumer'], 'the same for consuming'),
  notice: row('seconds', [], 'from a fault to the cluster noticing it'),
  promote: row('seconds', ['queue'], "from a fault to the queue's next leader"),
  resume: row(
    'seconds',
    [...sent, 'consumer'],
    'from a fault to the next confirm and the next delivery, the later one',
  ),
  'latency-p50': row('seconds', [], 'from handing over to first delivery, the median'),
  'latency-p99': row('seconds', [], 'the same, 99 % are not longer'),
  'latency-p999': row('seconds', [], 'the same, 99.9 % are not longer'),
  'latency-max': row('seconds', [], 'the same, the longest'),
  'confirm-p50': row('seconds', [], 'from sending to the confirm, the median'),
  'confirm-p99': row('seconds', [], 'the same, 99 % are not longer'),
  'confirm-max': row('seconds', [], 'the same, the longest'),
  duration: row('seconds', [], 'from the first publish to the last delivery or confirm'),
  throughput: row('per second', got, 'messages delivered, from the first publish to the last delivery'),
  'publish-rate': row('per second', sent, 'messages sent, while publishers sent'),
  'confirm-rate': row('per second', sent, 'messages confirmed, from the first publish to the last confirm'),
  bodies: row('count', ['kind'], 'message bodies that crossed links between nodes'),
  'bodies-per-message': row('ratio', ['kind'], 'bodies that crossed links, for each message published'),
  bytes: row('bytes', ['kind'], 'bytes that crossed links between nodes'),
  'bytes-per-message': row('bytes', ['kind'], 'bytes that crossed links, for each message published'),
  copies: row('count', ['queue'], 'nodes that hold the queue when all is over'),
  'copies-in-memory': row('ratio', ['queue'], 'copies of a message held in memory before the first fault'),
  'copies-on-disk': row('ratio', ['queue'], 'copies of a message written to a disk before the first fault'),
}

/** The pattern of an assertion, for the schema: a little more is checked when it is read. */
export const assertionPattern =
  /^([a-z][a-z0-9-]*)(?: of ([^\s]+))?(?: ([^\s]+) \/ ([^\s]+))? (=|!=|<|<=|>|>=) (\d+(?:\.\d+)?) ?(%|ms|s|min|h|\/s|B|kB|MB)?$/

const scale: Readonly<Record<string, number>> = {
  ...{ ms: 0.001, s: 1, min: 60, h: 3600 },
  ...{ '%': 0.01, '/s': 1, B: 1, kB: 1e3, MB: 1e6 },
}

const unitsOf: Readonly<Record<Unit, readonly (string | undefined)[]>> = {
  count: [undefined],
  seconds: ['ms', 's', 'min', 'h'],
  'per second': [undefined, '/s'],
  bytes: [undefined, 'B', 'kB', 'MB'],
  ratio: [undefined],
}

export interface Sentence {
  readonly text: string
  readonly left: Metric
  readonly ratio: readonly [string, string] | null
  readonly is: '=' | '!=' | '<' | '<=' | '>' | '>='
  readonly value: number
}

/** An assertion's words, or in a string what is wrong with them. */
export function readAssertion(text: string): Sentence | string {
  const [, metric, of, first, second, is, number, unit] = assertionPattern.exec(text) ?? []
  if (metric === undefined)
    return 'not an assertion such as "confirmed-lost = 0", "unavailable < 2 s" or "throughput mirrored-all / single < 0.8"'
  const found = metrics[metric]
  if (found === undefined) return `no metric ${metric}; they are ${Object.keys(metrics).join(', ')}`
  if (of !== undefined && found.of.length === 0) return `${metric} is of the whole run only`
  const ratio = first !== undefined && second !== undefined ? ([first, second] as const) : null
  const units = ratio === null ? unitsOf[found.unit] : [undefined, '%']
  if (!units.includes(unit)) {
    const wanted = units.map((one) => one ?? 'a plain number').join(', ')
    return `${metric} is compared with ${ratio === null ? wanted : 'a plain number or %'}`
  }
  return {
    text,
    left: { metric, of: of ?? null },
    ratio,
    is: is as Sentence['is'],
    value: Number(number) * (unit === undefined ? 1 : scale[unit]!),
  }
}

/** Whether `left` stands in that relation to `right`. */
export function holds(left: number, is: Sentence['is'], right: number): boolean {
  switch (is) {
    case '=':
      return left === right
    case '!=':
      return left !== right
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>':
      return left > right
    case '>=':
      return left >= right
  }
}
