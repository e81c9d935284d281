// What happened, newest first.

import { EmptyState } from '../components/empty.tsx'
import { useRows } from '../components/rows.ts'
import { type Column, Table } from '../components/table.tsx'
import { clockTime } from '../format.ts'
import { events } from '../live.ts'
import { sentence } from '../sentences.ts'
import type { TraceEvent } from '../shapes.ts'

const columns: readonly Column<TraceEvent>[] = [
  { title: 'Time', key: 'number', width: '120px', class: 'code', cell: ({ at }) => clockTime(at) },
  { title: 'Node', key: 'node', width: '130px', cell: ({ node }) => node },
  { title: 'Kind', key: 'kind', width: '150px', cell: ({ kind }) => kind },
  { title: 'What happened', cell: sentence, hover: sentence },
]

export default function TimelinePage() {
  const rows = useRows(events.value, { text: sentence, sort: { key: 'number', descending: true } })
  return (
    <section class="panel" aria-label="Timeline">
      <Table
        label="events"
        columns={columns}
        rows={rows}
        rowKey={({ number }) => String(number)}
        filter="Filter by words"
        empty={
          <EmptyState title="Nothing has happened yet">
            <p>Kill a node on the Cluster page, or declare a queue.</p>
          </EmptyState>
        }
      />
    </section>
  )
}
