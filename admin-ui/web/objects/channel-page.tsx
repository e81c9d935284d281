// One channel: its mode and counters, message rates, and whom it consumes for.

import { EmptyState } from '../components/empty.tsx'
import { Pill } from '../components/pill.tsx'
import { Section } from '../components/section.tsx'
import { count } from '../format.ts'
import { segment } from '../http.ts'
import { api, useLive } from '../live.ts'
import { href } from '../router.ts'
import { Consumers } from './consumers.tsx'
import { MessageRates } from './message-charts.tsx'
import type { Channel, Consumer } from './shapes.ts'

interface ChannelEntry extends Channel {
  readonly consumer_details: readonly Consumer[]
}

/** RabbitMQ's letters. */
export function ChannelMode({ channel: { confirm, transactional } }: { readonly channel: Channel }) {
  return (
    <span class="badges">
      {confirm && (
        <abbr class="badge" title="Confirm mode: the broker confirms what is published">
          C
        </abbr>
      )}
      {transactional && (
        <abbr class="badge" title="Transactional">
          T
        </abbr>
      )}
    </span>
  )
}

export function ChannelPage({ name }: { readonly name: string }) {
  const { data, error } = useLive<ChannelEntry>(`${api.value}/channels/${segment(name)}`)
  if (data === undefined || error !== '')
    return error === '' ? null : (
      <section class="panel">
        <EmptyState title="This channel is closed">
          <p>
            {name} is not there any more. <a href={href('channels')}>See all channels</a>
          </p>
        </EmptyState>
      </section>
    )
  const connection = data.connection_details?.name
  return (
    <>
      <div class="head">
        <h2 class="page-title">
          <a href={href('channels')}>Channels</a> / {name}
        </h2>
        <div class="row">
          <ChannelMode channel={data} />
          <Pill state={data.state} />
        </div>
      </div>
      {data.message_stats !== undefined && <MessageRates data={data} />}
      <Section title="Details">
        <dl class="facts-list">
          <dt>Connection</dt>
          <dd>
            {connection === undefined ? '–' : <a href={href('connections', [connection])}>{connection}</a>}
          </dd>
          <dt>Node</dt>
          <dd>{data.node}</dd>
          <dt>Username</dt>
          <dd>{data.user}</dd>
          <dt>Virtual host</dt>
          <dd>{data.vhost}</dd>
          <dt>Prefetch count</dt>
          <dd>
            {count(data.prefetch_count)}
            {data.global_prefetch_count > 0 && `, global ${count(data.global_prefetch_count)}`}
          </dd>
          <dt>Messages unacknowledged</dt>
          <dd>{count(data.messages_unacknowledged)}</dd>
          <dt>Messages unconfirmed</dt>
          <dd>{count(data.messages_unconfirmed)}</dd>
          <dt>Messages uncommitted</dt>
          <dd>{count(data.messages_uncommitted)}</dd>
        </dl>
      </Section>
      <Consumers consumers={data.consumer_details} other="queue" />
    </>
  )
}
