// RabbitMQ's badges: what a queue or an exchange was declared with, and its policy, in few letters with the words behind them.

import type { ComponentChildren } from 'preact'
import { href } from '../router.ts'
import type { Exchange, QueueRow, Table } from './shapes.ts'

const Badge = ({ text, title }: { readonly text: string; readonly title: string }) => (
  <abbr class="badge" title={title}>
    {text}
  </abbr>
)

/** A declared argument and what RabbitMQ's page calls it. */
const argumentBadges: readonly (readonly [argument: string, badge: string])[] = [
  ['x-message-ttl', 'TTL'],
  ['x-expires', 'Exp'],
  ['x-max-length', 'Lim'],
  ['x-max-length-bytes', 'Lim B'],
  ['x-overflow', 'Ovfl'],
  ['x-dead-letter-exchange', 'DLX'],
  ['x-dead-letter-routing-key', 'DLK'],
  ['x-max-priority', 'Pri'],
  ['x-single-active-consumer', 'SAC'],
  ['alternate-exchange', 'AE'],
]

function argumentsAsBadges(table: Table): ComponentChildren[] {
  const named = argumentBadges.filter(([argument]) => argument in table)
  const others = Object.entries(table).filter(([key]) => !named.some(([argument]) => argument === key))
  return [
    ...named.map(([argument, badge]) => (
      <Badge key={badge} text={badge} title={`${argument}: ${shown(table[argument])}`} />
    )),
    ...(others.length === 0
      ? []
      : [
          <Badge
            key="Args"
            text="Args"
            title={others.map(([key, value]) => `${key}: ${shown(value)}`).join(', ')}
          />,
        ]),
  ]
}

const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

function PolicyLink({ vhost, name, operator = false }: { vhost: string; name: string; operator?: boolean }) {
  return (
    <a
      class="badge policy"
      title={`${operator ? 'Operator policy' : 'Policy'}: ${name}`}
      href={href('policies', [vhost, name], { operator: operator ? 'true' : undefined })}
    >
      {name}
    </a>
  )
}

export function QueueFeatures({ queue }: { readonly queue: QueueRow }) {
  return (
    <span class="badges">
      {queue.durable && <Badge text="D" title="durable: true" />}
      {queue.auto_delete && <Badge text="AD" title="auto-delete: true" />}
      {queue.exclusive && <Badge text="Excl" title="exclusive: true" />}
      {argumentsAsBadges(queue.arguments)}
      {queue.policy && <PolicyLink vhost={queue.vhost} name={queue.policy} />}
      {queue.operator_policy && <PolicyLink vhost={queue.vhost} name={queue.operator_policy} operator />}
    </span>
  )
}

export function ExchangeFeatures({ exchange }: { readonly exchange: Exchange }) {
  return (
    <span class="badges">
      {exchange.durable && <Badge text="D" title="durable: true" />}
      {exchange.auto_delete && <Badge text="AD" title="auto-delete: true" />}
      {exchange.internal && <Badge text="I" title="internal: true" />}
      {argumentsAsBadges(exchange.arguments)}
      {exchange.policy && <PolicyLink vhost={exchange.vhost} name={exchange.policy} />}
    </span>
  )
}

/** The leader's node, and how many mirrors there are beside it; red when one lacks messages. */
export function NodeWithMirrors({ queue }: { readonly queue: QueueRow }) {
  const { node, slave_nodes: mirrors = [], synchronised_slave_nodes: synced = [] } = queue
  const behind = mirrors.filter((mirror) => !synced.includes(mirror))
  const level = mirrors.length - behind.length
  return (
    <>
      {node}
      {level > 0 && ' '}
      {level > 0 && (
        <abbr class="badge good" title={`Synchronised mirrors: ${synced.join(', ')}`}>
          +{level}
        </abbr>
      )}
      {behind.length > 0 && ' '}
      {behind.length > 0 && (
        <abbr class="badge bad" title={`Unsynchronised mirrors: ${behind.join(', ')}`}>
          +{behind.length}
        </abbr>
      )}
    </>
  )
}

/** An arguments table or definition, one `key: value` a line. */
export function TableValues({ table }: { readonly table: Table }) {
  const entries = Object.entries(table)
  if (entries.length === 0) return <span class="hint">none</span>
  return (
    <ul class="values">
      {entries.map(([key, value]) => (
        <li key={key}>
          <span class="key">{key}:</span> <code>{shown(value)}</code>
        </li>
      ))}
    </ul>
  )
}
