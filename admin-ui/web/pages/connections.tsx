// Connections: the table in RabbitMQ's words, and with an address of one connection that connection's page.

import { EmptyState } from '../components/empty.tsx'
import { Pill } from '../components/pill.tsx'
import { usePagedRows } from '../components/rows.ts'
import { type Column, Table } from '../components/table.tsx'
import { bytesPerSecond, count, shortPeer } from '../format.ts'
import { api } from '../live.ts'
import { ConnectionPage } from '../objects/connection-page.tsx'
import type { Connection } from '../objects/shapes.ts'
import { useVhosts } from '../objects/vhosts.tsx'
import type { PageProps } from '../pages.ts'
import { href } from '../router.ts'
import '../objects/objects.css'

const columns: readonly Column<Connection>[] = [
  { title: 'Virtual host', key: 'vhost', width: '112px', cell: ({ vhost }) => vhost },
  {
    title: 'Name',
    key: 'name',
    cell: ({ name, user_provided_name: given }) => (
      <>
        <a href={href('connections', [name])}>{shortPeer(name)}</a>
        {given !== undefined && <span class="soft"> {given}</span>}
      </>
    ),
    hover: ({ name }) => name,
  },
  { title: 'Node', key: 'node', width: '130px', cell: ({ node }) => node, hover: ({ node }) => node },
  { title: 'User name', key: 'user', width: '110px', cell: ({ user }) => user },
  { title: 'State', key: 'state', width: '112px', cell: ({ state }) => <Pill state={state} /> },
  { title: 'SSL / TLS', key: 'ssl', width: '90px', cell: ({ ssl }) => (ssl ? '●' : '○') },
  { title: 'Protocol', key: 'protocol', width: '110px', cell: ({ protocol }) => protocol },
  { title: 'Channels', key: 'channels', width: '96px', right: true, cell: (row) => count(row.channels) },
  {
    title: 'From client',
    key: 'recv_oct_details.rate',
    width: '112px',
    right: true,
    cell: (row) => bytesPerSecond(row.recv_oct_details?.rate),
  },
  {
    title: 'To client',
    key: 'send_oct_details.rate',
    width: '112px',
    right: true,
    cell: (row) => bytesPerSecond(row.send_oct_details?.rate),
  },
]
/** The same list each time, so that rows that have not changed are not drawn anew. */
const withoutVhost = columns.slice(1)

const asked = [
  ...['vhost', 'name', 'node', 'user', 'state', 'ssl', 'protocol', 'channels', 'user_provided_name'],
  ...['recv_oct_details', 'send_oct_details'],
].join(',')

export default function Connections({ parts }: PageProps) {
  const [name] = parts
  return name === undefined ? <ConnectionList /> : <ConnectionPage key={name} name={name} />
}

function ConnectionList() {
  const severalVhosts = useVhosts().length > 1
  return (
    <section class="panel" aria-label="Connections">
      <Table
        label="connections"
        minWidth={severalVhosts ? '1172px' : '1060px'}
        columns={severalVhosts ? columns : withoutVhost}
        rows={usePagedRows<Connection>(`${api.value}/connections`, asked)}
        rowKey={({ name }) => name}
        empty={
          <EmptyState title="Nobody is connected">
            <p>
              Connect an AMQP 0-9-1 client to one of the nodes; the Cluster page tells their ports. The login
              is guest, guest.
            </p>
          </EmptyState>
        }
      />
    </section>
  )
}
