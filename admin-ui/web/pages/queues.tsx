// Queues: the table in RabbitMQ's words, and with an address of one queue that queue's page. The server sorts, filters and
// sends only the stretch in sight.

import { useState } from 'preact/hooks'
import { act, succeeded } from '../actions.ts'
import { Dialog } from '../components/dialog.tsx'
import { EmptyState } from '../components/empty.tsx'
import { Field } from '../components/field.tsx'
import { Pill } from '../components/pill.tsx'
import { usePagedRows } from '../components/rows.ts'
import { type Column, Table } from '../components/table.tsx'
import { count, rate } from '../format.ts'
import { segment } from '../http.ts'
import { api, nodes } from '../live.ts'
import { ArgumentsField, argumentsIn } from '../objects/arguments.tsx'
import { NodeWithMirrors, QueueFeatures } from '../objects/features.tsx'
import { QueuePage } from '../objects/queue-page.tsx'
import { type QueueRow, rateOf } from '../objects/shapes.ts'
import { useVhosts, VhostSelect } from '../objects/vhosts.tsx'
import type { PageProps } from '../pages.ts'
import { go, href } from '../router.ts'
import '../objects/objects.css'

const columns: readonly Column<QueueRow>[] = [
  { title: 'Virtual host', key: 'vhost', width: '112px', cell: ({ vhost }) => vhost },
  {
    title: 'Name',
    key: 'name',
    cell: ({ vhost, name }) => <a href={href('queues', [vhost, name])}>{name}</a>,
    hover: ({ name }) => name,
  },
  {
    title: 'Node',
    key: 'node',
    width: '180px',
    cell: (queue) => <NodeWithMirrors queue={queue} />,
    hover: ({ node }) => node,
  },
  { title: 'Type', key: 'type', width: '72px', cell: ({ type }) => type },
  { title: 'Features', width: '160px', cell: (queue) => <QueueFeatures queue={queue} /> },
  { title: 'State', key: 'state', width: '100px', cell: ({ state }) => <Pill state={state ?? 'waiting'} /> },
  { title: 'Ready', key: 'messages_ready', width: '78px', right: true, cell: (q) => count(q.messages_ready) },
  {
    title: 'Unacked',
    key: 'messages_unacknowledged',
    width: '88px',
    right: true,
    cell: (q) => count(q.messages_unacknowledged),
  },
  { title: 'Total', key: 'messages', width: '78px', right: true, cell: (q) => count(q.messages) },
  rateColumn('incoming', 'publish'),
  rateColumn('deliver / get', 'deliver_get'),
  rateColumn('ack', 'ack'),
]
/** The same list each time, so that rows that have not changed are not drawn anew. */
const withoutVhost = columns.slice(1)

function rateColumn(title: string, counter: string): Column<QueueRow> {
  return {
    title,
    key: `message_stats.${counter}_details.rate`,
    width: title.length > 8 ? '114px' : title.length > 3 ? '98px' : '80px',
    right: true,
    cell: ({ message_stats: stats }) => (stats === undefined ? '' : rate(rateOf(stats, counter))),
  }
}

const asked = [
  ...['vhost', 'name', 'node', 'type', 'durable', 'auto_delete', 'exclusive', 'arguments', 'state'],
  ...['slave_nodes', 'synchronised_slave_nodes', 'messages', 'messages_ready', 'messages_unacknowledged'],
  ...['message_stats', 'policy', 'operator_policy'],
].join(',')

export default function Queues({ parts }: PageProps) {
  const [vhost, name] = parts
  if (vhost !== undefined && name !== undefined)
    return <QueuePage key={`${vhost}/${name}`} {...{ vhost, name }} />
  return <QueueList vhost={vhost} />
}

function QueueList({ vhost }: { readonly vhost: string | undefined }) {
  const [adding, setAdding] = useState(false)
  const rows = usePagedRows<QueueRow>(
    `${api.value}/queues${vhost === undefined ? '' : `/${segment(vhost)}`}`,
    asked,
  )
  const vhosts = useVhosts()
  const add = (
    <button type="button" onClick={() => setAdding(true)}>
      Add a queue
    </button>
  )
  return (
    <>
      <section class="panel" aria-label="Queues">
        <Table
          label="queues"
          minWidth={vhosts.length > 1 ? '1320px' : '1208px'}
          columns={vhosts.length > 1 ? columns : withoutVhost}
          rows={rows}
          rowKey={(queue) => `${queue.vhost}/${queue.name}`}
          tools={
            <>
              <VhostSelect page="queues" vhost={vhost} vhosts={vhosts} />
              {add}
            </>
          }
          empty={
            <EmptyState title="No queues yet">
              <p>
                A queue appears here as soon as an application declares one. Connect yours to a node's AMQP
                port (the Cluster page tells them), or add a queue by hand.
              </p>
            </EmptyState>
          }
        />
      </section>
      {adding && <AddQueue vhosts={vhosts} vhost={vhost} onClose={() => setAdding(false)} />}
    </>
  )
}

interface AddQueueProps {
  readonly vhosts: readonly string[]
  readonly vhost: string | undefined
  onClose(): void
}

function AddQueue({ vhosts, vhost: usual = vhosts[0] ?? '/', onClose }: AddQueueProps) {
  const [vhost, setVhost] = useState(usual)
  const [name, setName] = useState('')
  const [durable, setDurable] = useState(true)
  const [autoDelete, setAutoDelete] = useState(false)
  const [node, setNode] = useState('')
  const [args, setArgs] = useState('')
  const table = argumentsIn(args)
  const submit = async () => {
    if (name === '' || table === null) return
    const answer = await act({
      method: 'PUT',
      path: `/api/queues/${segment(vhost)}/${segment(name)}`,
      body: { durable, auto_delete: autoDelete, arguments: table, ...(node !== '' && { node }) },
    })
    if (!succeeded(answer)) return
    onClose()
    go('queues', [vhost, name])
  }
  return (
    <Dialog title="Add a queue" onClose={onClose} onSubmit={submit}>
      <div class="fields">
        {vhosts.length > 1 && (
          <Field label="Virtual host">
            <select value={vhost} onChange={(event) => setVhost(event.currentTarget.value)}>
              {vhosts.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </Field>
        )}
        <Field label="Name">
          <input required value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </Field>
        <Field label="Durability">
          <select
            value={durable ? 'durable' : 'transient'}
            onChange={(event) => setDurable(event.currentTarget.value === 'durable')}
          >
            <option value="durable">Durable</option>
            <option value="transient">Transient</option>
          </select>
        </Field>
        <Field label="Node" hint="Declares it through that node.">
          <select value={node} onChange={(event) => setNode(event.currentTarget.value)}>
            <option value="">any</option>
            {(nodes.value ?? [])
              .filter(({ state }) => state === 'running')
              .map((one) => (
                <option key={one.name}>{one.name}</option>
              ))}
          </select>
        </Field>
        <Field label="Auto delete">
          <select
            value={autoDelete ? 'yes' : 'no'}
            onChange={(event) => setAutoDelete(event.currentTarget.value === 'yes')}
          >
            <option value="no">No</option>
            <option value="yes">Yes</option>
          </select>
        </Field>
        <ArgumentsField text={args} onText={setArgs} example='{"x-max-length": 1000}' />
      </div>
      <div class="row end">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class="primary" disabled={name === '' || table === null}>
          Add queue
        </button>
      </div>
    </Dialog>
  )
}
