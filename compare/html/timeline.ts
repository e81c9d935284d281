// What happened, on a line of time for each variant of the HTML report: planned faults, what the cluster did, what clients saw
// and how long they waited, one lane a node and a client. Called by `page`.

import type { Moment, VariantRun } from '../scenario/result.ts'
import { at, steps } from './chart.ts'
import { figure, type Row, safe, table, moment as time } from './words.ts'

const width = 1100
const left = 150
const right = 16
const lane = 22
const top = 6
/** A list longer than this is folded. */
const mostShown = 30

const marks: Readonly<Record<Moment['who'], (x: number, y: number) => string>> = {
  fault: (x, y) =>
    `<path class="mark fault-mark" d="M${at(x - 6)} ${at(y + 5)}L${at(x)} ${at(y - 7)}L${at(x + 6)} ${at(y + 5)}Z">`,
  cluster: (x, y) => `<circle class="mark cluster-mark" cx="${at(x)}" cy="${at(y)}" r="5">`,
  client: (x, y) => `<rect class="mark client-mark" x="${at(x - 4)}" y="${at(y - 4)}" width="8" height="8">`,
}
const ends: Readonly<Record<Moment['who'], string>> = { fault: 'path', cluster: 'circle', client: 'rect' }

/** `rabbit@node1` and `node1` are one lane. */
const laneOf = (where: string) => where.replace(/^rabbit@/, '')

export const timelineLegend =
  '<div class="legend"><span><span class="bad">▲</span> planned fault</span><span><span class="f1">●</span> the cluster</span>' +
  '<span><span class="f6">■</span> a client</span><span><span class="wait">▬</span> a client waits for more than a second</span></div>'

/** The drawing and the list under it; empty when nothing happened. */
export function timeline(run: VariantRun, name: string): string {
  const { timeline: moments, gaps } = run
  if (moments.length + gaps.length === 0) return ''
  const lanes = [
    ...new Set([...moments.map(({ where }) => laneOf(where)), ...gaps.map(({ client }) => client)]),
  ]
  // Nodes first, then clients; what is of the whole cluster on top.
  const rank = (one: string) => (one === '' ? 0 : /^node\d/.test(one) ? 1 : 2)
  lanes.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
  const last = Math.max(1, ...moments.map(({ atMs }) => atMs), ...gaps.map(({ toMs }) => toMs)) / 1000
  const x = (ms: number) => left + ((width - left - right) * Math.max(0, ms)) / 1000 / last
  const y = (one: string) => top + lane * (lanes.indexOf(one) + 0.5)
  const bottom = top + lane * lanes.length
  const grid = steps(last, 10).map(
    (value) =>
      `<line class="grid-line" x1="${at(x(value * 1000))}" x2="${at(x(value * 1000))}" y1="${top}" y2="${bottom}"/>` +
      `<text x="${at(x(value * 1000))}" y="${bottom + 15}" text-anchor="middle">${figure(value)} s</text>`,
  )
  const rows = lanes.map(
    (one) =>
      `<line class="grid-line" x1="${left}" x2="${width - right}" y1="${at(y(one))}" y2="${at(y(one))}"/>` +
      `<text class="name" x="0" y="${at(y(one) + 4)}">${safe(one === '' ? 'cluster' : one)}</text>`,
  )
  const bars = gaps.map(
    ({ client, operation, fromMs, toMs }) =>
      `<rect class="gap on-lane" x="${at(x(fromMs))}" y="${at(y(client) - 4)}" width="${at(Math.max(1, x(toMs) - x(fromMs)))}" height="8">` +
      `<title>${safe(`${client} waited to ${operation} from ${time(fromMs)} to ${time(toMs)}`)}</title></rect>`,
  )
  const drawn = moments.map(
    ({ atMs, who, where, text }) =>
      `${marks[who](x(atMs), y(laneOf(where)))}<title>${safe(`${time(atMs)} ${text}`)}</title></${ends[who]}>`,
  )
  const svg = `<svg viewBox="0 0 ${width} ${bottom + 22}" role="img" aria-label="${safe(`timeline of ${name}`)}">${[...grid, ...rows, ...bars, ...drawn].join('')}</svg>`
  return `<div class="run"><h3>${safe(name)}</h3>${svg}${list(moments)}</div>`
}

function list(moments: readonly Moment[]): string {
  if (moments.length === 0) return ''
  const rows = moments.map(({ atMs, who, where, text }): Row => {
    const tone = who === 'fault' ? 'bad' : who === 'client' ? 'soft' : ''
    return {
      cells: [safe(time(atMs)), safe(laneOf(where)), `<span class="${tone}">${safe(text)}</span>`],
    }
  })
  const made = table([{ title: 'When', number: true }, { title: 'Where' }, { title: 'What' }], rows, true)
  if (moments.length <= mostShown) return made
  return `<details><summary>All ${moments.length} moments as a list</summary>${made}</details>`
}
