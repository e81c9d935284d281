// What crossed the links between nodes, and who holds copies when all is over, as bars and tables of the HTML report. Called by
// `page`.

import { type LinkKind, linkKinds } from '../../nodes/link.ts'
import type { Comparison, VariantRun } from '../scenario/result.ts'
import type { LinkUse } from '../scenario/target.ts'
import { at, legend } from './chart.ts'
import { bytes, count, type Row, runName, safe, table } from './words.ts'

/** Kinds that are drawn in one colour. */
const shares: readonly (readonly [name: string, kinds: readonly LinkKind[]])[] = [
  ['publish', ['publish']],
  ['replicate', ['replicate']],
  ['deliver', ['deliver', 'redeliver']],
  ['sync', ['sync']],
  ['confirm, ack', ['confirm', 'ack']],
  ['definitions, request', ['definitions', 'request']],
]

const sum = (uses: readonly LinkUse[], of: 'bytes' | 'bodies') => uses.reduce((all, one) => all + one[of], 0)

/** Bars by run and kind, then a table of links for each run; nothing where no target knows. */
export function traffic(comparison: Comparison): string[] {
  const known = comparison.runs.filter((run) => (run.links ?? []).some((use) => use.bytes > 0))
  if (known.length === 0) return []
  const tables = known.map((run) => {
    const name = runName(run, comparison)
    return `<div class="run"><h3>${safe(name)}</h3>${linkTable(run.links!)}</div>`
  })
  const note = '<p class="note">In a cell: bytes, and under them how many message bodies.</p>'
  return [
    legend(
      shares.map(([name]) => name),
      true,
    ),
    bars(known, comparison),
    ...tables,
    note,
  ]
}

function bars(runs: readonly VariantRun[], comparison: Comparison): string {
  const [width, left, row] = [1100, 190, 26]
  const most = Math.max(...runs.map(({ links }) => sum(links!, 'bytes')))
  const drawn = runs.map((run, line) => {
    const name = runName(run, comparison)
    let x = left
    const boxes = shares.map(([title, kinds], i) => {
      const used = sum(
        run.links!.filter(({ kind }) => kinds.includes(kind)),
        'bytes',
      )
      const wide = ((width - left - 110) * used) / most
      const box = `<rect class="f${i + 1}" x="${at(x)}" y="${line * row + 4}" width="${at(wide)}" height="${row - 10}"><title>${safe(`${title}: ${bytes(used)}`)}</title></rect>`
      x += wide
      return used === 0 ? '' : box
    })
    const total = `<text class="name" x="${at(x + 8)}" y="${line * row + 17}">${safe(bytes(sum(run.links!, 'bytes')))}</text>`
    return `<text class="name" x="0" y="${line * row + 17}">${safe(name)}</text>${boxes.join('')}${total}`
  })
  return `<svg viewBox="0 0 ${width} ${runs.length * row + 4}" role="img" aria-label="bytes over links by kind">${drawn.join('')}</svg>`
}

function linkTable(links: readonly LinkUse[]): string {
  const kinds = linkKinds.filter((kind) => links.some((use) => use.kind === kind && use.bytes > 0))
  const ends = [
    ...new Set(links.filter((use) => use.bytes > 0).map(({ from, to }) => `${from} ${to}`)),
  ].sort()
  const cell = (uses: readonly LinkUse[]) => {
    const [size, bodies] = [sum(uses, 'bytes'), sum(uses, 'bodies')]
    if (size === 0) return '<span class="soft">–</span>'
    return `${safe(bytes(size))}${bodies === 0 ? '' : `<br><span class="soft">${count(bodies)}</span>`}`
  }
  const line = (title: string, uses: readonly LinkUse[]): Row => ({
    cells: [title, ...kinds.map((kind) => cell(uses.filter((use) => use.kind === kind))), cell(uses)],
  })
  const rows = ends.map((pair) => {
    const [from, to] = pair.split(' ').map(Number)
    return line(
      `node${from} → node${to}`,
      links.filter((use) => use.from === from && use.to === to),
    )
  })
  const columns = [{ title: 'Link' }, ...[...kinds, 'all'].map((title) => ({ title, number: true }))]
  return table(columns, [...rows, { ...line('all links', links), className: 'sum' }])
}

/** Copies by queue and node at the end. */
export function holdings(comparison: Comparison): string[] {
  const rows = comparison.runs.flatMap((run) =>
    (run.holdings ?? []).map(
      ({ queue, node, leads, inMemory, onDisk }): Row => ({
        cells: [
          ...[safe(runName(run, comparison)), safe(queue), `node${node}`, leads ? 'leader' : 'mirror'],
          ...[count(inMemory), count(onDisk)],
        ],
      }),
    ),
  )
  if (rows.length === 0) return []
  const titles = ['Variant', 'Queue', 'Node', 'Role'].map((title) => ({ title }))
  return [table([...titles, { title: 'in memory', number: true }, { title: 'on disk', number: true }], rows)]
}
