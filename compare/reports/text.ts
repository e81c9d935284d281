// A comparison as a table for the terminal: what differs between the variants, what was asserted, why messages were lost, and what
// went over the links. Called by the command; equal comparisons give equal text. It must never compute a verdict.

import { linkKinds } from '../../nodes/link.ts'
import { runName, withUnit } from '../html/words.ts'
import { metrics } from '../scenario/assertion.ts'
import type { Comparison, Finding, VariantRun } from '../scenario/result.ts'

/** A row is shown when some variant has something other than nothing, or always. */
type Rows = readonly (readonly [
  title: string,
  rows: readonly (readonly [metric: string, always?: boolean])[],
])[]

/** Kinds of traffic that carry bodies, in the order of a message's life. */
const bodyKinds = ['publish', 'replicate', 'deliver', 'redeliver', 'sync'] as const

const shownRows: Rows = [
  [
    'messages',
    [
      ['published', true],
      ['confirmed', true],
      ['unconfirmed'],
      ['nacked'],
      ['returned'],
      ['republished'],
      ['delivered', true],
      ['confirmed-lost', true],
      ['unconfirmed-lost'],
      ['left'],
      ['recovered'],
      ['duplicates', true],
      ['redelivered'],
      ['effects-twice'],
      ['caught'],
      ['unprocessed'],
      ['out-of-order'],
      ['unexpected'],
    ],
  ],
  [
    'time',
    [
      ['unavailable', true],
      ['publish-unavailable'],
      ['consume-unavailable'],
      ['notice'],
      ['promote'],
      ['resume'],
      ['latency-p50', true],
      ['latency-p99', true],
      ['latency-max'],
      ['confirm-p50'],
      ['confirm-p99'],
      ['throughput', true],
    ],
  ],
  [
    'cost',
    [
      ['bodies-per-message', true],
      ['bytes-per-message', true],
      ['bodies'],
      ...bodyKinds.map((kind) => [`bodies of ${kind}`] as const),
      ['bytes'],
      ...linkKinds.map((kind) => [`bytes of ${kind}`] as const),
      ['copies-in-memory', true],
      ['copies-on-disk'],
    ],
  ],
]

/** The rows of the table, by group: label and one text for each run. */
export function tableOf(comparison: Comparison): { title: string; rows: string[][] }[] {
  const { runs } = comparison
  return shownRows.flatMap(([title, rows]) => {
    const shown = rows
      .filter(([metric, always]) => runs.some((run) => (run.metrics[metric] ?? 0) !== 0 || always === true))
      .map(([metric]) => [metric, ...runs.map((run) => valueText(run, metric))])
    return shown.length === 0 ? [] : [{ title, rows: shown }]
  })
}

function valueText({ metrics: values }: VariantRun, metric: string): string {
  const value = values[metric]
  return value === undefined ? '-' : withUnit(value, rowOf(metric).unit)
}

/** `bodies of sync` is explained where `bodies` is. */
const rowOf = (metric: string) => metrics[metric.replace(/ of .*/, '')]!

export function toText(comparison: Comparison): string {
  const { scenario, seed, runs } = comparison
  const lines = [
    `${scenario.name}: ${scenario.question || 'no question'} (seed ${seed})`,
    ...wrapped(scenario.about),
    ...(runs.length === 0 ? [] : ['', ...table(comparison)]),
    ...assertions(comparison),
    ...reasons(comparison),
    ...comparison.failures.map(
      ({ variant, target, reason }) =>
        `\n${runName({ variant, target }, comparison)} was not run to its end: ${reason}`,
    ),
    ...runs
      .filter(({ finished }) => !finished)
      .map(
        (run) =>
          `\n${runName(run, comparison)} did not come to rest in time: its numbers are those of that moment.`,
      ),
  ]
  return `${lines.join('\n')}\n`
}

/** What the rows of the table count, for those who see one for the first time. */
export function legend(comparison: Comparison): string {
  const shown = tableOf(comparison).flatMap(({ rows }) => rows.map(([metric]) => metric!))
  const explained = shown.filter((metric) => metric in metrics)
  const width = Math.max(...explained.map((metric) => metric.length))
  const lines = explained.map((metric) => `  ${metric.padEnd(width)}  ${rowOf(metric).help}`)
  return `${['', 'what is counted', ...lines].join('\n')}\n`
}

/** Lines of words for people; none when there are no words. */
function wrapped(about: string): string[] {
  const lines = about.trim().match(/\S.{0,118}\S?(?=\s|$)/g) ?? []
  return lines.length === 0 ? [] : ['', ...lines]
}

function table(comparison: Comparison): string[] {
  const head = ['', ...comparison.runs.map((run) => runName(run, comparison))]
  const groups = tableOf(comparison)
  const all = [
    head,
    ...groups.flatMap(({ rows }) => rows.map(([label, ...cells]) => [`  ${label}`, ...cells])),
  ]
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('   ')
      .trimEnd()
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width + 3, -3))
  return [
    line(head),
    rule,
    ...groups.flatMap(({ title, rows }) => [
      title,
      ...rows.map(([label, ...cells]) => line([`  ${label}`, ...cells])),
    ]),
  ]
}

function assertions(comparison: Comparison): string[] {
  const { weighed } = comparison
  if (weighed.length === 0) return []
  const failed = weighed.filter(({ holds }) => !holds).length
  return [
    '',
    weighed.length === 1
      ? `the assertion ${failed === 0 ? 'holds' : 'does not hold'}`
      : failed === 0
        ? `all ${weighed.length} assertions hold`
        : `${failed} of ${weighed.length} assertions do not hold`,
    ...weighed.map((row) => {
      const { assertion, variant, target, actual, holds } = row
      const unit = assertion.ratio === null ? metrics[assertion.left.metric]!.unit : 'ratio'
      const who = variant === null ? '' : `${runName({ variant, target }, comparison)}: `
      const was = actual === null ? 'not known' : withUnit(actual, unit)
      return `  ${holds ? 'ok  ' : 'FAIL'} ${who}${assertion.text} (${was})${holds ? '' : `, line ${assertion.line}`}`
    }),
  ]
}

const told: readonly Finding['kind'][] = [
  'confirmed-lost',
  'unconfirmed-lost',
  'unexpected',
  'out-of-order',
  'duplicate',
  'recovered',
]

/** Of each run and kind one message as an example, and how many there are. */
function reasons(comparison: Comparison): string[] {
  const lines = comparison.runs.flatMap((run) =>
    told.flatMap((kind) => {
      const found = run.findings.filter((finding) => finding.kind === kind)
      const [first] = found
      if (first === undefined) return []
      const chains = new Map<string, Finding[]>()
      for (const finding of found) {
        const key = finding.cause.map((part) => part.replace(/ ?\d+\.\d{3} s/g, '')).join()
        chains.set(key, [...(chains.get(key) ?? []), finding])
      }
      return [...chains.values()].slice(0, 3).map((alike) => {
        const { message, cause } = alike[0]!
        const more = alike.length === 1 ? '' : ` (and ${alike.length - 1} more of those told)`
        return `  ${runName(run, comparison)}, ${kind} m${message}${more}: ${cause.join('; ')}`
      })
    }),
  )
  return lines.length === 0 ? [] : ['', 'why', ...lines]
}
