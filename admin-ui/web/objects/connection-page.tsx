// One connection: who it is, what goes over it, its channels, and closing it.

import { act, succeeded } from '../actions.ts'
import { Chart } from '../components/chart.tsx'
import { confirm } from '../components/dialog.tsx'
import { EmptyState } from '../components/empty.tsx'
import { Pill } from '../components/pill.tsx'
import { useRows } from '../components/rows.ts'
import { Section } from '../components/section.tsx'
import { type Column, Table } from '../components/table.tsx'
import { bytes, bytesPerSecond, count, shortPeer } from '../format.ts'
import { segment } from '../http.ts'
import { api, useLive } from '../live.ts'
import { go, href } from '../router.ts'
import { ChannelMode } from './channel-page.tsx'
import { TableValues } from './features.tsx'
import { useHistory } from './history.ts'
import type { Channel, Connection } from './shapes.ts'

export function ConnectionPage({ name }: { readonly name: string }) {
  const path = `${api.value}/connections/${segment(name)}`
  const { data, error } = useLive<Connection>(path)
  if (data === undefined || error !== '')
    return error === '' ? null : (
      <section class="panel">
        <EmptyState title="This connection is closed">
          <p>
            {name} is not there any more. <a href={href('connections')}>See all connections</a>
          </p>
        </EmptyState>
      </section>
    )
  return (
    <>
      <div class="head">
        <h2 class="page-title">
          <a href={href('connections')}>Connections</a> / {name}
        </h2>
        <Pill state={data.state} />
      </div>
      <DataRates data={data} />
      <Section title="Details">
        <dl class="facts-list">
          <dt>Node</dt>
          <dd>{data.node}</dd>
          <dt>Client-provided name</dt>
          <dd>{data.user_provided_name ?? '–'}</dd>
          <dt>Username</dt>
          <dd>{data.user}</dd>
          <dt>Virtual host</dt>
          <dd>{data.vhost}</dd>
          <dt>Protocol</dt>
          <dd>
            {data.protocol}
            {data.ssl && ' over TLS'}
          </dd>
          <dt>Connected at</dt>
          <dd>{new Date(data.connected_at).toLocaleString()}</dd>
          <dt>Authentication</dt>
          <dd>{data.auth_mechanism}</dd>
          <dt>Heartbeat</dt>
          <dd>{data.timeout === 0 ? 'off' : `${data.timeout} s`}</dd>
          <dt>Frame max</dt>
          <dd>{bytes(data.frame_max)}</dd>
          <dt>Channel limit</dt>
          <dd>{count(data.channel_max)}</dd>
        </dl>
      </Section>
      <Channels path={`${path}/channels`} />
      <Section title="Client properties" open={false}>
        <TableValues table={data.client_properties} />
      </Section>
      <CloseConnection path={path} name={name} />
    </>
  )
}

function DataRates({ data }: { readonly data: Connection }) {
  const { times, values } = useHistory(data, [data.recv_oct_details?.rate, data.send_oct_details?.rate])
  return (
    <section class="panel" aria-label="Data rates">
      <h2>Data rates</h2>
      <Chart
        label="data rates"
        times={times}
        format={bytesPerSecond}
        series={[
          { label: 'From client', colour: '--series-1', values: values[0]! },
          { label: 'To client', colour: '--series-2', values: values[1]! },
        ]}
      />
    </section>
  )
}

const columns: readonly Column<Channel>[] = [
  {
    title: 'Channel',
    key: 'number',
    cell: ({ name }) => <a href={href('channels', [name])}>{shortPeer(name)}</a>,
    hover: ({ name }) => name,
  },
  { title: 'Mode', width: '80px', cell: (channel) => <ChannelMode channel={channel} /> },
  { title: 'State', width: '100px', cell: ({ state }) => <Pill state={state} /> },
  {
    title: 'Unconfirmed',
    key: 'messages_unconfirmed',
    width: '116px',
    right: true,
    cell: (row) => count(row.messages_unconfirmed),
  },
  {
    title: 'Prefetch',
    key: 'prefetch_count',
    width: '100px',
    right: true,
    cell: (row) => count(row.prefetch_count),
  },
  {
    title: 'Unacked',
    key: 'messages_unacknowledged',
    width: '100px',
    right: true,
    cell: (row) => count(row.messages_unacknowledged),
  },
]

function Channels({ path }: { readonly path: string }) {
  const { data, error } = useLive<Channel[]>(path)
  return (
    <Section title="Channels" count={data?.length}>
      <Table
        label="channels of this connection"
        columns={columns}
        rows={useRows(data, {}, error)}
        rowKey={({ name }) => name}
        filter={null}
        empty={<p class="soft">This connection has no open channel.</p>}
      />
    </Section>
  )
}

function CloseConnection({ path, name }: { readonly path: string; readonly name: string }) {
  const close = async () => {
    const yes = await confirm({
      title: 'Close this connection?',
      body: `The client of ${name} is told 320 CONNECTION_FORCED. Most client libraries connect again at once.`,
      yes: 'Force close',
      danger: true,
    })
    if (yes && succeeded(await act({ method: 'DELETE', path }))) go('connections')
  }
  return (
    <Section title="Close this connection" open={false}>
      <div class="row">
        <button type="button" class="danger" onClick={close}>
          Force close
        </button>
      </div>
    </Section>
  )
}
