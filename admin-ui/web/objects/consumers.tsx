// The consumers of a queue or of a channel, in RabbitMQ's columns.

import { Pill } from '../components/pill.tsx'
import { Section } from '../components/section.tsx'
import { href } from '../router.ts'
import { TableValues } from './features.tsx'
import type { Consumer } from './shapes.ts'

export interface ConsumersProps {
  readonly consumers: readonly Consumer[] | undefined
  /** What the other end is: of a queue's consumers their channels, of a channel's their queues. */
  readonly other: 'channel' | 'queue'
}

const most = 200

export function Consumers({ consumers, other }: ConsumersProps) {
  return (
    <Section title="Consumers" count={consumers?.length}>
      {consumers?.length === 0 && (
        <p class="soft">{other === 'channel' ? 'Nobody consumes from this queue.' : 'No consumers.'}</p>
      )}
      {consumers !== undefined && consumers.length > 0 && (
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">{other === 'channel' ? 'Channel' : 'Queue'}</th>
              <th scope="col">Consumer tag</th>
              <th scope="col">Ack required</th>
              <th scope="col">Exclusive</th>
              <th scope="col" class="right">
                Prefetch count
              </th>
              <th scope="col">Active</th>
              <th scope="col">Arguments</th>
            </tr>
          </thead>
          <tbody>
            {consumers.slice(0, most).map((consumer) => (
              <tr key={`${consumer.channel_details.name}/${consumer.consumer_tag}`}>
                <td>
                  {other === 'channel' ? (
                    <ChannelLink consumer={consumer} />
                  ) : (
                    <QueueLink consumer={consumer} />
                  )}
                </td>
                <td>
                  <code>{consumer.consumer_tag}</code>
                </td>
                <td>{consumer.ack_required ? 'yes' : 'no'}</td>
                <td>{consumer.exclusive ? 'yes' : 'no'}</td>
                <td class="right">{consumer.prefetch_count}</td>
                <td>
                  <Pill state={consumer.activity_status} tone={consumer.active ? 'good' : 'wait'} />
                </td>
                <td>
                  <TableValues table={consumer.arguments} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {consumers !== undefined && consumers.length > most && (
        <p class="soft">
          The first {most} of {consumers.length}.
        </p>
      )}
    </Section>
  )
}

function ChannelLink({ consumer: { channel_details: channel } }: { readonly consumer: Consumer }) {
  if (channel.name === undefined) return <span class="soft">gone</span>
  return <a href={href('channels', [channel.name])}>{channel.name}</a>
}

const QueueLink = ({ consumer: { queue } }: { readonly consumer: Consumer }) => (
  <a href={href('queues', [queue.vhost, queue.name])}>{queue.name}</a>
)
