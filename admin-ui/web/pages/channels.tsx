// The open channels of the chosen view.

import { EmptyState } from '../components/empty.tsx'
import { Pill } from '../components/pill.tsx'
import { usePagedRows } from '../components/rows.ts'
import { type Column, Table } from '../components/table.tsx'
import { count } from '../format.ts'
import { api } from '../live.ts'

interface ChannelEntry {
  readonly name: string
  readonly vhost: string
  readonly node: string
  readonly user: string
  readonly state: string
  readonly prefetch_count: number
  readonly messages_unacknowledged: number
  readonly messages_unconfirmed: number
}

const columns: readonly Column<ChannelEntry>[] = [
  { title: 'Virtual host', key: 'vhost', width: '120px', cell: ({ vhost }) => vhost },
  { title: 'Channel', key: 'name', class: 'strong', cell: ({ name }) => name, hover: ({ name }) => name },
  { title: 'Node', key: 'node', width: '140px', cell: ({ node }) => node },
  { title: 'User name', key: 'user', width: '120px', cell: ({ user }) => user },
  { title: 'State', key: 'state', width: '100px', cell: ({ state }) => <Pill state={state} /> },
  {
    title: 'Unconfirmed',
    key: 'messages_unconfirmed',
    width: '110px',
    right: true,
    cell: (row) => count(row.messages_unconfirmed),
  },
  {
    title: 'Prefetch',
    key: 'prefetch_count',
    width: '90px',
    right: true,
    cell: (row) => count(row.prefetch_count),
  },
  {
    title: 'Unacked',
    key: 'messages_unacknowledged',
    width: '90px',
    right: true,
    cell: (row) => count(row.messages_unacknowledged),
  },
]

export default function ChannelsPage() {
  const rows = usePagedRows<ChannelEntry>(
    `${api.value}/channels`,
    'name,vhost,node,user,state,prefetch_count,messages_unacknowledged,messages_unconfirmed',
  )
  return (
    <section class="panel" aria-label="Channels">
      <Table
        label="channels"
        columns={columns}
        rows={rows}
        rowKey={({ name }) => name}
        empty={
          <EmptyState title="No channel is open">
            <p>A client opens channels once it is connected; the Cluster page shows each node's port.</p>
          </EmptyState>
        }
      />
    </section>
  )
}
