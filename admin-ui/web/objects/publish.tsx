// RabbitMQ's "Publish message": one message through an exchange, and whether anybody was there to take it.

import { useState } from 'preact/hooks'
import { act } from '../actions.ts'
import { Field } from '../components/field.tsx'
import { Section } from '../components/section.tsx'
import { ErrorLine } from '../components/toast.tsx'
import { reasonOf, segment } from '../http.ts'
import { ArgumentsField, argumentsIn } from './arguments.tsx'

export interface PublishProps {
  readonly vhost: string
  /** Empty: the default exchange. */
  readonly exchange: string
  /** Fixed where a queue is published to directly. */
  readonly queue?: string
}

export function Publish({ vhost, exchange, queue }: PublishProps) {
  const [key, setKey] = useState('')
  const [persistent, setPersistent] = useState(false)
  const [headers, setHeaders] = useState('')
  const [properties, setProperties] = useState('')
  const [payload, setPayload] = useState('')
  const [outcome, setOutcome] = useState<{ readonly good: boolean; readonly text: string } | null>(null)
  const [headerTable, propertyTable] = [argumentsIn(headers), argumentsIn(properties)]
  const whole = headerTable !== null && propertyTable !== null
  const publish = async () => {
    if (!whole) return
    const body = {
      routing_key: queue ?? key,
      payload,
      payload_encoding: 'string',
      properties: {
        ...propertyTable,
        delivery_mode: persistent ? 2 : 1,
        ...(Object.keys(headerTable).length > 0 && { headers: headerTable }),
      },
    }
    const path = `/api/exchanges/${segment(vhost)}/${segment(exchange || 'amq.default')}/publish`
    const answer = await act({ method: 'POST', path, body }, { quiet: true })
    if (answer === null) return
    if (answer.status >= 400) return setOutcome({ good: false, text: reasonOf(answer.body) })
    const { routed } = answer.body as { readonly routed: boolean }
    setOutcome(
      routed
        ? { good: true, text: 'Message published.' }
        : { good: false, text: 'Message published, but not routed: no queue took it.' },
    )
  }
  return (
    <Section title="Publish message" open={false}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void publish()
        }}
      >
        {queue !== undefined && (
          <p class="soft">
            It goes to the default exchange with the routing key {queue}, and so to this queue.
          </p>
        )}
        <div class="fields">
          {queue === undefined && (
            <Field label="Routing key">
              <input value={key} onInput={(event) => setKey(event.currentTarget.value)} />
            </Field>
          )}
          <Field label="Delivery mode">
            <select
              value={persistent ? '2' : '1'}
              onChange={(event) => setPersistent(event.currentTarget.value === '2')}
            >
              <option value="1">1 - Non-persistent</option>
              <option value="2">2 - Persistent</option>
            </select>
          </Field>
          <ArgumentsField label="Headers" text={headers} onText={setHeaders} example='{"colour": "red"}' />
          <ArgumentsField
            label="Properties"
            text={properties}
            onText={setProperties}
            example='{"content_type": "text/plain", "expiration": "60000"}'
          />
          <Field label="Payload" wide>
            <textarea
              class="code"
              rows={3}
              value={payload}
              onInput={(event) => setPayload(event.currentTarget.value)}
            />
          </Field>
        </div>
        <div class="row">
          <button type="submit" class="primary" disabled={!whole}>
            Publish message
          </button>
          {outcome !== null &&
            (outcome.good ? (
              <span class="good-text" role="status">
                {outcome.text}
              </span>
            ) : (
              <ErrorLine text={outcome.text} />
            ))}
        </div>
      </form>
    </Section>
  )
}
