// What each endpoint of a node's Prometheus port tells: /metrics sums up, /metrics/per-object has a line for each object, and
// /metrics/detailed has the families that are asked for. Called by `server` with each scrape.

import { channelFamilies, connectionFamilies, globalFamilies } from './channels.ts'
import { type Asked, type Family, type Telling, textOf } from './family.ts'
import {
  exchangeFamilies,
  infoFamilies,
  linkFamily,
  loginFamily,
  nodeFamilies,
  plainFamilies,
  vhostFamily,
  warrenLinks,
} from './nodes.ts'
import { queueFamilies, warrenQueues } from './queues.ts'

/** A family whose objects only it knows. */
interface Teller {
  readonly name: string
  readonly text: (asked: Asked, telling: Telling) => string
}

const tellers = <T>(...families: readonly Family<T>[]): Teller[] =>
  families.map((family) => ({
    name: family.name,
    text: (asked, telling) => textOf(family, asked, telling),
  }))

const counted: readonly Teller[] = [
  ...tellers(...nodeFamilies),
  ...tellers(loginFamily),
  ...tellers(...queueFamilies),
  ...tellers(...channelFamilies),
  ...tellers(...connectionFamilies),
]
const info = tellers(...infoFamilies)
const own = [...tellers(warrenQueues), ...tellers(warrenLinks)]

/** `queue_consumers` is told by `queue_metrics` already. */
const whole: readonly Teller[] = [
  ...tellers(...plainFamilies),
  ...counted.filter(({ name }) => name !== 'queue_consumer_count'),
  ...info,
  ...tellers(...globalFamilies),
  ...tellers(linkFamily),
  ...own,
]

const detailed: readonly Teller[] = [
  ...counted,
  ...tellers(vhostFamily),
  ...tellers(...exchangeFamilies),
  ...own,
]

/** The metrics of one path; null when there is no such path. */
export function metricsAt(path: string, query: URLSearchParams, asked: Asked): string | null {
  const told = (
    families: readonly Teller[],
    prefix: string,
    each: boolean,
    vhosts: Set<string> | null = null,
  ) => families.map(({ text }) => text(asked, { prefix, each, vhosts })).join('')
  if (path === '/metrics') return told(whole, 'rabbitmq_', false)
  if (path === '/metrics/per-object') return told(whole, 'rabbitmq_', true)
  if (path !== '/metrics/detailed') return null
  const wanted = query.getAll('family')
  const vhosts = query.getAll('vhost')
  const families = detailed.filter(({ name }) => wanted.includes(name))
  return (
    told(families, 'rabbitmq_detailed_', true, vhosts.length === 0 ? null : new Set(vhosts)) +
    told(info, 'rabbitmq_', true)
  )
}
