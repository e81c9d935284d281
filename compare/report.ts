// What a comparison says: a table for people, with the reasons for its numbers, and JSON for machines. Called by `command`;
// equal results give equal text. It must never compute a verdict.

import { linkKinds } from '../nodes/link.ts'
import { downMs, type Scenario } from './faults.ts'
import type { VariantResult } from './run.ts'
import { clientDelayMs } from './targets/emulated.ts'
import { toleratedWaitMs } from './verdict.ts'
import type { Workload } from './workload.ts'

/** All of one comparison. */
export interface Comparison {
  readonly seed: number
  readonly scenario: Scenario
  readonly workload: Workload
  readonly variants: readonly VariantResult[]
}

/** One JSON object, indented; times are rounded to a microsecond. */
export function toJson({ seed, scenario, variants }: Comparison): string {
  const rows = variants.map((variant) => ({
    name: variant.name,
    published: variant.published,
    confirmed: variant.confirmed,
    delivered: variant.delivered,
    lostConfirmed: variant.lostConfirmed,
    duplicates: variant.duplicates,
    outOfOrder: variant.outOfOrder,
    unavailableSeconds: round(variant.unavailableSeconds, 6),
    latencyMs: { p50: round(variant.latencyMs.p50, 3), p99: round(variant.latencyMs.p99, 3) },
    linkBodies: variant.linkBodies,
    linkBytes: variant.linkBytes,
    copies: variant.copies,
  }))
  return JSON.stringify({ seed, scenario, variants: rows }, null, 2)
}

type Row = readonly [label: string, value: (variant: VariantResult) => string]

const rows: readonly Row[] = [
  ['messages', () => ''],
  ['  published', (v) => count(v.published)],
  ['  confirmed', (v) => count(v.confirmed)],
  ['  delivered', (v) => count(v.delivered)],
  ['  lost although confirmed', (v) => count(v.lostConfirmed)],
  ['  delivered again', (v) => count(v.duplicates)],
  ['  out of order', (v) => count(v.outOfOrder)],
  ['time', () => ''],
  ['  unavailable [1], s', (v) => v.unavailableSeconds.toFixed(1)],
  ['  latency [2] p50, ms', (v) => v.latencyMs.p50.toFixed(1)],
  ['  latency [2] p99, ms', (v) => v.latencyMs.p99.toFixed(1)],
  ['  latency [2] longest, ms', (v) => v.latencyMs.max.toFixed(1)],
  ['bodies over links', (v) => count(v.linkBodies.total)],
  ['  per message', (v) => (v.linkBodies.total / v.published).toFixed(2)],
  ['  per message, if all is well', (v) => v.healthyBodies.toFixed(2)],
  ['  publish', (v) => count(v.linkBodies.publish)],
  ['  replicate', (v) => count(v.linkBodies.replicate)],
  ['  deliver', (v) => count(v.linkBodies.deliver)],
  ['  redeliver', (v) => count(v.linkBodies.redeliver)],
  ['  sync', (v) => count(v.linkBodies.sync)],
  ['bytes over links, kB', (v) => kilobytes(v.linkBytes.total)],
  ...linkKinds.map((kind): Row => [`  ${kind}`, (v) => kilobytes(v.linkBytes[kind])]),
  ['copies of the queue at the end', (v) => count(v.copies)],
]

/** The table, one column per variant, and below it what the numbers mean and why they differ. */
export function toText(comparison: Comparison): string {
  const { variants } = comparison
  const cells = [
    ['', ...variants.map((v) => v.name)],
    ...rows.map(([label, value]) => [label, ...variants.map(value)]),
  ]
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)))
  const lines = cells.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('   ')
      .trimEnd(),
  )
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width + 3, -3))
  lines.splice(1, 0, rule)
  return [...heading(comparison), '', ...lines, '', ...notes, '', ...reasons(comparison), ''].join('\n')
}

function heading({ seed, scenario, workload }: Comparison): string[] {
  const { messages, durationMs, bodyBytes, window, prefetch } = workload
  const seconds = durationMs / 1000
  const story = {
    'no-fault': 'nothing fails',
    'owner-killed': `the queue's owner is killed after ${seconds / 2} s and started again ${downMs / 1000} s later`,
  }
  return [
    `warren compare: ${story[scenario]} (seed ${seed}, virtual time)`,
    `${count(messages)} persistent messages of ${count(bodyBytes)} bytes in ${seconds} s, confirms with a window of ` +
      `${window}, manual acks with prefetch ${prefetch}`,
    'single: 1 node for all; ordinary and mirrored: 3 nodes, one each for owner, publisher and consumer',
  ]
}

const notes = [
  `[1] The sum of all waits of more than ${toleratedWaitMs / 1000} s for the next message delivered for the first time, while there was one`,
  '    to deliver. Confirms do not count as service.',
  `[2] From publishing to the first delivery, waiting in the client included. Links take 0.05 ms, clients ${clientDelayMs} ms each`,
  '    way; work costs no time.',
]

/** Why the columns differ, from what they say. */
function reasons({ scenario, variants }: Comparison): string[] {
  const lines = ['Why']
  for (const variant of variants) {
    const about = (scenario === 'no-fault' ? quiet : faulted)[variant.name]?.(variant) ?? []
    lines.push(...about.map((line, i) => (i === 0 ? `  ${variant.name}: ${line}` : `    ${line}`)))
  }
  return lines
}

type Reason = (v: VariantResult) => string[]

const quiet: Readonly<Record<string, Reason>> = {
  single: () => ['nothing crosses a link, because there is none; there is one copy.'],
  ordinary: () => ['each message goes to the owner and from there to the consumer: 2 bodies, one copy.'],
  mirrored: (v) => [
    `${v.copies} copies: each message goes from the publisher's node to all of them that are elsewhere, once more`,
    'round the ring of replicas in the order the leader gives, and then to the consumer.',
  ],
}

const faulted: Readonly<Record<string, Reason>> = {
  single: (v) => [
    'while the node is away nobody is served. Persistent messages come back with the disk;',
    `publishing waited in the client. ${again(v)} acknowledged just before the kill, or not at all.`,
  ],
  ordinary: (v) => [
    'the queue exists only on its owner. While that is away the consumer is cancelled and the',
    'queue answers 404, yet publishes are accepted: they are unroutable, and RabbitMQ confirms those.',
    `So ${lost(v)} lost (the mandatory flag would have returned them).`,
  ],
  mirrored: (v) => [
    `the oldest mirror took over; the longest wait was ${v.latencyMs.max.toFixed(0)} ms and ${lost(v)} lost.`,
    'It costs copies: every message crosses links to each replica and again round their ring.',
    `${again(v)} in the consumer's hands at the kill; synchronising the returned node took ${count(v.linkBodies.sync)}.`,
  ],
}

const again = (v: VariantResult) =>
  `${count(v.duplicates)} ${v.duplicates === 1 ? 'message was' : 'messages were'} delivered again:`

const lost = ({ lostConfirmed: n }: VariantResult) =>
  n === 0
    ? 'no confirmed message is'
    : n === 1
      ? '1 confirmed message is'
      : `${count(n)} confirmed messages are`

const count = (value: number) => String(value).replace(/\B(?=(\d{3})+$)/g, ',')
const kilobytes = (bytes: number) => count(Math.round(bytes / 1000))
const round = (value: number, digits: number) => Number(value.toFixed(digits))
