// The exchanges of the chosen view.

import { EmptyState } from '../components/empty.tsx'
import { usePagedRows } from '../components/rows.ts'
import { type Column, Table } from '../components/table.tsx'
import { api } from '../live.ts'

interface ExchangeEntry {
  readonly name: string
  readonly vhost: string
  readonly type: string
  readonly durable: boolean
  readonly auto_delete: boolean
  readonly internal: boolean
  readonly policy?: string
}

const features = ({ durable, auto_delete, internal }: ExchangeEntry) =>
  [durable && 'D', auto_delete && 'AD', internal && 'I'].filter(Boolean).join(' ')

const columns: readonly Column<ExchangeEntry>[] = [
  { title: 'Virtual host', key: 'vhost', width: '120px', cell: ({ vhost }) => vhost },
  { title: 'Name', key: 'name', class: 'strong', cell: ({ name }) => name || '(AMQP default)' },
  { title: 'Type', key: 'type', width: '160px', cell: ({ type }) => type },
  { title: 'Features', width: '90px', help: 'D durable, AD auto-delete, I internal', cell: features },
  { title: 'Policy', key: 'policy', width: '140px', cell: ({ policy }) => policy ?? '' },
]

export default function ExchangesPage() {
  const rows = usePagedRows<ExchangeEntry>(
    `${api.value}/exchanges`,
    'name,vhost,type,durable,auto_delete,internal,policy',
  )
  return (
    <section class="panel" aria-label="Exchanges">
      <Table
        label="exchanges"
        columns={columns}
        rows={rows}
        rowKey={({ vhost, name }) => `${vhost}/${name}`}
        empty={<EmptyState title="There is no exchange" />}
      />
    </section>
  )
}
