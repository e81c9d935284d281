// Exchanges: the table in RabbitMQ's words, and with an address of one exchange that exchange's page.

import { useState } from 'preact/hooks'
import { act, succeeded } from '../actions.ts'
import { Dialog } from '../components/dialog.tsx'
import { EmptyState } from '../components/empty.tsx'
import { Field } from '../components/field.tsx'
import { usePagedRows } from '../components/rows.ts'
import { type Column, Table } from '../components/table.tsx'
import { rate } from '../format.ts'
import { segment } from '../http.ts'
import { api } from '../live.ts'
import { ArgumentsField, argumentsIn } from '../objects/arguments.tsx'
import { ExchangePage } from '../objects/exchange-page.tsx'
import { ExchangeFeatures } from '../objects/features.tsx'
import { type Exchange, rateOf } from '../objects/shapes.ts'
import { useVhosts, VhostSelect } from '../objects/vhosts.tsx'
import type { PageProps } from '../pages.ts'
import { go, href } from '../router.ts'
import '../objects/objects.css'

/** The default exchange has no name; in an address it is what it is in the API's paths. */
export const exchangeLink = ({ vhost, name }: { readonly vhost: string; readonly name: string }) =>
  href('exchanges', [vhost, name || 'amq.default'])

const columns: readonly Column<Exchange>[] = [
  { title: 'Virtual host', key: 'vhost', width: '112px', cell: ({ vhost }) => vhost },
  {
    title: 'Name',
    key: 'name',
    cell: (exchange) => <a href={exchangeLink(exchange)}>{exchange.name || '(AMQP default)'}</a>,
    hover: ({ name }) => name,
  },
  { title: 'Type', key: 'type', width: '150px', cell: ({ type }) => type },
  { title: 'Features', width: '170px', cell: (exchange) => <ExchangeFeatures exchange={exchange} /> },
  {
    title: 'Message rate in',
    key: 'message_stats.publish_in_details.rate',
    width: '152px',
    right: true,
    cell: ({ message_stats: stats }) => (stats === undefined ? '' : rate(rateOf(stats, 'publish_in'))),
  },
  {
    title: 'Message rate out',
    key: 'message_stats.publish_out_details.rate',
    width: '152px',
    right: true,
    cell: ({ message_stats: stats }) => (stats === undefined ? '' : rate(rateOf(stats, 'publish_out'))),
  },
]
/** The same list each time, so that rows that have not changed are not drawn anew. */
const withoutVhost = columns.slice(1)

export default function Exchanges({ parts }: PageProps) {
  const [vhost, name] = parts
  if (vhost === undefined || name === undefined) return <ExchangeList vhost={vhost} />
  return <ExchangePage key={`${vhost}/${name}`} vhost={vhost} name={name === 'amq.default' ? '' : name} />
}

function ExchangeList({ vhost }: { readonly vhost: string | undefined }) {
  const [adding, setAdding] = useState(false)
  const rows = usePagedRows<Exchange>(
    `${api.value}/exchanges${vhost === undefined ? '' : `/${segment(vhost)}`}`,
    'vhost,name,type,durable,auto_delete,internal,arguments,policy,message_stats',
  )
  const vhosts = useVhosts()
  return (
    <section class="panel" aria-label="Exchanges">
      <Table
        label="exchanges"
        minWidth="860px"
        columns={vhosts.length > 1 ? columns : withoutVhost}
        rows={rows}
        rowKey={(exchange) => `${exchange.vhost}/${exchange.name}`}
        tools={
          <>
            <VhostSelect page="exchanges" vhost={vhost} vhosts={vhosts} />
            <button type="button" onClick={() => setAdding(true)}>
              Add an exchange
            </button>
          </>
        }
        empty={
          <EmptyState title="No exchanges">
            <p>A virtual host that exists has the exchanges of AMQP. Add a virtual host on the Admin page.</p>
          </EmptyState>
        }
      />
      {adding && <AddExchange vhosts={vhosts} vhost={vhost} onClose={() => setAdding(false)} />}
    </section>
  )
}

const types = [
  ...['direct', 'fanout', 'topic', 'headers'],
  ...['x-consistent-hash', 'x-random', 'x-modulus-hash', 'x-recent-history', 'x-delayed-message'],
]

interface AddExchangeProps {
  readonly vhosts: readonly string[]
  readonly vhost: string | undefined
  onClose(): void
}

function AddExchange({ vhosts, vhost: usual = vhosts[0] ?? '/', onClose }: AddExchangeProps) {
  const [vhost, setVhost] = useState(usual)
  const [name, setName] = useState('')
  const [type, setType] = useState('direct')
  const [durable, setDurable] = useState(true)
  const [autoDelete, setAutoDelete] = useState(false)
  const [internal, setInternal] = useState(false)
  const [args, setArgs] = useState('')
  const table = argumentsIn(args)
  const submit = async () => {
    if (name === '' || table === null) return
    const answer = await act({
      method: 'PUT',
      path: `/api/exchanges/${segment(vhost)}/${segment(name)}`,
      body: { type, durable, auto_delete: autoDelete, internal, arguments: table },
    })
    if (!succeeded(answer)) return
    onClose()
    go('exchanges', [vhost, name])
  }
  return (
    <Dialog title="Add an exchange" onClose={onClose} onSubmit={submit}>
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
        <Field label="Type">
          <select value={type} onChange={(event) => setType(event.currentTarget.value)}>
            {types.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </Field>
        <Choice label="Durable" value={durable} onValue={setDurable} />
        <Choice label="Auto delete" value={autoDelete} onValue={setAutoDelete} />
        <Choice label="Internal" value={internal} onValue={setInternal} />
        <ArgumentsField text={args} onText={setArgs} example='{"alternate-exchange": "unrouted"}' />
      </div>
      <div class="row end">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class="primary" disabled={name === '' || table === null}>
          Add exchange
        </button>
      </div>
    </Dialog>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly value: boolean
  onValue(value: boolean): void
}

const Choice = ({ label, value, onValue }: ChoiceProps) => (
  <Field label={label}>
    <select value={value ? 'yes' : 'no'} onChange={(event) => onValue(event.currentTarget.value === 'yes')}>
      <option value="no">No</option>
      <option value="yes">Yes</option>
    </select>
  </Field>
)
