// What a client may ask of a list: columns, order, pages and a filter by name (docs/observed.md §6). Every resource that
// answers with objects passes them through here. It must never compute anything about the objects themselves.

import { Pattern, PatternError } from '../../policies/pattern.ts'
import { badRequest, HttpError } from '../http-error.ts'
import type { Call } from '../resource.ts'

export type Row = Readonly<Record<string, unknown>>

const defaultPageSize = 100
const largestPage = 500

/** A list in RabbitMQ's order (by the `keys`), or as `sort`, `page` and `columns` want it. */
export function list(call: Call, rows: readonly Row[], keys: readonly string[] = ['vhost', 'name']): unknown {
  const { query } = call
  const sort = query.get('sort')
  const sorted = [...rows].sort(byColumns(sort === null ? keys : [sort]))
  if (query.get('sort_reverse') === 'true' && sort !== null) sorted.reverse()
  if (!wantsPage(query)) return sorted.map((row) => columns(call, row))
  return paged(call, sorted, (row) => row)
}

/** The same for records that know their vhost and name: of a page in the usual order only its entries are made. */
export function listOf<T extends { readonly vhost: string; readonly name: string }>(
  call: Call,
  records: readonly T[],
  entryOf: (record: T) => Row,
): unknown {
  if (!wantsPage(call.query) || call.query.has('sort')) return list(call, records.map(entryOf))
  return paged(call, [...records].sort(byColumns(['vhost', 'name'])), entryOf)
}

const wantsPage = (query: URLSearchParams) => query.has('page') || query.has('page_size')

/** One object, cut down to the `columns` that were asked for. */
export function columns(call: Call, row: Row): Row {
  const wanted = call.query.get('columns')
  if (wanted === null) return row
  const paths = wanted.split(',').map((column) => column.split('.'))
  return picked(row, paths)
}

function picked(row: Row, paths: readonly (readonly string[])[]): Row {
  const result: Record<string, unknown> = {}
  for (const name of Object.keys(row).sort()) {
    const tails = paths.filter((path) => path[0] === name).map((path) => path.slice(1))
    if (tails.length === 0) continue
    const value = row[name]
    const whole = tails.some((tail) => tail.length === 0) || typeof value !== 'object' || value === null
    result[name] = whole ? value : picked(value as Row, tails)
  }
  return result
}

function paged<T extends object>(call: Call, rows: readonly T[], entryOf: (row: T) => Row): unknown {
  const page = wholeNumber(call.query.get('page') ?? '1', 'page')
  const pageSize = wholeNumber(call.query.get('page_size') ?? String(defaultPageSize), 'page_size')
  if (pageSize > largestPage) throw badRequest(`page_size is at most ${largestPage}, not ${pageSize}`)
  const found = rows.filter(nameFilter(call.query.get('name') ?? '', call.query.get('use_regex') === 'true'))
  if (page > 1 && (page - 1) * pageSize >= found.length)
    throw new HttpError(400, {
      error: 'page_out_of_range',
      reason: `Page out of range, page: ${page} page size: ${pageSize}, len: ${found.length}`,
    })
  const items = found.slice((page - 1) * pageSize, page * pageSize).map((row) => columns(call, entryOf(row)))
  return {
    filtered_count: found.length,
    item_count: items.length,
    items,
    page,
    page_count: Math.max(1, Math.ceil(found.length / pageSize)),
    page_size: pageSize,
    total_count: rows.length,
  }
}

function wholeNumber(text: string, what: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1) throw badRequest(`${what} must be a number from 1 on`)
  return number
}

function nameFilter(name: string, regex: boolean): (row: { name?: unknown }) => boolean {
  if (name === '') return () => true
  if (!regex) return (row) => String(row.name).toLowerCase().includes(name.toLowerCase())
  const pattern = insensitive(name)
  return (row) => pattern.test(String(row.name))
}

/** As policies' patterns: in a time that nobody's pattern can stretch. */
function insensitive(pattern: string): Pattern {
  try {
    return new Pattern(`(?i)${pattern}`)
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    throw badRequest('name is not a regular expression')
  }
}

function byColumns(names: readonly string[]): (a: object, b: object) => number {
  const paths = names.map((name) => name.split('.'))
  return (a, b) => {
    for (const path of paths) {
      const difference = compare(valueAt(a, path), valueAt(b, path))
      if (difference !== 0) return difference
    }
    return 0
  }
}

const valueAt = (row: object, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, name) => (value as Row | null | undefined)?.[name], row)

/** Numbers by size, all else by its text; what is absent comes first. */
function compare(a: unknown, b: unknown): number {
  if (a === b) return 0
  if (a === undefined || a === null) return -1
  if (b === undefined || b === null) return 1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [x, y] = [String(a), String(b)]
  return x < y ? -1 : x > y ? 1 : 0
}
