// Channels: the table in RabbitMQ's words, and with an address of one channel that channel's page.

import { EmptyState } from '../components/empty.tsx'
import { Pill } from '../components/pill.tsx'
import { usePagedRows } from '../components/rows.ts'
import { type Column, Table } from '../components/table.tsx'
import { count, rate, shortPeer } from '../format.ts'
import { api } from '../live.ts'
import { ChannelMode, ChannelPage } from '../objects/channel-page.tsx'
import { type Channel, rateOf } from '../objects/shapes.ts'
import { useVhosts } from '../objects/vhosts.tsx'
import type { PageProps } from '../pages.ts'
import { href } from '../router.ts'
import '../objects/objects.css'

const columns: readonly Column<Channel>[] = [
  { title: 'Virtual host', key: 'vhost', width: '112px', cell: ({ vhost }) => vhost },
  {
    title: 'Channel',
    key: 'name',
    cell: ({ name }) => <a href={href('channels', [name])}>{shortPeer(name)}</a>,
    hover: ({ name }) => name,
  },
  { title: 'Node', key: 'node', width: '120px', cell: ({ node }) => node, hover: ({ node }) => node },
  { title: 'User name', key: 'user', width: '104px', cell: ({ user }) => user },
  {
    title: 'Mode',
    width: '64px',
    help: 'C: confirms, T: transactional',
    cell: (channel) => <ChannelMode channel={channel} />,
  },
  { title: 'State', key: 'state', width: '100px', cell: ({ state }) => <Pill state={state} /> },
  figure('Unconfirmed', 'messages_unconfirmed', '118px'),
  figure('Prefetch', 'prefetch_count', '90px'),
  figure('Unacked', 'messages_unacknowledged', '88px'),
  rateColumn('publish', 'publish'),
  rateColumn('confirm', 'confirm'),
  rateColumn('deliver / get', 'deliver_get'),
  rateColumn('ack', 'ack'),
]
/** The same list each time, so that rows that have not changed are not drawn anew. */
const withoutVhost = columns.slice(1)

function figure(title: string, key: keyof Channel, width: string): Column<Channel> {
  return { title, key, width, right: true, cell: (row) => count(row[key]) }
}

function rateColumn(title: string, counter: string): Column<Channel> {
  return {
    title,
    key: `message_stats.${counter}_details.rate`,
    width: title.length > 8 ? '114px' : '84px',
    right: true,
    cell: ({ message_stats: stats }) => (stats === undefined ? '' : rate(rateOf(stats, counter))),
  }
}

const asked = [
  ...['name', 'number', 'node', 'vhost', 'user', 'state', 'confirm', 'transactional', 'prefetch_count'],
  ...['messages_unacknowledged', 'messages_unconfirmed', 'message_stats'],
].join(',')

export default function Channels({ parts }: PageProps) {
  const [name] = parts
  return name === undefined ? <ChannelList /> : <ChannelPage key={name} name={name} />
}

function ChannelList() {
  const severalVhosts = useVhosts().length > 1
  return (
    <section class="panel" aria-label="Channels">
      <Table
        label="channels"
        minWidth={severalVhosts ? '1320px' : '1208px'}
        columns={severalVhosts ? columns : withoutVhost}
        rows={usePagedRows<Channel>(`${api.value}/channels`, asked)}
        rowKey={({ name }) => name}
        empty={
          <EmptyState title="No channels">
            <p>Channels appear when a connected client opens one.</p>
          </EmptyState>
        }
      />
    </section>
  )
}
