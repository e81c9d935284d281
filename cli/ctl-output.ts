// rabbitmqctl's output forms: tab separated, drawn and CSV tables, its line-by-line JSON lists, Erlang terms. Pure text in and out;
// called by the listing verbs. Source of the forms: docs/observed.md §1.3 and §2.

import { erlangString } from '../policies/erlang.ts'

/** One column of one row: text and numbers print as they are, the other shapes as Erlang would show them. */
export type Cell = string | number | boolean | Pids | Names | Tuple | AmqpTable

/** A process, of which only the node means anything in Warren. */
export interface Pids {
  readonly pids: readonly string[]
  readonly single: boolean
}
export interface Names {
  readonly names: readonly string[]
}
/** An Erlang tuple, such as a protocol's version. */
export interface Tuple {
  readonly tuple: readonly number[]
}
export interface AmqpTable {
  readonly table: Readonly<Record<string, unknown>>
}

/** A tab separated table; no line at all, not even the header, when there are no rows. */
export function tableText(columns: readonly string[], rows: readonly Cell[][], header: boolean): string {
  if (rows.length === 0) return ''
  const lines = rows.map((row) => row.map(cellText).join('\t'))
  return [...(header ? [columns.join('\t')] : []), ...lines].map((line) => `${line}\n`).join('')
}

/** A JSON list, one object a line, as rabbitmqctl streams it. */
export function jsonText(columns: readonly string[], rows: readonly Cell[][]): string {
  const objects = rows.map((row) =>
    JSON.stringify(Object.fromEntries(columns.map((column, i) => [column, jsonValue(row[i]!)]))),
  )
  return objects.length === 0 ? '[\n]\n' : `[\n${objects.join('\n,')}\n]\n`
}

/** Every value quoted, with a header line; nothing at all without rows. */
export function csvText(columns: readonly string[], rows: readonly Cell[][], header: boolean): string {
  if (rows.length === 0) return ''
  const line = (cells: readonly string[]) =>
    `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`
  return [...(header ? [line(columns)] : []), ...rows.map((row) => line(row.map(cellText)))].join('')
}

/** A table drawn with lines; names in lists are joined without brackets. */
export function prettyText(columns: readonly string[], rows: readonly Cell[][]): string {
  const plain = (cell: Cell) =>
    typeof cell === 'object' && 'names' in cell ? cell.names.join(', ') : cellText(cell)
  return rows.length === 0
    ? ''
    : drawn(
        columns,
        rows.map((row) => row.map(plain)),
      )
}

/** A list of property lists, as Erlang prints it. */
export function erlangText(columns: readonly string[], rows: readonly Cell[][]): string {
  const value = (cell: Cell) =>
    typeof cell === 'string'
      ? `<<${erlangString(cell)}>>`
      : typeof cell === 'object'
        ? cellText(cell)
        : String(cell)
  const lines = rows.map((row) => `[${row.map((cell, i) => `{${columns[i]},${value(cell)}}`).join(',')}]`)
  return `[${lines.join(',\n ')}]\n`
}

function cellText(cell: Cell): string {
  if (typeof cell !== 'object') return String(cell)
  if ('names' in cell) return `[${cell.names.join(', ')}]`
  if ('tuple' in cell) return `{${cell.tuple.join(',')}}`
  if ('pids' in cell) {
    const pids = cell.pids.map(pid)
    return cell.single ? pids.join('') : `[${pids.join(', ')}]`
  }
  const pairs = Object.entries(cell.table).map(([key, value]) => `{${erlangString(key)},${term(value)}}`)
  return `[${pairs.join(',')}]`
}

function jsonValue(cell: Cell): unknown {
  if (typeof cell !== 'object') return cell
  if ('names' in cell) return cell.names
  if ('tuple' in cell) return cell.tuple
  if ('pids' in cell) return cell.single ? cell.pids.map(pid).join('') : cell.pids.map(pid)
  return typed(cell.table)
}

function pid(node: string): string {
  return `<${node}.0.0.0>`
}

function term(value: unknown): string {
  if (typeof value === 'string') return erlangString(value)
  if (Array.isArray(value)) return `[${value.map(term).join(',')}]`
  if (typeof value !== 'object' || value === null) return value === null ? 'undefined' : String(value)
  return `[${Object.entries(value).map(([key, inner]) => `{${erlangString(key)},${term(inner)}}`)}]`
}

/** An AMQP table as rabbitmqctl's JSON shows it: [name, type, value]. HTTP has no types, so the usual ones are named. */
function typed(table: Readonly<Record<string, unknown>>): unknown[] {
  return Object.entries(table).map(([key, value]) => [key, ...typeAndValue(value)])
}

function typeAndValue(value: unknown): [string, unknown] {
  if (typeof value === 'string') return ['longstr', value]
  if (typeof value === 'boolean') return ['bool', value]
  if (typeof value === 'number') return [numberType(value), value]
  if (Array.isArray(value)) return ['array', value.map(typeAndValue)]
  return value === null ? ['void', 'undefined'] : ['table', typed(value as Record<string, unknown>)]
}

function numberType(value: number): string {
  if (!Number.isInteger(value)) return 'double'
  return Math.abs(value) < 2 ** 31 ? 'signedint' : 'long'
}

/** Line characters of a VT100: between these two it draws with letters. */
const drawing = (letters: string) => `\x1b(0${letters}\x1b(B`

/** A table as rabbitmqctl draws it. */
export function drawn(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => String(row[i]).length)))
  const line = (left: string, middle: string, right: string) =>
    drawing(left + widths.map((width) => 'q'.repeat(width + 2)).join(middle) + right)
  const row = (cells: readonly (string | number)[], bold = false) =>
    cells.map((cell, i) => {
      const text = bold ? `\x1b[1m${cell}\x1b[0m` : String(cell)
      return `${drawing('x')} ${text}${' '.repeat(widths[i]! - String(cell).length)} `
    })
  const rule = line('t', 'n', 'u')
  const lines = [line('l', 'w', 'k'), `${row(head, true).join('')}${drawing('x')}`]
  for (const cells of rows) lines.push(rule, `${row(cells).join('')}${drawing('x')}`)
  return `${[...lines, line('m', 'v', 'j')].join('\n')}\n`
}
