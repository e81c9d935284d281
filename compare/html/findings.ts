// What became of single messages: the lost, the repeated, the misplaced, each with the chain of its causes, as tables of the HTML
// report. Called by `page`.

import type { Finding, FindingKind, VariantRun } from '../scenario/result.ts'
import { count, type Row, safe, table } from './words.ts'

/** So many of a kind are told; all are counted in the verdicts. */
const mostTold = 10

const order: readonly FindingKind[] = [
  ...(['confirmed-lost', 'unconfirmed-lost', 'unexpected', 'effect-twice', 'out-of-order'] as const),
  ...(['duplicate', 'recovered', 'left'] as const),
]
const titles: Readonly<Record<FindingKind, string>> = {
  'confirmed-lost': 'confirmed and lost',
  'unconfirmed-lost': 'lost, not confirmed',
  duplicate: 'delivered again',
  'effect-twice': 'worked on twice',
  'out-of-order': 'out of order',
  unexpected: 'delivered where nobody should have got it',
  recovered: 'back after its queue had no leader',
  left: 'left in a queue',
}
const grave = new Set<FindingKind>(['confirmed-lost', 'unexpected', 'effect-twice'])

/** The findings of one run by kind, those with causes first; empty when there are none. */
export function findings(run: VariantRun, name: string): string {
  const kinds = order.filter((kind) => run.findings.some((one) => one.kind === kind))
  if (kinds.length === 0) return ''
  // What is told of a message once is not told again under another kind.
  const toldBefore = new Set<number>()
  const rows = kinds.flatMap((kind): Row[] => {
    const all = run.findings.filter((one) => one.kind === kind)
    const told = all
      .filter(({ message }) => !toldBefore.has(message))
      .sort((a, b) => Number(b.cause.length > 0) - Number(a.cause.length > 0))
      .slice(0, mostTold)
    for (const { message } of told) toldBefore.add(message)
    const title = `<span class="${grave.has(kind) ? 'bad' : ''}">${safe(titles[kind])}: ${count(all.length)}</span>`
    return [
      { cells: [title, '', ''], className: 'group' },
      ...told.map(row),
      ...rest(all.length - told.length),
    ]
  })
  return `<div class="run"><h3>${safe(name)}</h3>${table([{ title: 'Message' }, { title: 'Queue' }, { title: 'How it came about' }], rows)}</div>`
}

const row = ({ message, queue, cause }: Finding): Row => ({
  cells: [
    `m${message}`,
    safe(queue),
    cause.length === 0 ? '' : `<ol>${cause.map((step) => `<li>${safe(step)}</li>`).join('')}</ol>`,
  ],
})

const rest = (more: number): Row[] =>
  more <= 0 ? [] : [{ cells: [`<span class="soft">and ${count(more)} more</span>`, '', ''] }]
