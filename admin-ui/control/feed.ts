// GET /warren/events/stream: what happens as it happens, and what has changed since the last look, as server-sent events. One
// feed a reader; it keeps nothing for a reader that does not read, and tells it afterwards what it missed.
//
// The events, each with one JSON object as data:
//
//   hello    {next, dropped, interval}: the stream begins; `next` is the number of the first event it will tell.
//   trace    {number, at, kind, node, subject, value}: as in GET /warren/events. Its `id` is the number, so that a reader that
//            comes back with Last-Event-ID (or `since`) goes on where it stopped. Only for monitoring and administrator, as
//            events name queues of every virtual host.
//   dropped  {events, next}: that many events were forgotten before they could be told.
//   state    as GET /warren/state, but of `nodes`, `links`, `queues` and `clients` only the entries that are new or have changed
//            since the last `state` of this stream, whole; with `gone`: {nodes, links, queues, clients}, the keys of those that
//            are no more (or no longer selected), and `full: true` in the first. `queues_in_order` lists the keys of the
//            selected queues in their order whenever that order has changed, else it is absent.
//            Keys: a node's name; a link's `FROM TO`; a queue's side, vhost and name joined by U+0000; a client's id.
//
// A state comes each interval, and after events within a quarter of it.
//
// Rates come from two looks at least a second apart, so the first `state` has none. Needs `Authorization`, as every request: read
// it with fetch, not with EventSource.

import type { ServerResponse } from 'node:http'
import type { User } from '../../nodes/definitions-access.ts'
import { isMonitor } from '../access.ts'
import { badRequest } from '../http-error.ts'
import type { Context } from '../view.ts'
import { type Selection, type State, selectionOf, stateOf } from './pulse.ts'
import { type ControlCall, streamed, wholeNumber } from './route.ts'

/** How often to look for new events, in ms. */
const lookMs = 50
/** Most events in one go. */
const eventsMost = 500
/** What may wait for a reader before it is given no more, in bytes. */
const waitingMost = 262_144
/** How long a reader may not read at all, in ms. */
const patienceMs = 60_000

export function openFeed({ context, user, query, req, res }: ControlCall): typeof streamed {
  const { trace } = context.live.cluster
  const last = req.get('last-event-id')
  if (last !== undefined && !/^\d{1,15}$/.test(last)) throw badRequest('Last-Event-ID must be a number.')
  const since = last === undefined ? wholeNumber(query, 'since', trace.count) : Number(last) + 1
  const interval = wholeNumber(query, 'interval', 1000, 0, 60_000)
  if (interval > 0 && interval < 200)
    throw badRequest("The parameter 'interval' must be 0 or a whole number from 200 to 60000.")
  const selection = selectionOf(query)
  res.writeHead(200, { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' })
  // An earlier cluster's numbers mean nothing here.
  const next = since > trace.count ? trace.count : since
  if (req.method === 'HEAD') res.end()
  else new Feed({ context, user, selection, res, next, interval }).begin()
  return streamed
}

interface FeedOptions {
  readonly context: Context
  readonly user: User
  readonly selection: Selection
  readonly res: ServerResponse
  /** Number of the first event to tell. */
  readonly next: number
  /** In ms; 0: no states. */
  readonly interval: number
}

const kept = ['nodes', 'links', 'queues', 'clients'] as const
type Kept = (typeof kept)[number]
type Row = Readonly<Record<string, unknown>>

const keys: Readonly<Record<Kept, (row: Row) => string>> = {
  nodes: ({ name }) => String(name),
  links: ({ from, to }) => `${from} ${to}`,
  queues: ({ side, vhost, name }) => `${side}\u0000${vhost}\u0000${name}`,
  clients: ({ id }) => String(id),
}

class Feed {
  private readonly options: FeedOptions
  private next: number
  private nextStateAt = 0
  private stateAt = 0
  private stuckSince: number | null = null
  private timer: NodeJS.Timeout | null = null
  /** What was told last, by key, as JSON. */
  private readonly told: Readonly<Record<Kept, Map<string, string>>> = {
    nodes: new Map(),
    links: new Map(),
    queues: new Map(),
    clients: new Map(),
  }
  private order = ''
  private full = true

  constructor(options: FeedOptions) {
    this.options = options
    this.next = options.next
  }

  begin(): void {
    const { res, context, interval } = this.options
    this.write('hello', { next: this.next, dropped: context.live.cluster.trace.dropped, interval })
    res.on('close', () => {
      if (this.timer !== null) clearInterval(this.timer)
    })
    this.timer = setInterval(() => this.look(), lookMs)
    this.look()
  }

  private look(): void {
    const { res, interval } = this.options
    const now = performance.now()
    if (res.writableLength > waitingMost) {
      this.stuckSince ??= now
      if (now - this.stuckSince > patienceMs) res.destroy()
      return
    }
    this.stuckSince = null
    // What has happened is soon to be seen in the state as well.
    if (this.tellEvents()) this.nextStateAt = Math.min(this.nextStateAt, this.stateAt + interval / 4)
    if (interval === 0 || now < this.nextStateAt) return
    // A late look does not make the next ones late as well.
    this.nextStateAt = Math.max(this.nextStateAt + interval, now + interval / 2)
    this.stateAt = now
    this.tellState()
  }

  /** Whether there were any. */
  private tellEvents(): boolean {
    const { context, user } = this.options
    const { trace } = context.live.cluster
    if (this.next === trace.count) return false
    // Events name queues of every virtual host.
    if (!isMonitor(user)) {
      this.next = trace.count
      return true
    }
    if (this.next < trace.dropped) {
      const events = trace.dropped - this.next
      this.next = trace.dropped
      this.write('dropped', { events, next: this.next })
    }
    let told = 0
    for (const event of trace.events(this.next)) {
      if (told++ === eventsMost) break
      const number = this.next++
      this.write('trace', { number, ...event }, number)
    }
    return true
  }

  private tellState(): void {
    const { context, user, selection } = this.options
    const { nodes, links, queues, clients, ...whole } = stateOf(context, user, selection)
    const gone: Partial<Record<Kept, string[]>> = {}
    const changed = (of: Kept, rows: State[Kept]) => {
      const change = this.changed(of, rows)
      gone[of] = change.gone
      return change.rows
    }
    const order = queues.map(keys.queues)
    const ordered = JSON.stringify(order)
    const state = {
      ...whole,
      full: this.full,
      nodes: changed('nodes', nodes),
      links: changed('links', links),
      queues: changed('queues', queues),
      clients: changed('clients', clients),
      gone,
      ...(ordered !== this.order && { queues_in_order: order }),
    }
    this.order = ordered
    this.full = false
    this.write('state', state)
  }

  private changed(of: Kept, rows: readonly Row[]): { rows: Row[]; gone: string[] } {
    const told = this.told[of]
    const before = new Set(told.keys())
    const news = rows.filter((row) => {
      const key = keys[of](row)
      const json = JSON.stringify(row)
      before.delete(key)
      if (told.get(key) === json) return false
      told.set(key, json)
      return true
    })
    for (const key of before) told.delete(key)
    return { rows: news, gone: [...before] }
  }

  private write(event: string, data: unknown, id?: number): void {
    const { res } = this.options
    const head = id === undefined ? '' : `id: ${id}\n`
    res.write(`${head}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }
}
