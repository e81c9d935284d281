// The HTML report: one file that needs nothing else, the same bytes for the same comparison, and everything in it that was found.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { toHtml } from '../../compare/html/page.ts'
import { parseScenario } from '../../compare/scenario/parse.ts'
import type { Comparison, Distribution, VariantRun } from '../../compare/scenario/result.ts'

const file = join(import.meta.dirname, '..', '..', 'examples', 'scenarios', 'leader-crash.yaml')
const scenario = parseScenario(readFileSync(file, 'utf8'), file)

const distribution = (factor: number): Distribution => ({
  count: 1000,
  meanMs: 2 * factor,
  points: [0, 0.5, 0.9, 0.99, 0.999, 1].map((share, i) => ({ share, ms: factor * 1.7 ** i })),
})

const quiet: VariantRun = {
  variant: 'ordinary',
  target: 'emulated',
  seed: 1,
  metrics: { published: 1000, confirmed: 1000, 'confirmed-lost': 0, unavailable: 0, 'latency-p50': 0.0012 },
  findings: [],
  timeline: [],
  gaps: [],
  series: {
    published: [100, 100],
    confirmed: [99, 101],
    delivered: [98, 102],
    meanMs: [1, 2],
    longestMs: [5, 900],
  },
  latency: distribution(1),
  confirmLatency: distribution(0.4),
  links: [{ from: 1, to: 2, kind: 'publish', bodies: 1000, bytes: 1_050_000 }],
  holdings: [{ queue: 'work', node: 1, leads: true, inMemory: 0, onDisk: 0 }],
  finished: true,
}

const harmed: VariantRun = {
  ...quiet,
  variant: 'mirrored-all',
  metrics: { ...quiet.metrics, 'confirmed-lost': 3, unavailable: 1.52, 'bytes of sync': 2000 },
  findings: [
    {
      kind: 'confirmed-lost',
      message: 417,
      queue: 'work',
      cause: ['confirmed by node1 at 4.2 s', 'only on node1'],
    },
    ...[1, 2].map((message) => ({ kind: 'duplicate' as const, message, queue: 'work', cause: [] })),
  ],
  timeline: [
    { atMs: 5000, who: 'fault', where: 'node1', text: 'kill leader of work' },
    { atMs: 5130, who: 'cluster', where: 'rabbit@node2', text: 'promoted work <b>' },
    { atMs: 5010, who: 'client', where: 'publisher', text: 'the connection to node1 is lost' },
  ],
  gaps: [{ client: 'consumer', operation: 'consume', fromMs: 5000, toMs: 6520 }],
  finished: false,
}

const comparison: Comparison = {
  scenario,
  seed: 7,
  runs: [quiet, harmed],
  weighed: scenario.assertions.slice(0, 1).map((assertion) => ({
    assertion,
    variant: 'mirrored-all',
    target: 'emulated',
    actual: 3,
    holds: false,
  })),
  failures: [{ variant: 'single', target: 'emulated', reason: 'a "cable" was cut & burnt' }],
}

const html = toHtml(comparison)

test('is one file that loads nothing and runs nothing', () => {
  expect(html).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|\ssrc=|href="(?!#)|\son[a-z]+="/)
  expect(html.match(/https?:\/\//)).toBeNull()
})

test('is the same for the same comparison, byte for byte', () => {
  expect(toHtml(structuredClone(comparison))).toBe(html)
})

test('is well formed: every element that is opened is closed, in order', () => {
  const open: string[] = []
  const empty = new Set(['meta', 'br', 'line', 'rect/', 'path/', 'circle/', '!doctype'])
  for (const [, close, name = '', own] of html.matchAll(/<(\/?)([a-z!][a-z0-9]*)[^>]*?(\/?)>/g)) {
    if (own === '/' || empty.has(name)) continue
    if (close === '') open.push(name)
    else expect(open.pop()).toBe(name)
  }
  expect(open).toEqual([])
})

test('tells of assertions, runs that failed and runs that did not come to rest', () => {
  expect(html).toContain('does not hold')
  expect(html).toContain('single could not be run to its end: a &quot;cable&quot; was cut &amp; burnt')
  expect(html).toContain('mirrored-all had not come to rest')
})

test('tells of a lost message with the chain of its causes, and counts the rest', () => {
  expect(html).toContain(
    '<td>m417</td><td>work</td><td><ol><li>confirmed by node1 at 4.2 s</li><li>only on node1</li></ol></td>',
  )
  expect(html).toContain('delivered again: 2')
})

test('shows faults, what the cluster did and who waited, with names that cannot become markup', () => {
  expect(html).toContain('<title>5.0 s kill leader of work</title>')
  expect(html).toContain('promoted work &lt;b&gt;')
  expect(html).toContain('consumer waited to consume from 5.0 s to 6.52 s')
})

test('shows bytes by link and kind, and the scenario itself', () => {
  expect(html).toContain('node1 → node2')
  expect(html).toContain('1.05 MB')
  expect(html).toContain(`<pre>name: ${scenario.name}`)
})

test('names the target of a run where there are two', () => {
  const real = { ...harmed, variant: 'ordinary', target: 'rabbitmq' as const, links: null, holdings: null }
  const both = toHtml({ ...comparison, runs: [quiet, real], failures: [] })
  expect(both).toContain('ordinary (RabbitMQ)')
  expect(both).toContain('ordinary (emulated)')
})

test('of a comparison in which nothing could be run there is still a page', () => {
  const none = toHtml({ ...comparison, runs: [], weighed: [] })
  expect(none).toContain('none finished')
  expect(none).not.toContain('NaN')
})
test('no number of it is nonsense', () => {
  expect(html).not.toMatch(/NaN|Infinity|undefined|\[object/)
})
