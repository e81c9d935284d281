// All queues of the chosen view, of which the server sends those in sight.

import { EmptyState } from '../components/empty.tsx'
import { Pill } from '../components/pill.tsx'
import { usePagedRows } from '../components/rows.ts'
import { type Column, Table } from '../components/table.tsx'
import { count } from '../format.ts'
import { api } from '../live.ts'
import type { QueueEntry } from '../shapes.ts'

const wanted =
  'vhost,name,node,state,slave_nodes,synchronised_slave_nodes,messages_ready,messages_unacknowledged,policy'

const columns: readonly Column<QueueEntry>[] = [
  { title: 'Virtual host', key: 'vhost', width: '120px', cell: ({ vhost }) => vhost },
  { title: 'Name', key: 'name', class: 'strong', cell: ({ name }) => name, hover: ({ name }) => name },
  { title: 'State', key: 'state', width: '100px', cell: ({ state }) => <Pill state={state ?? 'waiting'} /> },
  { title: 'Leader', key: 'node', width: '130px', cell: ({ node }) => node },
  {
    title: 'Mirrors',
    cell: ({ slave_nodes = [], synchronised_slave_nodes = [] }) =>
      slave_nodes
        .map((node) => (synchronised_slave_nodes.includes(node) ? node : `${node} (unsynchronised)`))
        .join(', '),
  },
  { title: 'Policy', key: 'policy', width: '120px', cell: ({ policy }) => policy ?? '' },
  {
    title: 'Ready',
    key: 'messages_ready',
    width: '90px',
    right: true,
    cell: (row) => count(row.messages_ready),
  },
  {
    title: 'Unacked',
    key: 'messages_unacknowledged',
    width: '90px',
    right: true,
    cell: (row) => count(row.messages_unacknowledged),
  },
]

export default function QueuesPage() {
  const rows = usePagedRows<QueueEntry>(`${api.value}/queues`, wanted)
  return (
    <section class="panel" aria-label="Queues">
      <Table
        label="queues"
        columns={columns}
        rows={rows}
        rowKey={({ vhost, name }) => `${vhost}/${name}`}
        empty={
          <EmptyState title="No queue has been declared yet">
            <p>Connect an application to one of the nodes and let it declare one.</p>
          </EmptyState>
        }
      />
    </section>
  )
}
