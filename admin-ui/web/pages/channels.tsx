// Channels: the table in RabbitMQ's words, and with an address of one channel that channel's page.

import { EmptyState } from '../components/empty.tsx'
import { Pill } from '../components/pill.tsx'
import { usePagedRows } from '../components/rows.ts'
import { type Column, Table } from '../components/table.tsx'
import { count, rate } from '../format.ts'
import { api } from '../live.ts'
import { ChannelMode, ChannelPage } from '../objects/channel-page.tsx'
import { type Channel, rateOf } from '../objects/shapes.ts'
import type { PageProps } from '../pages.ts'
import { href } from '../router.ts'
import '../objects/objects.css'

const columns: readonly Column<Channel>[] = [
  {
    title: 'Channel',
    key: 'name',
    cell: ({ name }) => <a href={href('channels', [name])}>{name}</a>,
    hover: ({ name }) => name,
  },
  { title: 'Node', key: 'node', width: '124px', cell: ({ node }) => node, hover: ({ node }) => node },
  { title: 'Virtual host', key: 'vhost', width: '92px', cell: ({ vhost }) => vhost },
  { title: 'User name', key: 'user', width: '86px', cell: ({ user }) => user },
  {
    title: 'Mode',
    width: '54px',
    help: 'C: confirms, T: transactional',
    cell: (channel) => <ChannelMode channel={channel} />,
  },
  { title: 'State', key: 'state', width: '86px', cell: ({ state }) => <Pill state={state} /> },
  figure('Unconfirmed', 'messages_unconfirmed', '104px'),
  figure('Prefetch', 'prefetch_count', '74px'),
  figure('Unacked', 'messages_unacknowledged', '74px'),
  rateColumn('publish', 'publish'),
  rateColumn('confirm', 'confirm'),
  rateColumn('deliver / get', 'deliver_get'),
  rateColumn('ack', 'ack'),
]

function figure(title: string, key: keyof Channel, width: string): Column<Channel> {
  return { title, key, width, right: true, cell: (row) => count(row[key]) }
}

function rateColumn(title: string, counter: string): Column<Channel> {
  return {
    title,
    key: `message_stats.${counter}_details.rate`,
    width: title.length > 8 ? '102px' : '72px',
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
  return (
    <section class="panel" aria-label="Channels">
      <Table
        label="channels"
        minWidth="1120px"
        columns={columns}
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
