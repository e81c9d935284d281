// What a client may ask of a list: columns, order, pages and a filter by name (docs/observed.md §6). Every resource that
// answers with objects passes them through here. It must never compute anything about the objects themselves.

import { Pattern, PatternError } from '../../policies/pattern.ts'
import { badRequest, HttpError } from '../http-error.ts'
import type { Call } from '../resource.ts'

export type Row = Readonly<Record<string, unknown>>

const defaultPageSize = 100
const largestPage = 500

/** Is this key of an entry needed? */
export type Wanted = (key: string) => boolean

type Order = (a: never, b: never) => number
/** Makes what makes entries; keys that are not wanted may be left out of them. */
type Entries<T> = (wanted: Wanted) => (item: T) => Row

/** A list in RabbitMQ's order (by the `keys`), or as `sort` and `columns` want it. */
export function list(
  call: Call,
  rows: readonly Row[],
  keys: readonly string[] = ['vhost', 'name'],
): readonly Row[] {
  return shown(call, sorted(call, rows, byColumns(keys), itself), itself)
}

/** The same in pages, when they are asked for; the real one has them for some lists only. */
export function pages(
  call: Call,
  rows: readonly Row[],
  keys: readonly string[] = ['vhost', 'name'],
): unknown {
  if (!wantsPage(call.query)) return list(call, rows, keys)
  return paged(call, rows, (some) => sorted(call, some, byColumns(keys), itself), itself)
}

/** The same for records that know their vhost and name: whole entries are made of those that are shown only. */
export function listOf<T extends Named>(call: Call, records: readonly T[], entries: Entries<T>): unknown {
  const inOrder = (some: readonly T[]) => sorted(call, some, byVhostAndName, entries)
  return wantsPage(call.query)
    ? paged(call, records, inOrder, entries)
    : shown(call, inOrder(records), entries)
}

const itself = () => (row: Row) => row

function shown<T>(call: Call, items: readonly T[], entries: Entries<T>): Row[] {
  const asked = call.query.get('columns')
  if (asked === null) return items.map(entries(() => true))
  const paths = pathsOf(asked)
  const entryOf = entries((key) => paths.some(([first]) => first === key))
  return items.map((item) => picked(entryOf(item), paths))
}

function sorted<T extends object>(
  { query }: Call,
  items: readonly T[],
  usual: Order,
  entries: Entries<T>,
): readonly T[] {
  const sort = query.get('sort')
  if (sort === null) return [...items].sort(usual as (a: T, b: T) => number)
  const path = sort.split('.')
  const entryOf = entries((key) => key === path[0])
  const inOrder = items
    .map((item) => ({ item, by: valueAt(entryOf(item), path) }))
    .sort((a, b) => compare(a.by, b.by))
    .map(({ item }) => item)
  return query.get('sort_reverse') === 'true' ? inOrder.reverse() : inOrder
}

const wantsPage = (query: URLSearchParams) => query.has('page')

/** One object, cut down to the `columns` that were asked for. */
export function columns(call: Call, row: Row): Row {
  const wanted = call.query.get('columns')
  return wanted === null ? row : picked(row, pathsOf(wanted))
}

const pathsOf = (columns: string) => columns.split(',').map((column) => column.split('.'))

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

function paged<T extends object>(
  call: Call,
  rows: readonly T[],
  inOrder: (found: readonly T[]) => readonly T[],
  entries: Entries<T>,
): unknown {
  const given = call.query.get('page_size')
  const page = wholeNumber(call.query.get('page') ?? '')
  const pageSize = given === null ? defaultPageSize : wholeNumber(given)
  if (page < 1 || pageSize < 1 || pageSize > largestPage)
    throw new HttpError(400, {
      error: 'invalid_pagination_parameters',
      reason: `Invalid pagination parameters: page number ${page}, page size ${given ?? 'undefined'}`,
    })
  const found = rows.filter(nameFilter(call.query.get('name') ?? '', call.query.get('use_regex') === 'true'))
  if (page > 1 && (page - 1) * pageSize >= found.length)
    throw new HttpError(400, {
      error: 'page_out_of_range',
      reason: `Page out of range, page: ${page} page size: ${pageSize}, len: ${found.length}`,
    })
  const onPage = inOrder(found).slice((page - 1) * pageSize, page * pageSize)
  const items = shown(call, onPage, entries)
  return {
    filtered_count: found.length,
    item_count: items.length,
    items,
    page,
    page_count: Math.ceil(found.length / pageSize),
    page_size: pageSize,
    total_count: rows.length,
  }
}

const invalidPage = () => badRequest('Pagination parameters are invalid')

function wholeNumber(text: string): number {
  if (!/^[+-]?\d{1,15}$/.test(text)) throw invalidPage()
  return Number(text)
}

function nameFilter(name: string, regex: boolean): (row: { name?: unknown }) => boolean {
  if (name === '') return () => true
  if (!regex) return (row) => String(row.name).toLowerCase().includes(name.toLowerCase())
  let pattern: Pattern | null = null
  return (row) => (pattern ??= insensitive(name)).test(String(row.name))
}

/** As policies' patterns: in a time that nobody's pattern can stretch. */
function insensitive(pattern: string): Pattern {
  try {
    return new Pattern(`(?i)${pattern}`)
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    throw invalidPage()
  }
}

interface Named {
  readonly vhost: string
  readonly name: string
}

/** The usual order, without a detour for each comparison. */
function byVhostAndName(a: Named, b: Named): number {
  if (a.vhost !== b.vhost) return a.vhost < b.vhost ? -1 : 1
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
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
