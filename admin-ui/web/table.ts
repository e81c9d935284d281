// A table whose rows are updated in place: one row per key, one cell per column, text set only where it has changed.

import { keyed, make, setClass, setText } from './dom.ts'

export interface Column<T> {
  readonly title: string
  readonly className?: string
  /** Puts the row's value into its cell: text, or through `fill` whatever is needed. */
  readonly text?: (row: T) => string
  readonly fill?: (cell: HTMLTableCellElement, row: T) => void
}

export class Table<T> {
  private readonly columns: readonly Column<T>[]
  private readonly keyOf: (row: T) => string
  private readonly table: HTMLTableElement
  private readonly body = make('tbody')

  constructor(table: HTMLTableElement, columns: readonly Column<T>[], keyOf: (row: T) => string) {
    this.columns = columns
    this.keyOf = keyOf
    this.table = table
    const heads = columns.map(({ title, className }) => {
      const cell = make('th', className ?? '', title)
      cell.scope = 'col'
      return cell
    })
    table.replaceChildren(make('thead', '', make('tr', '', ...heads)), this.body)
  }

  show(rows: readonly T[]): void {
    this.table.hidden = rows.length === 0
    keyed(
      this.body,
      rows,
      this.keyOf,
      () => this.emptyRow(),
      (element, row) => this.fill(element, row),
    )
  }

  private emptyRow(): HTMLTableRowElement {
    const cells = this.columns.map(({ title }) => {
      const cell = make('td')
      cell.dataset['label'] = title
      return cell
    })
    return make('tr', '', ...cells)
  }

  private fill(element: HTMLTableRowElement, row: T): void {
    this.columns.forEach(({ className = '', text, fill }, i) => {
      const cell = element.cells[i]!
      if (text !== undefined) setText(cell, text(row))
      else fill?.(cell, row)
      setClass(cell, `${className}${cell.childNodes.length === 0 ? ' void' : ''}`.trim())
    })
  }
}

/** A coloured word in a cell, updated in place. */
export function pill(cell: HTMLElement, text: string, tone: string): void {
  const known = cell.firstElementChild
  const element = known ?? make('span')
  if (known === null) cell.append(element)
  setClass(element, `pill ${tone}`)
  setText(element, text)
}
