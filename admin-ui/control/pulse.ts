// The cluster at this moment in few words, as the live feed and GET /warren/state tell it: nodes, links, the queues and clients
// that were asked for, and sums over all. It reads and never changes; with 10,000 queues it costs a few milliseconds.

import type { Island } from '../../nodes/cluster-member.ts'
import { Connection } from '../../nodes/connection.ts'
import type { QueueRecord } from '../../nodes/definitions.ts'
import type { User } from '../../nodes/definitions-access.ts'
import { linkKinds } from '../../nodes/link.ts'
import type { Queue } from '../../nodes/queue.ts'
import { isMonitor, opens } from '../access.ts'
import { badRequest } from '../http-error.ts'
import { leaderIn, missingOn } from '../loss.ts'
import type { Context } from '../view.ts'
import { clientEntry, clientSchema } from './client-states.ts'
import { clockSchema, clockState } from './clock-state.ts'
import { nodeSchema, nodeStates } from './node-states.ts'
import { wholeNumber } from './route.ts'
import { byName, flag, list, number, oneOf, orNull, record, text } from './schema.ts'

/** Which queues and clients are told of one by one. */
export interface Selection {
  readonly queues: number
  readonly from: number
  /** Lower case; part of the name. */
  readonly match: string
  readonly vhost: string | null
  /** Pairs vhost/name, as in a path; when there are any, only these. */
  readonly named: ReadonlySet<string>
  readonly clients: number
}

export const selectionText = {
  queues: 'how many queues to tell of, 0 to 1000; 200 by default',
  queues_from: 'leaving out so many before',
  match: 'only queues whose names contain this, whatever the case',
  vhost: 'only queues of this virtual host',
  queue:
    'only this queue, as VHOST/NAME with both percent-encoded once more; may be repeated up to 1000 times',
  clients: 'how many clients to tell of, 0 to 1000; 100 by default',
}

/** Throws 400 for a parameter that makes no sense. */
export function selectionOf(query: URLSearchParams): Selection {
  const named = query.getAll('queue')
  const wrong = named.find((pair) => !/^[^/]+\/[^/]*$/.test(pair))
  if (wrong !== undefined || named.length > 1000)
    throw badRequest("The parameter 'queue' must be VHOST/NAME, both percent-encoded, at most 1000 times.")
  return {
    queues: wholeNumber(query, 'queues', 200, 0, 1000),
    from: wholeNumber(query, 'queues_from', 0),
    match: (query.get('match') ?? '').toLowerCase(),
    vhost: query.get('vhost'),
    named: new Set(named.map(decoded)),
    clients: wholeNumber(query, 'clients', 100, 0, 1000),
  }
}

function decoded(pair: string): string {
  try {
    return keyOf(...(pair.split('/').map(decodeURIComponent) as [string, string]))
  } catch {
    throw badRequest(`The parameter 'queue' cannot be decoded: ${pair}`)
  }
}

const keyOf = (vhost: string, name: string) => `${vhost}\u0000${name}`

const linkPulseSchema = record({
  from: text(),
  to: text(),
  state: text(),
  delay_ms: number(),
  bytes_per_second: orNull(number('null: as many as come')),
  bytes: number('of all kinds, since the cluster began'),
  bodies: number('of messages'),
  rates: byName(number('bytes a second')),
})

const queueSchema = record({
  side: text('the first node of the island that sees it so; in a partition each side has its own view'),
  vhost: text(),
  name: text(),
  state: text('running, syncing, down or waiting'),
  leader: text('its node; while the queue is down or waits, the one it waits for'),
  mirrors: list(record({ node: text(), synchronised: flag(), missing: number('messages it lacks') })),
  mode: oneOf('single', 'ordinary', 'mirrored'),
  policy: orNull(text()),
  messages: number(),
  ready: number(),
  unacknowledged: number(),
  consumers: number(),
  publish_rate: number('messages a second'),
  deliver_rate: number(),
  ack_rate: number(),
})

const totalsSchema = record({
  queues: number('in all views together'),
  selected: number('that match the selection, shown or not'),
  without_leader: number(),
  mirrored: number('queues of that mode'),
  not_synchronised: number('queues with a mirror that lacks messages'),
  messages: number(),
  ready: number(),
  unacknowledged: number(),
  connections: number(),
  channels: number(),
  consumers: number(),
  publish_rate: number(),
  deliver_rate: number(),
  ack_rate: number(),
})

export const stateSchema = record({
  at: number("ms since the epoch, by the cluster's clock"),
  clock: clockSchema,
  partition_handling: text(),
  memory: number('bytes of the process in which all nodes run'),
  memory_alarm: flag(),
  totals: totalsSchema,
  nodes: list(nodeSchema),
  links: list(linkPulseSchema),
  queues: list(queueSchema),
  clients: list(clientSchema),
})

type Row = Readonly<Record<string, unknown>>

export interface State {
  readonly at: number
  readonly clock: Row
  readonly partition_handling: string
  readonly memory: number
  readonly memory_alarm: boolean
  readonly totals: Row
  readonly nodes: readonly Row[]
  readonly links: readonly Row[]
  readonly queues: readonly Row[]
  readonly clients: readonly Row[]
}

/** What `user` may see of the cluster now. */
export function stateOf(context: Context, user: User, selection: Selection): State {
  const { live } = context
  const { cluster } = live
  const { queues, totals } = queuesOf(context, user, selection)
  const { partitionHandling: handling } = cluster
  return {
    at: cluster.loop.now,
    clock: clockState(live),
    partition_handling: typeof handling === 'string' ? handling : handling.mode,
    memory: process.memoryUsage.rss(),
    memory_alarm: cluster.memory.alarm,
    totals,
    nodes: nodeStates(context),
    links: linkPulse(context),
    queues,
    clients: clientsOf(context, user, selection.clients),
  }
}

function linkPulse({ live, rates }: Context): Row[] {
  const { cluster } = live
  const { now } = cluster.loop
  return [...cluster.allLinks()].map(({ from, to, state, delayMs, bytesPerMs, meters }) => {
    let [bytes, bodies] = [0, 0]
    const moving: Record<string, number> = {}
    for (const kind of linkKinds) {
      const meter = meters[kind]
      bytes += meter.bytes
      bodies += meter.bodies
      const rate = rates.rate(meter, 'bytes', meter.bytes, now)
      if (rate > 0) moving[kind] = rate
    }
    return {
      from,
      to,
      state,
      delay_ms: delayMs,
      bytes_per_second: bytesPerMs === Infinity ? null : bytesPerMs * 1000,
      bytes,
      bodies,
      rates: moving,
    }
  })
}

/** Counters whose growth is told, of a queue and of all together. */
const counted = { publish_rate: 0, deliver_rate: 0, ack_rate: 0 }

function queuesOf(context: Context, user: User, selection: Selection) {
  const { cluster } = context.live
  const sums = { queues: 0, selected: 0, without_leader: 0, mirrored: 0, not_synchronised: 0, messages: 0 }
  const counts = { ready: 0, unacknowledged: 0, connections: 0, channels: 0, consumers: 0 }
  const grown = { ...counted }
  const rows: Row[] = []
  for (const [i, island] of cluster.islands.entries()) {
    const mine = openTo(user, island)
    const others = cluster.islands.slice(0, i)
    for (const [key, record] of island.definitions.queues) {
      if (!mine(record.vhost)) continue
      // During a partition each side has its own record of the same queue: it is counted once.
      if (others.every(({ definitions }) => !definitions.queues.has(key))) {
        sums.queues++
        if (isMirrored(record)) sums.mirrored++
      }
      const queue = leaderIn(cluster, island, record)
      if (queue === null) sums.without_leader++
      else {
        if (record.mirrors.some(({ synced }) => !synced)) sums.not_synchronised++
        counts.ready += queue.ready
        counts.unacknowledged += queue.outlets.count
        counts.consumers += queue.consumers.all.length
        grown.publish_rate += queue.counts.published
        grown.deliver_rate += queue.counts.delivered + queue.counts.got
        grown.ack_rate += queue.counts.acked
      }
      if (!chosen(selection, record)) continue
      if (sums.selected++ < selection.from || rows.length >= selection.queues) continue
      rows.push(queueRow(context, island, record, queue))
    }
  }
  for (const { node } of cluster.members)
    for (const connection of node?.connections.values() ?? []) {
      counts.connections++
      counts.channels += connection.channelCount
    }
  sums.messages = counts.ready + counts.unacknowledged
  const { now } = cluster.loop
  for (const name of Object.keys(grown) as (keyof typeof grown)[])
    grown[name] = Math.max(0, context.rates.rate(cluster, name, grown[name], now))
  return { queues: rows, totals: { ...sums, ...counts, ...grown } }
}

/** Whether a vhost is open to the user, looked up once a vhost. */
function openTo(user: User, { definitions }: Island): (vhost: string) => boolean {
  const known = new Map<string, boolean>()
  return (vhost) => {
    let open = known.get(vhost)
    if (open === undefined) known.set(vhost, (open = opens(user, definitions, vhost)))
    return open
  }
}

function chosen({ named, vhost, match }: Selection, record: QueueRecord): boolean {
  if (named.size > 0) return named.has(keyOf(record.vhost, record.name))
  if (vhost !== null && record.vhost !== vhost) return false
  return match === '' || record.name.toLowerCase().includes(match)
}

function queueRow({ live, rates }: Context, island: Island, record: QueueRecord, queue: Queue | null): Row {
  const { cluster } = live
  const { now } = cluster.loop
  const side = cluster.members.find(({ name }) => island.members.has(name))?.name ?? ''
  const [ready, unacknowledged] = [queue?.ready ?? 0, queue?.outlets.count ?? 0]
  const state = record.state === 'running' && queue !== null && record.syncing ? 'syncing' : record.state
  const rate = (name: string, value: number) =>
    queue === null ? 0 : rates.rate(queue.counts, name, value, now)
  return {
    side,
    vhost: record.vhost,
    name: record.name,
    state,
    leader: record.leader,
    mirrors: record.mirrors.map((mirror) => ({
      node: mirror.node,
      synchronised: mirror.synced,
      missing: missingOn(queue, mirror),
    })),
    mode: modeOf(island, record),
    policy: record.policy?.name ?? null,
    messages: ready + unacknowledged,
    ready,
    unacknowledged,
    consumers: queue?.consumers.all.length ?? 0,
    publish_rate: rate('publish', queue?.counts.published ?? 0),
    deliver_rate: rate('deliver_get', (queue?.counts.delivered ?? 0) + (queue?.counts.got ?? 0)),
    ack_rate: rate('ack', queue?.counts.acked ?? 0),
  }
}

/** As the policy wants it, also while no mirror is left. */
const isMirrored = (record: QueueRecord) => record.settings.haMode !== null && record.exclusiveOwner === null

function modeOf({ definitions }: Island, record: QueueRecord): string {
  if (isMirrored(record)) return 'mirrored'
  return definitions.nodes.size > 1 ? 'ordinary' : 'single'
}

function clientsOf(context: Context, user: User, most: number): Row[] {
  const rows: Row[] = []
  const all = isMonitor(user)
  for (const { node } of context.live.cluster.members)
    for (const connection of node?.connections.values() ?? []) {
      if (rows.length >= most) return rows
      if (connection instanceof Connection && (all || connection.user === user.name))
        rows.push(clientEntry(context, connection))
    }
  return rows
}
