// The open connections of the chosen view.

import { EmptyState } from '../components/empty.tsx'
import { Pill } from '../components/pill.tsx'
import { usePagedRows } from '../components/rows.ts'
import { type Column, Table } from '../components/table.tsx'
import { count } from '../format.ts'
import { api } from '../live.ts'

interface ConnectionEntry {
  readonly name: string
  readonly vhost: string
  readonly node: string
  readonly user: string
  readonly state: string
  readonly channels: number
}

const columns: readonly Column<ConnectionEntry>[] = [
  { title: 'Virtual host', key: 'vhost', width: '120px', cell: ({ vhost }) => vhost },
  { title: 'Name', key: 'name', class: 'strong', cell: ({ name }) => name, hover: ({ name }) => name },
  { title: 'Node', key: 'node', width: '140px', cell: ({ node }) => node },
  { title: 'User name', key: 'user', width: '120px', cell: ({ user }) => user },
  { title: 'State', key: 'state', width: '100px', cell: ({ state }) => <Pill state={state} /> },
  { title: 'Channels', key: 'channels', width: '90px', right: true, cell: (row) => count(row.channels) },
]

export default function ConnectionsPage() {
  const rows = usePagedRows<ConnectionEntry>(
    `${api.value}/connections`,
    'name,vhost,node,user,state,channels',
  )
  return (
    <section class="panel" aria-label="Connections">
      <Table
        label="connections"
        columns={columns}
        rows={rows}
        rowKey={({ name }) => name}
        empty={
          <EmptyState title="No client is connected">
            <p>The Cluster page shows each node's port.</p>
          </EmptyState>
        }
      />
    </section>
  )
}
