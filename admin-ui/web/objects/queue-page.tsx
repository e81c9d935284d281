// One queue: figures over time, where it is, why it has the policy it has, who consumes, what is bound, and what can be done with
// it. A queue that is down has little to tell, and says what brings it back.

import { act, succeeded } from '../actions.ts'
import { confirm } from '../components/dialog.tsx'
import { EmptyState } from '../components/empty.tsx'
import { Pill } from '../components/pill.tsx'
import { Section } from '../components/section.tsx'
import { ErrorLine, toast } from '../components/toast.tsx'
import { bytes, count, counted } from '../format.ts'
import { segment } from '../http.ts'
import { api, useLive } from '../live.ts'
import { go, href } from '../router.ts'
import { QueueBindings } from './bindings.tsx'
import { Consumers } from './consumers.tsx'
import { controlPath } from './control-path.ts'
import { Explain } from './explain.tsx'
import { QueueFeatures, TableValues } from './features.tsx'
import { GetMessages } from './get-messages.tsx'
import { MessageRates, QueuedMessages } from './message-charts.tsx'
import { Publish } from './publish.tsx'
import { QueuePlaces } from './queue-places.tsx'
import type { QueuePlaces as Places, QueueEntry } from './shapes.ts'

interface QueuePageProps {
  readonly vhost: string
  readonly name: string
}

export function QueuePage({ vhost, name }: QueuePageProps) {
  const places = useLive<Places>(controlPath('queues', vhost, name))
  const led = places.data !== undefined && places.data.state !== 'down'
  const entry = useLive<QueueEntry>(
    led ? `${api.value}/queues/${segment(vhost)}/${segment(name)}` : null,
  ).data
  if (places.data === undefined)
    return places.error === '' ? null : (
      <section class="panel">
        <EmptyState title={places.error}>
          <p>
            <a href={href('queues')}>See all queues</a>
          </p>
        </EmptyState>
      </section>
    )
  return (
    <>
      <div class="head">
        <h2 class="page-title">
          <a href={href('queues')}>Queues</a> / {name}
          {vhost !== '/' && <span class="soft"> in virtual host {vhost}</span>}
        </h2>
        <div class="row">
          {entry !== undefined && <QueueFeatures queue={entry} />}
          <Pill state={entry?.state ?? places.data.state} />
        </div>
      </div>
      <ErrorLine text={places.error} />
      {entry !== undefined && (
        <div class="pair">
          <QueuedMessages data={entry} />
          <MessageRates data={entry} />
        </div>
      )}
      <QueuePlaces {...{ vhost, name }} places={places.data} entry={entry} />
      <Explain kind="queue" vhost={vhost} name={name} />
      {entry !== undefined && <Details entry={entry} />}
      {led && (
        <>
          <Consumers consumers={entry?.consumer_details} other="channel" />
          <QueueBindings vhost={vhost} name={name} />
          <Publish vhost={vhost} exchange="" queue={name} />
          <GetMessages vhost={vhost} name={name} />
          <Section title="Purge and delete" open={false}>
            <div class="row">
              <button
                type="button"
                class="danger"
                onClick={() => purge(vhost, name, entry?.messages_ready ?? 0)}
              >
                Purge messages
              </button>
              <button type="button" class="danger" onClick={() => remove(vhost, name, entry)}>
                Delete queue
              </button>
            </div>
          </Section>
        </>
      )}
    </>
  )
}

function Details({ entry }: { readonly entry: QueueEntry }) {
  return (
    <Section title="Details">
      <dl class="facts-list">
        <dt>Arguments</dt>
        <dd>
          <TableValues table={entry.arguments} />
        </dd>
        <dt>Consumers</dt>
        <dd>{count(entry.consumers)}</dd>
        <dt>Consumer capacity</dt>
        <dd>
          {entry.consumer_utilisation === undefined
            ? '–'
            : `${Math.round(100 * entry.consumer_utilisation)}%`}
        </dd>
        <dt>Messages</dt>
        <dd>
          {count(entry.messages)} in all, {count(entry.messages_ready)} ready,{' '}
          {count(entry.messages_unacknowledged)} unacked, {count(entry.messages_persistent)} persistent
        </dd>
        <dt>Message body bytes</dt>
        <dd>
          {bytes(entry.message_bytes)} in all, {bytes(entry.message_bytes_ready)} ready,{' '}
          {bytes(entry.message_bytes_unacknowledged)} unacked, {bytes(entry.message_bytes_persistent)}{' '}
          persistent
        </dd>
        <dt>Process memory</dt>
        <dd>{bytes(entry.memory)}</dd>
      </dl>
    </Section>
  )
}

async function purge(vhost: string, name: string, ready: number): Promise<void> {
  const yes = await confirm({
    title: `Purge ${name}?`,
    body: `${counted(ready, 'ready message')} will be gone for good. Unacknowledged ones stay with their consumers.`,
    yes: 'Purge messages',
    danger: true,
  })
  if (!yes) return
  const answer = await act({
    method: 'DELETE',
    path: `${api.value}/queues/${segment(vhost)}/${segment(name)}/contents`,
  })
  if (succeeded(answer)) toast('Queue purged.', { good: true })
}

async function remove(vhost: string, name: string, entry: QueueEntry | undefined): Promise<void> {
  const yes = await confirm({
    title: `Delete ${name}?`,
    body: `The queue goes with ${counted(entry?.messages ?? 0, 'message')} and all its bindings; ${counted(entry?.consumers ?? 0, 'consumer')} will be cancelled.`,
    yes: 'Delete queue',
    danger: true,
  })
  if (!yes) return
  const answer = await act({
    method: 'DELETE',
    path: `${api.value}/queues/${segment(vhost)}/${segment(name)}`,
  })
  if (succeeded(answer)) go('queues')
}
