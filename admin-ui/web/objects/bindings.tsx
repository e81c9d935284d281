// The bindings of a queue or an exchange, in RabbitMQ's form; one can be added and taken away.

import { useState } from 'preact/hooks'
import { act } from '../actions.ts'
import { Field } from '../components/field.tsx'
import { Section } from '../components/section.tsx'
import { ErrorLine } from '../components/toast.tsx'
import { reasonOf, segment } from '../http.ts'
import { api, useLive } from '../live.ts'
import { href } from '../router.ts'
import { ArgumentsField, argumentsIn } from './arguments.tsx'
import { TableValues } from './features.tsx'
import type { Binding } from './shapes.ts'

const inPath = (exchange: string) => segment(exchange || 'amq.default')

export function QueueBindings({ vhost, name }: { readonly vhost: string; readonly name: string }) {
  const { data, error } = useLive<Binding[]>(
    `${api.value}/queues/${segment(vhost)}/${segment(name)}/bindings`,
  )
  return (
    <Section title="Bindings" count={data?.length}>
      <ErrorLine text={error} />
      <BindingTable bindings={data ?? []} other="source" none="Nothing is bound to this queue." />
      <AddBinding vhost={vhost} to={{ kind: 'q', name }} />
    </Section>
  )
}

export function ExchangeBindings({ vhost, name }: { readonly vhost: string; readonly name: string }) {
  const path = `${api.value}/exchanges/${segment(vhost)}/${inPath(name)}/bindings`
  const from = useLive<Binding[]>(`${path}/source`)
  const to = useLive<Binding[]>(`${path}/destination`)
  if (name === '')
    return (
      <Section title="Bindings">
        <p>
          The default exchange is bound to every queue, with the queue's name as routing key. Bindings of it
          can be neither added nor removed.
        </p>
      </Section>
    )
  const count = (from.data?.length ?? 0) + (to.data?.length ?? 0)
  return (
    <Section title="Bindings" count={from.data === undefined ? undefined : count}>
      <ErrorLine text={from.error || to.error} />
      {(to.data?.length ?? 0) > 0 && (
        <>
          <h3>To this exchange</h3>
          <BindingTable bindings={to.data!} other="source" none="" />
        </>
      )}
      <h3>From this exchange</h3>
      <BindingTable
        bindings={from.data ?? []}
        other="destination"
        none="No queue or exchange is bound: messages published here are dropped."
      />
      <AddBinding vhost={vhost} from={name} />
    </Section>
  )
}

interface BindingTableProps {
  readonly bindings: readonly Binding[]
  readonly other: 'source' | 'destination'
  readonly none: string
}

/** As many are shown; a queue with more is looked at by other means. */
const most = 200

function BindingTable({ bindings, other, none }: BindingTableProps) {
  if (bindings.length === 0) return <p class="soft">{none}</p>
  return (
    <>
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">{other === 'source' ? 'From' : 'To'}</th>
            <th scope="col">Routing key</th>
            <th scope="col">Arguments</th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {bindings.slice(0, most).map((binding) => (
            <tr key={`${binding.source}/${binding.destination}/${binding.properties_key}`}>
              <td>
                <OtherEnd binding={binding} other={other} />
              </td>
              <td>{binding.routing_key}</td>
              <td>
                <TableValues table={binding.arguments} />
              </td>
              <td class="right">
                {binding.source !== '' && (
                  <button type="button" class="small danger" onClick={() => unbind(binding)}>
                    Unbind
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {bindings.length > most && (
        <p class="soft">
          The first {most} of {bindings.length}.
        </p>
      )}
    </>
  )
}

function OtherEnd({
  binding,
  other,
}: {
  readonly binding: Binding
  readonly other: 'source' | 'destination'
}) {
  const { vhost, source, destination, destination_type: type } = binding
  if (other === 'source') {
    if (source === '') return <>(Default exchange binding)</>
    return <a href={href('exchanges', [vhost, source])}>{source}</a>
  }
  return (
    <>
      <a href={href(type === 'queue' ? 'queues' : 'exchanges', [vhost, destination])}>{destination}</a>
      {type === 'exchange' && <span class="soft"> (exchange)</span>}
    </>
  )
}

const unbind = ({ vhost, source, destination, destination_type: type, properties_key: key }: Binding) =>
  act({
    method: 'DELETE',
    path: `${api.value}/bindings/${segment(vhost)}/e/${inPath(source)}/${type === 'queue' ? 'q' : 'e'}/${segment(destination)}/${segment(key)}`,
  })

interface AddBindingProps {
  readonly vhost: string
  /** The one end that is known. */
  readonly from?: string
  readonly to?: { readonly kind: 'q'; readonly name: string }
}

function AddBinding({ vhost, from, to }: AddBindingProps) {
  const [other, setOther] = useState('')
  const [kind, setKind] = useState<'q' | 'e'>('q')
  const [key, setKey] = useState('')
  const [args, setArgs] = useState('')
  const [error, setError] = useState('')
  const table = argumentsIn(args)
  const bind = async () => {
    if (table === null || other === '') return
    const [source, destination] = from === undefined ? [other, to!.name] : [from, other]
    const answer = await act(
      {
        method: 'POST',
        path: `${api.value}/bindings/${segment(vhost)}/e/${inPath(source)}/${to?.kind ?? kind}/${segment(destination)}`,
        body: { routing_key: key, arguments: table },
      },
      { quiet: true },
    )
    if (answer === null) return
    if (answer.status >= 400) return setError(reasonOf(answer.body))
    setError('')
    setOther('')
    setKey('')
  }
  return (
    <details>
      <summary>Add binding {from === undefined ? 'to this queue' : 'from this exchange'}</summary>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void bind()
        }}
      >
        <div class="fields">
          {from !== undefined && (
            <Field label="To">
              <select value={kind} onChange={(event) => setKind(event.currentTarget.value as 'q' | 'e')}>
                <option value="q">queue</option>
                <option value="e">exchange</option>
              </select>
            </Field>
          )}
          <Field label={from === undefined ? 'From exchange' : 'Name'}>
            <input required value={other} onInput={(event) => setOther(event.currentTarget.value)} />
          </Field>
          <Field label="Routing key">
            <input value={key} onInput={(event) => setKey(event.currentTarget.value)} />
          </Field>
          <ArgumentsField text={args} onText={setArgs} example='{"x-match": "any"}' />
        </div>
        <ErrorLine text={error} />
        <div class="row">
          <button type="submit" disabled={table === null || other === ''}>
            Bind
          </button>
        </div>
      </form>
    </details>
  )
}
