// The tables at the top of the HTML report: what was asserted and whether it holds, and every metric of every variant. Called by
// `page`; it reads numbers and judges none.

import { metrics } from '../scenario/assertion.ts'
import type { Comparison, Metrics } from '../scenario/result.ts'
import { type Column, type Row, runName, safe, table, withUnit } from './words.ts'

const groups: readonly (readonly [title: string, names: readonly string[]])[] = [
  [
    'Messages',
    [
      ...[
        'published',
        'confirmed',
        'unconfirmed',
        'nacked',
        'returned',
        'republished',
        'delivered',
        'acked',
        'unprocessed',
      ],
      ...[
        'confirmed-lost',
        'unconfirmed-lost',
        'lost',
        'left',
        'duplicates',
        'redelivered',
        'effects-twice',
        'caught',
      ],
      ...['out-of-order', 'unexpected', 'recovered'],
    ],
  ],
  [
    'Availability',
    ['unavailable', 'publish-unavailable', 'consume-unavailable', 'notice', 'promote', 'resume'],
  ],
  [
    'Time',
    [
      ...[
        'latency-p50',
        'latency-p99',
        'latency-p999',
        'latency-max',
        'confirm-p50',
        'confirm-p99',
        'confirm-max',
      ],
      ...['duration', 'throughput', 'publish-rate', 'confirm-rate'],
    ],
  ],
  [
    'Cost',
    [
      ...['bodies', 'bodies-per-message', 'bytes', 'bytes-per-message', 'copies', 'copies-in-memory'],
      ...['copies-on-disk'],
    ],
  ],
]

/** Above zero these are what nobody wants. */
const harm = new Set(['confirmed-lost', 'lost', 'unexpected', 'effects-twice'])
const pains = new Set([
  'unavailable',
  'publish-unavailable',
  'consume-unavailable',
  'out-of-order',
  'duplicates',
])

/** Every metric that some run knows, by group. What belongs to one client, queue or kind stands under it all. */
export function verdictTable(comparison: Comparison): string {
  const { runs } = comparison
  const all = runs.map((run) => run.metrics)
  const grouped = new Set(groups.flatMap(([, names]) => names))
  const others = Object.keys(metrics).filter((name) => !grouped.has(name))
  const rows = [...groups, ['Other', others] as const].flatMap(([title, names]) => {
    const found = names.filter((name) => all.some((one) => one[name] !== undefined))
    if (found.length === 0) return []
    const group: Row = { cells: [title, ...runs.map(() => '')], className: 'group' }
    return [group, ...found.map((name) => metricRow(name, name, all))]
  })
  return table(columns(comparison), rows)
}

/** `confirmed of orders`, `bytes of sync` and the like. */
export function partTable(comparison: Comparison): string {
  const all = comparison.runs.map((run) => run.metrics)
  const names = [...new Set(all.flatMap((one) => Object.keys(one)))]
    .filter((name) => name.includes(' of '))
    .sort()
  if (names.length === 0) return ''
  const rows = names.map((name) => metricRow(name, name.split(' of ')[0]!, all))
  return `<details><summary>By client, queue and kind of traffic</summary>${table(columns(comparison), rows)}</details>`
}

const columns = (comparison: Comparison): Column[] => [
  { title: '' },
  ...comparison.runs.map((run) => ({ title: runName(run, comparison), number: true })),
]

function metricRow(name: string, metric: string, all: readonly Metrics[]): Row {
  const row = metrics[metric]
  const label = `<abbr title="${safe(row?.help ?? '')}">${safe(name)}</abbr>`
  const cells = all.map((one) => {
    const value = one[name]
    if (value === undefined) return '<span class="soft">–</span>'
    const text = safe(withUnit(value, row?.unit ?? 'ratio'))
    const tone = value > 0 ? (harm.has(metric) ? 'bad' : pains.has(metric) ? 'wait' : '') : ''
    return tone === '' ? text : `<b class="${tone}">${text}</b>`
  })
  return { cells: [label, ...cells] }
}

/** Each assertion with what was measured; empty when there are none. */
export function assertionTable(comparison: Comparison): string {
  const { weighed } = comparison
  if (weighed.length === 0) return ''
  const rows = weighed.map(({ assertion, variant, target, actual, holds }): Row => {
    const unit = assertion.ratio === null ? (metrics[assertion.left.metric]?.unit ?? 'ratio') : 'ratio'
    const who = variant === null ? 'all' : runName({ variant, target }, comparison)
    const measured = actual === null ? 'not known' : withUnit(actual, unit)
    const verdict = holds ? '<b class="good">holds</b>' : '<b class="bad">does not hold</b>'
    return { cells: [safe(assertion.text), safe(who), safe(measured), verdict] }
  })
  const titles = [{ title: 'Asserted' }, { title: 'Of' }, { title: 'Measured', number: true }, { title: '' }]
  return table(titles, rows)
}
