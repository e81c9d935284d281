// A table of up to many thousand rows, of which only those in sight are in the document. It shows what a `Rows` gives it:
// `useRows` sorts and filters a list that the page has, `usePagedRows` asks the HTTP API for the stretch in sight. Rows are one line
// high; a cell that needs more belongs on a page of its own.

import { Component, type ComponentChildren } from 'preact'
import { useLayoutEffect } from 'preact/hooks'
import { count } from '../format.ts'
import { useFewAFrame } from './few-a-frame.ts'
import type { Rows } from './rows.ts'
import { rowHeight, useSpan } from './span.ts'
import { ErrorLine } from './toast.tsx'

export interface Column<R> {
  readonly title: string
  /** What is sorted by: a path in the row such as `message_stats.publish`; without it the column cannot be sorted. */
  readonly key?: string
  /** As CSS has it; the rest is shared evenly. */
  readonly width?: string
  /** For figures. */
  readonly right?: boolean
  readonly class?: string
  /** Explains the title. */
  readonly help?: string
  cell(row: R): ComponentChildren
  /** What the cell says when the pointer rests on it, as it may be cut off. */
  hover?(row: R): string
}

export interface TableProps<R> {
  /** What it lists, for those who hear it. */
  readonly label: string
  readonly columns: readonly Column<R>[]
  readonly rows: Rows<R>
  rowKey(row: R): string
  /** Shown when there is nothing at all, in place of the table. */
  readonly empty: ComponentChildren
  /** What the filter says while it is empty; null for no filter. */
  readonly filter?: string | null
  /** Beside the filter. */
  readonly tools?: ComponentChildren
  rowClass?(row: R): string
  /** As CSS has it: on a narrower screen the table is scrolled sideways. */
  readonly minWidth?: string
}

export function Table<R>(props: TableProps<R>) {
  const { label, columns, rows, rowKey, empty, filter = 'Filter by name', tools, rowClass, minWidth } = props
  const { scroll, span, onScroll } = useSpan(rows.total === 0 && rows.filter === '')
  const few = useFewAFrame<R>()
  const from = Math.min(span.first, Math.max(0, rows.count - 1))
  const to = Math.min(span.last, rows.count)
  useLayoutEffect(() => rows.see(from, to), [rows.see, from, to])
  if (rows.total === 0 && rows.filter === '')
    return (
      <>
        {tools !== undefined && <div class="table-tools">{tools}</div>}
        {empty}
      </>
    )
  const shown = few.of(from, to, rows, rowKey)
  return (
    <div>
      <div class="table-tools">
        {filter !== null && (
          <input
            type="search"
            placeholder={filter}
            aria-label={`${filter}: ${label}`}
            value={rows.filter}
            onInput={(event) => rows.setFilter(event.currentTarget.value)}
          />
        )}
        {tools}
        <span class={filter === null && rows.total !== null ? 'visually-hidden' : 'hint'} role="status">
          {rows.total === null
            ? 'loading …'
            : rows.count === rows.total
              ? count(rows.total)
              : `${count(rows.count)} of ${count(rows.total)}`}
        </span>
      </div>
      <ErrorLine text={rows.error} />
      {/* A region that scrolls must be reachable by keyboard. */}
      <section ref={scroll} class="table-scroll" aria-label={label} tabIndex={0} onScroll={onScroll}>
        <table aria-rowcount={rows.count + 1} style={minWidth === undefined ? undefined : { minWidth }}>
          <colgroup>
            {columns.map((column) => (
              <col
                key={column.title}
                style={column.width === undefined ? undefined : { width: column.width }}
              />
            ))}
          </colgroup>
          <thead>
            <tr>
              {columns.map((column) => (
                <Heading key={column.title} column={column} rows={rows} />
              ))}
            </tr>
          </thead>
          <tbody>
            <Spacer rows={from} columns={columns.length} />
            {shown.map((row, i) =>
              row === undefined ? (
                <tr key={`pending-${from + i}`} class="pending">
                  <td colSpan={columns.length}>…</td>
                </tr>
              ) : (
                <RowLine
                  key={rowKey(row)}
                  row={row}
                  index={from + i + 2}
                  columns={columns}
                  class={rowClass?.(row) ?? ''}
                />
              ),
            )}
            <Spacer rows={rows.count - to} columns={columns.length} />
          </tbody>
        </table>
        {rows.total !== null && rows.count === 0 && <p class="empty">No {label} match the filter.</p>}
      </section>
    </div>
  )
}

interface RowProps<R> {
  readonly row: R
  readonly index: number
  readonly columns: readonly Column<R>[]
  readonly class: string
}

/** Drawn anew only when it has changed: while a table is scrolled most rows stay as they are. */
class RowLine<R> extends Component<RowProps<R>> {
  override shouldComponentUpdate(next: RowProps<R>): boolean {
    const { row, index, columns, class: name } = this.props
    return row !== next.row || index !== next.index || columns !== next.columns || name !== next.class
  }

  override render({ row, index, columns, class: name }: RowProps<R>) {
    return (
      <tr aria-rowindex={index} class={name}>
        {columns.map((column) => (
          <td
            key={column.title}
            data-label={column.title}
            class={[column.right && 'right', column.class].filter(Boolean).join(' ')}
            title={column.hover?.(row)}
          >
            {column.cell(row)}
          </td>
        ))}
      </tr>
    )
  }
}

function Heading<R>({ column, rows }: { readonly column: Column<R>; readonly rows: Rows<R> }) {
  const { key, title, right, help } = column
  const sorted = key !== undefined && rows.sort?.key === key ? rows.sort : null
  return (
    <th
      scope="col"
      class={right ? 'right' : undefined}
      title={help}
      aria-sort={sorted === null ? undefined : sorted.descending ? 'descending' : 'ascending'}
    >
      {key === undefined ? (
        title
      ) : (
        <button type="button" onClick={() => rows.setSort(nextSort(key, sorted?.descending, right === true))}>
          {title}
          {sorted !== null && <span aria-hidden="true">{sorted.descending ? ' ▾' : ' ▴'}</span>}
        </button>
      )}
    </th>
  )
}

/** Figures begin with the largest, names with the first; the third click is back to the usual order. */
function nextSort(key: string, descending: boolean | undefined, figures: boolean): Rows<never>['sort'] {
  if (descending === undefined) return { key, descending: figures }
  return descending === figures ? { key, descending: !figures } : null
}

const Spacer = ({ rows, columns }: { readonly rows: number; readonly columns: number }) =>
  rows <= 0 ? null : (
    <tr class="spacer">
      <td colSpan={columns} style={{ height: `${rows * rowHeight}px` }} />
    </tr>
  )
