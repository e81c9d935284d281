// Numbers, names and text as the HTML report shows them. Used by the files of this folder only; equal values give equal text,
// whatever the machine's language is.

import type { Unit } from '../scenario/assertion.ts'
import type { Comparison, VariantRun } from '../scenario/result.ts'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Any text, safe between tags and in attributes. */
export const safe = (text: string): string => text.replace(/[&<>"']/g, (one) => entities[one]!)

/** `1,234,567`. */
export const count = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',')

/** Three digits that matter, without an exponent: `0.0123`, `1.23`, `123`, `1,234`. */
export function figure(value: number): string {
  if (value === 0) return '0'
  if (Math.abs(value) >= 1000) return count(value)
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  return Number(value.toFixed(Math.min(6, digits))).toString()
}

/** Of seconds: `250 µs`, `12.3 ms`, `1.23 s`. */
export function seconds(value: number): string {
  if (value === 0) return '0 s'
  if (value < 0.001) return `${figure(value * 1e6)} µs`
  return value < 1 ? `${figure(value * 1000)} ms` : `${figure(value)} s`
}

/** `4.2 s` after the work's beginning, from ms. */
export const moment = (ms: number): string => `${(ms / 1000).toFixed(3).replace(/0{1,2}$/, '')} s`

export function bytes(value: number): string {
  if (value >= 1e9) return `${figure(value / 1e9)} GB`
  if (value >= 1e6) return `${figure(value / 1e6)} MB`
  return value >= 1000 ? `${figure(value / 1000)} kB` : `${count(value)} B`
}

/** A metric's value with its unit. */
export function withUnit(value: number, unit: Unit): string {
  switch (unit) {
    case 'count':
      return count(value)
    case 'seconds':
      return seconds(value)
    case 'per second':
      return `${figure(value)}/s`
    case 'bytes':
      return bytes(value)
    case 'ratio':
      return figure(value)
  }
}

/** A run's name: its variant's, and where there are two targets also which. */
export function runName(
  { variant, target }: Pick<VariantRun, 'variant' | 'target'>,
  comparison: Comparison,
): string {
  const targets = new Set([...comparison.runs, ...comparison.failures].map((one) => one.target))
  return targets.size < 2 ? variant : `${variant} (${target === 'rabbitmq' ? 'RabbitMQ' : 'emulated'})`
}

export interface Column {
  readonly title: string
  /** Numbers stand to the right. */
  readonly number?: boolean
}

/** Cells are ready HTML; a row may have a class. */
export interface Row {
  readonly cells: readonly string[]
  readonly className?: string
}

/** `list`: the last column is words and takes what room there is. */
export function table(columns: readonly Column[], rows: readonly Row[], list = false): string {
  const side = (index: number) => (columns[index]!.number === true ? ' class="n"' : '')
  const head = columns.map(({ title }, i) => `<th${side(i)}>${safe(title)}</th>`).join('')
  const body = rows.map(({ cells, className }) => {
    const tr = className === undefined ? '<tr>' : `<tr class="${className}">`
    return `${tr}${cells.map((cell, i) => `<td${side(i)}>${cell}</td>`).join('')}</tr>`
  })
  return `<div class="wide"><table${list ? ' class="list"' : ''}><thead><tr>${head}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table></div>`
}

export const section = (id: string, title: string, inside: readonly string[]): string =>
  inside.length === 0 ? '' : `<section id="${id}"><h2>${safe(title)}</h2>\n${inside.join('\n')}\n</section>`
