// One exchange: what it was declared with, its bindings, its policy, a message through it.

import { act, succeeded } from '../actions.ts'
import { confirm } from '../components/dialog.tsx'
import { EmptyState } from '../components/empty.tsx'
import { Section } from '../components/section.tsx'
import { segment } from '../http.ts'
import { api, useLive } from '../live.ts'
import { go, href } from '../router.ts'
import { ExchangeBindings } from './bindings.tsx'
import { Explain } from './explain.tsx'
import { ExchangeFeatures, TableValues } from './features.tsx'
import { MessageRates } from './message-charts.tsx'
import { Publish } from './publish.tsx'
import type { Exchange } from './shapes.ts'

interface ExchangePageProps {
  readonly vhost: string
  /** Empty: the default exchange. */
  readonly name: string
}

export function ExchangePage({ vhost, name }: ExchangePageProps) {
  const path = `${api.value}/exchanges/${segment(vhost)}/${segment(name || 'amq.default')}`
  const { data, error } = useLive<Exchange>(path)
  if (data === undefined)
    return error === '' ? null : (
      <section class="panel">
        <EmptyState title={`There is no exchange '${name}' in virtual host '${vhost}'`}>
          <p>
            It may have been deleted. <a href={href('exchanges')}>See all exchanges</a>
          </p>
        </EmptyState>
      </section>
    )
  const own = name === '' || name.startsWith('amq.')
  return (
    <>
      <div class="head">
        <h2 class="page-title">
          <a href={href('exchanges')}>Exchanges</a> / {name || '(AMQP default)'}
          {vhost !== '/' && <span class="soft"> in virtual host {vhost}</span>}
        </h2>
        <div class="row">
          <ExchangeFeatures exchange={data} />
          <span class="pill">{data.type}</span>
        </div>
      </div>
      {data.message_stats !== undefined && <MessageRates data={data} />}
      {Object.keys(data.arguments).length > 0 && (
        <Section title="Details">
          <dl class="facts-list">
            <dt>Arguments</dt>
            <dd>
              <TableValues table={data.arguments} />
            </dd>
          </dl>
        </Section>
      )}
      <ExchangeBindings vhost={vhost} name={name} />
      {name !== '' && <Explain kind="exchange" vhost={vhost} name={name} />}
      {data.internal ? (
        <Section title="Publish message" open={false}>
          <p>Clients cannot publish to an internal exchange.</p>
        </Section>
      ) : (
        <Publish vhost={vhost} exchange={name} />
      )}
      {!own && (
        <Section title="Delete this exchange" open={false}>
          <div class="row">
            <button type="button" class="danger" onClick={() => remove(path, name)}>
              Delete exchange
            </button>
          </div>
        </Section>
      )}
    </>
  )
}

async function remove(path: string, name: string): Promise<void> {
  const yes = await confirm({
    title: `Delete ${name}?`,
    body: 'The exchange goes with all its bindings. Clients that publish to it have their channels closed.',
    yes: 'Delete exchange',
    danger: true,
  })
  if (yes && succeeded(await act({ method: 'DELETE', path }))) go('exchanges')
}
