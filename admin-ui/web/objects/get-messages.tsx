// RabbitMQ's "Get messages": what is at the head of a queue, with the same four ways to leave it afterwards.

import { useState } from 'preact/hooks'
import { act, succeeded } from '../actions.ts'
import { Field } from '../components/field.tsx'
import { Section } from '../components/section.tsx'
import { ErrorLine } from '../components/toast.tsx'
import { bytes } from '../format.ts'
import { reasonOf, segment } from '../http.ts'
import { api } from '../live.ts'
import { TableValues } from './features.tsx'
import type { Table } from './shapes.ts'

interface Message {
  readonly payload: string
  readonly payload_bytes: number
  readonly payload_encoding: string
  readonly redelivered: boolean
  readonly exchange: string
  readonly routing_key: string
  readonly message_count: number
  readonly properties: Table
}

const modes = [
  ['ack_requeue_true', 'Nack message requeue true'],
  ['ack_requeue_false', 'Automatic ack'],
  ['reject_requeue_true', 'Reject requeue true'],
  ['reject_requeue_false', 'Reject requeue false'],
] as const

/** Of a body more is not shown, as on RabbitMQ's page. */
const shownBytes = 50_000

export function GetMessages({ vhost, name }: { readonly vhost: string; readonly name: string }) {
  const [mode, setMode] = useState<string>(modes[0][0])
  const [encoding, setEncoding] = useState('auto')
  const [wanted, setWanted] = useState('1')
  const [got, setGot] = useState<readonly Message[] | null>(null)
  const [error, setError] = useState('')
  const take = async () => {
    const answer = await act(
      {
        method: 'POST',
        path: `${api.value}/queues/${segment(vhost)}/${segment(name)}/get`,
        body: { ackmode: mode, count: Number(wanted), encoding, truncate: shownBytes },
      },
      { quiet: true },
    )
    if (answer === null) return
    setError(answer.status < 400 ? '' : reasonOf(answer.body))
    setGot(succeeded(answer) ? (answer.body as Message[]) : null)
  }
  return (
    <Section title="Get messages" open={false}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void take()
        }}
      >
        <p class="soft">
          {mode.endsWith('true')
            ? 'The messages go back to the queue afterwards, marked as redelivered.'
            : 'The messages are gone afterwards.'}
        </p>
        <div class="fields">
          <Field label="Ack mode">
            <select value={mode} onChange={(event) => setMode(event.currentTarget.value)}>
              {modes.map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          </Field>
          <Field label="Encoding">
            <select value={encoding} onChange={(event) => setEncoding(event.currentTarget.value)}>
              <option value="auto">Auto string / base64</option>
              <option value="base64">base64</option>
            </select>
          </Field>
          <Field label="Messages">
            <input
              type="number"
              min="1"
              max="1000"
              required
              value={wanted}
              onInput={(event) => setWanted(event.currentTarget.value)}
            />
          </Field>
        </div>
        <div class="row">
          <button type="submit" class="primary">
            Get message(s)
          </button>
        </div>
      </form>
      <ErrorLine text={error} />
      {got !== null && got.length === 0 && <p role="status">Queue is empty.</p>}
      {got !== null && got.length > 0 && (
        <p class="soft" role="status">
          {got.at(-1)!.message_count} messages were left in the queue after the last of these.
        </p>
      )}
      {got?.map((message, i) => (
        // Messages have no name of their own.
        <MessageView key={`${i} ${message.payload_bytes}`} message={message} number={i + 1} />
      ))}
    </Section>
  )
}

function MessageView({ message, number }: { readonly message: Message; readonly number: number }) {
  const { exchange, routing_key: key, redelivered, properties, payload, payload_bytes: size } = message
  return (
    <article class="message" aria-label={`Message ${number}`}>
      <h3>Message {number}</h3>
      <dl class="facts-list">
        <dt>Exchange</dt>
        <dd>{exchange || '(AMQP default)'}</dd>
        <dt>Routing key</dt>
        <dd>{key}</dd>
        <dt>Redelivered</dt>
        <dd>{redelivered ? 'yes' : 'no'}</dd>
        <dt>Properties</dt>
        <dd>
          <TableValues table={withoutEmpty(properties)} />
        </dd>
        <dt>Payload</dt>
        <dd>
          <span class="hint">
            {bytes(size)}, encoding: {message.payload_encoding}
            {size > shownBytes && `, the first ${bytes(shownBytes)}`}
          </span>
          <pre class="payload">{payload}</pre>
        </dd>
      </dl>
    </article>
  )
}

const withoutEmpty = (table: Table): Table =>
  Object.fromEntries(
    Object.entries(table).filter(
      ([, value]) => typeof value !== 'object' || Object.keys(value ?? {}).length > 0,
    ),
  )
