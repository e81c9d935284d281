// Where a Table's rows come from: a list that the page holds, or an answer of the HTTP API of which only the stretch in
// sight is asked for, sorted and filtered by the server.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { get, LoginNeeded, Unreachable } from '../http.ts'
import { beat } from '../live.ts'
import type { ListPage } from '../shapes.ts'

export interface Sort {
  readonly key: string
  readonly descending: boolean
}

export interface Rows<R> {
  /** All there are, and those that pass the filter; `total` is null until it is known. */
  readonly total: number | null
  readonly count: number
  readonly error: string
  /** Undefined while it has not come yet. */
  at(index: number): R | undefined
  /** Told which rows are in sight. */
  see(from: number, to: number): void
  readonly sort: Sort | null
  setSort(sort: Sort | null): void
  readonly filter: string
  setFilter(text: string): void
}

/** A member of a row by its path, with points: `message_stats.publish_details.rate`. */
export const valueAt = (row: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | null)?.[name], row)

/** Absent before all else, figures by size, all else by its text. */
function compare(a: unknown, b: unknown): number {
  if (a === b) return 0
  if (a === undefined || a === null) return -1
  if (b === undefined || b === null) return 1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a) < String(b) ? -1 : 1
}

interface LocalOptions<R> {
  /** What the filter looks into; the member `name` when absent. */
  text?(row: R): string
  readonly sort?: Sort | null
}

/** Rows of `list`; undefined is a list that is still to come. */
export function useRows<R>(
  list: readonly R[] | undefined,
  options: LocalOptions<R> = {},
  error = '',
): Rows<R> {
  const { text = (row: R) => String(valueAt(row, 'name')) } = options
  const [sort, setSort] = useState<Sort | null>(options.sort ?? null)
  const [filter, setFilter] = useState('')
  const found = useMemo(() => {
    const wanted = filter.toLowerCase()
    const passing = (list ?? []).filter((row) => wanted === '' || text(row).toLowerCase().includes(wanted))
    if (sort === null) return passing
    const sign = sort.descending ? -1 : 1
    return passing.sort((a, b) => sign * compare(valueAt(a, sort.key), valueAt(b, sort.key)))
  }, [list, sort, filter])
  return {
    total: list?.length ?? null,
    count: found.length,
    error,
    at: (index) => found[index],
    see: nobodyCares,
    sort,
    setSort,
    filter,
    setFilter,
  }
}

const nobodyCares = () => {}

const pageSize = 100
const typingPauseMs = 150

interface Pages<R> {
  readonly of: string
  readonly total: number | null
  readonly count: number
  readonly items: ReadonlyMap<number, readonly R[]>
  readonly error: string
}

const noPages = (of: string): Pages<never> => ({ of, total: null, count: 0, items: new Map(), error: '' })

/** The pages, from 1, that hold the rows from `from` until before `to`. */
function pagesOf(from: number, to: number): number[] {
  const first = Math.floor(from / pageSize) + 1
  const last = Math.max(first, Math.ceil(to / pageSize))
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

/** Rows of the list at `path`, of which `columns` (the API's words, joined by commas) are asked for. */
export function usePagedRows<R>(path: string, columns: string, usual: Sort | null = null): Rows<R> {
  const [sort, setSort] = useState<Sort | null>(usual)
  const [filter, setFilter] = useState('')
  const [wanted, setWanted] = useState('')
  const [pages, setPages] = useState<Pages<R>>(noPages(''))
  const seen = useRef({ from: 0, to: 0 })
  const query = new URLSearchParams({ page_size: String(pageSize), columns })
  if (sort !== null) query.set('sort', sort.key)
  if (sort?.descending) query.set('sort_reverse', 'true')
  if (wanted !== '') query.set('name', wanted)
  const question = `${path}${path.includes('?') ? '&' : '?'}${query}`
  useEffect(() => {
    const timer = setTimeout(() => setWanted(filter), typingPauseMs)
    return () => clearTimeout(timer)
  }, [filter])

  const asker = useMemo(() => new Asker<R>(question, seen, setPages), [question])
  useEffect(() => {
    const stop = beat.subscribe(() => document.visibilityState === 'visible' && asker.look())
    return () => {
      stop()
      asker.end()
    }
  }, [asker])
  const mine =
    pages.of === question || pages.of.split('?')[0] === path.split('?')[0] ? pages : noPages(question)
  const see = useMemo(
    () => (from: number, to: number) => {
      seen.current = { from, to }
      asker.look(true)
    },
    [asker],
  )
  return {
    total: mine.total,
    count: mine.count,
    error: mine.error,
    at: (index) => mine.items.get(Math.floor(index / pageSize) + 1)?.[index % pageSize],
    see,
    sort,
    setSort,
    filter,
    setFilter,
  }
}

/** `fresh` with those of `known` in the place of equal ones; `known` itself when all are equal. */
function unlessSame<R>(known: readonly R[] | undefined, fresh: readonly R[]): readonly R[] {
  if (known === undefined) return fresh
  const rows = fresh.map((row, i) => (JSON.stringify(row) === JSON.stringify(known[i]) ? known[i]! : row))
  return rows.length === known.length && rows.every((row, i) => row === known[i]) ? known : rows
}

/** Asks for the pages in sight, one look at a time; those that are out of sight are forgotten. */
class Asker<R> {
  private readonly question: string
  private readonly seen: { readonly current: { readonly from: number; readonly to: number } }
  private readonly show: (pages: Pages<R>) => void
  private readonly abort = new AbortController()
  private had: Pages<R>
  private asking = false
  private again: 'missing' | 'all' | null = null

  constructor(question: string, seen: Asker<R>['seen'], show: (pages: Pages<R>) => void) {
    this.question = question
    this.seen = seen
    this.show = show
    this.had = noPages(question)
  }

  /** `onlyMissing`: what is there already will do. */
  look(onlyMissing = false): void {
    const { from, to } = this.seen.current
    const numbers = pagesOf(from, to)
    const missing = onlyMissing ? numbers.filter((number) => !this.had.items.has(number)) : numbers
    if (missing.length === 0) return
    if (!this.asking) return void this.ask(numbers, missing)
    this.again = onlyMissing && this.again !== 'all' ? 'missing' : 'all'
  }

  /** Asks for `missing` of the pages in sight; the others stay. */
  private async ask(inSight: readonly number[], missing: readonly number[]): Promise<void> {
    this.asking = true
    try {
      const answers = await Promise.all(missing.map((number) => this.page(number)))
      const { total_count, filtered_count } = answers[0]!
      const items = new Map<number, readonly R[]>()
      for (const number of inSight) {
        const [known, answer] = [this.had.items.get(number), answers[missing.indexOf(number)]]
        items.set(number, answer === undefined ? (known ?? []) : unlessSame(known, answer.items))
      }
      this.tell({ total: total_count, count: filtered_count, items, error: '' })
    } catch (error) {
      if (!(error instanceof Unreachable || error instanceof LoginNeeded))
        this.tell({ ...this.had, error: (error as Error).message })
    }
    this.asking = false
    const { again } = this
    this.again = null
    if (again !== null && !this.abort.signal.aborted) this.look(again === 'missing')
  }

  /** A page beyond the end, when rows have gone since, is as good as the first: the table will look at fewer. */
  private async page(number: number): Promise<ListPage<R>> {
    const ask = (page: number) => get<ListPage<R>>(`${this.question}&page=${page}`, this.abort.signal)
    if (number === 1) return ask(1)
    try {
      return await ask(number)
    } catch (error) {
      if (this.abort.signal.aborted) throw error
      return { ...(await ask(1)), items: [] }
    }
  }

  /** What is as it was is not drawn anew. */
  private tell(pages: Omit<Pages<R>, 'of'>): void {
    if (this.abort.signal.aborted) return
    const { total, count, error, items } = this.had
    const same =
      pages.total === total &&
      pages.count === count &&
      pages.error === error &&
      pages.items.size === items.size &&
      [...pages.items].every(([number, rows]) => items.get(number) === rows)
    if (same) return
    this.had = { ...pages, of: this.question }
    this.show(this.had)
  }

  end(): void {
    this.abort.abort()
  }
}
