// RabbitMQ's two charts of a queue, a channel or an exchange: messages that wait, and message rates.

import { Chart } from '../components/chart.tsx'
import { count, rate } from '../format.ts'
import { useHistory } from './history.ts'
import { type MessageStats, rateOf } from './shapes.ts'

interface Waiting {
  readonly messages?: number
  readonly messages_ready?: number
  readonly messages_unacknowledged?: number
}

export function QueuedMessages({ data }: { readonly data: Waiting | undefined }) {
  const { times, values } = useHistory(data, [
    data?.messages_ready,
    data?.messages_unacknowledged,
    data?.messages,
  ])
  return (
    <section class="panel" aria-label="Queued messages">
      <h2>Queued messages</h2>
      <Chart
        label="queued messages"
        times={times}
        format={count}
        series={[
          { label: 'Ready', colour: '--series-2', values: values[0]! },
          { label: 'Unacked', colour: '--series-1', values: values[1]! },
          { label: 'Total', colour: '--series-5', values: values[2]! },
        ]}
      />
    </section>
  )
}

/** A counter, and what RabbitMQ's charts call it. */
const rates = [
  ['publish', 'Publish'],
  ['deliver', 'Deliver (manual ack)'],
  ['deliver_no_ack', 'Deliver (auto ack)'],
  ['ack', 'Consumer ack'],
  ['redeliver', 'Redelivered'],
  ['get', 'Get'],
] as const

export function MessageRates({
  data,
}: {
  readonly data: { readonly message_stats?: MessageStats } | undefined
}) {
  const stats = data?.message_stats
  const { times, values } = useHistory(
    data,
    rates.map(([counter]) => (data === undefined ? undefined : (rateOf(stats, counter) ?? 0))),
  )
  return (
    <section class="panel" aria-label="Message rates">
      <h2>Message rates</h2>
      <Chart
        label="message rates"
        times={times}
        format={rate}
        series={rates.map(([, label], i) => ({ label, colour: `--series-${i + 1}`, values: values[i]! }))}
      />
    </section>
  )
}
