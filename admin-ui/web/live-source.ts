// Where the store's news come from: the server's stream of events (GET /warren/events/stream), read with fetch since it needs
// the login. Opened and closed by `live`; when it breaks it begins again where it stopped, once a second.

import { LoginNeeded, open, Refused } from './http.ts'
import type { Clock, LiveClient, LiveLink, LiveQueue, NodeState, Totals, TraceEvent } from './shapes.ts'

const againMs = 1000
/** The server says something every second; who is silent for so long is gone. */
const silenceMs = 6000

/** Which queues and clients are told of one by one; they cost as many lines a second. */
export interface Selection {
  readonly queues: number
  readonly match: string
  readonly clients: number
}

/** The cluster now. */
export interface State {
  readonly at: number
  readonly clock: Clock
  readonly partitionHandling: string
  /** Bytes of the process in which all nodes run. */
  readonly memory: number
  readonly memoryAlarm: boolean
  readonly totals: Totals
  readonly nodes: readonly NodeState[]
  readonly links: readonly LiveLink[]
  /** Those selected, in the server's order. */
  readonly queues: readonly LiveQueue[]
  readonly clients: readonly LiveClient[]
}

export interface News {
  state(state: State): void
  /** Those since the last call; `restarted`: the server has forgotten the earlier ones. */
  events(fresh: readonly TraceEvent[], restarted: boolean): void
  /** The server does not answer, or answers again. */
  gone(gone: boolean): void
}

/** Tells `news` until the returned function is called; begins with the event of number `since`. */
export function openSource(selection: Selection, since: number, news: News): () => void {
  const abort = new AbortController()
  void keepReading(new Reader(selection, since, news), abort.signal, news)
  return () => abort.abort()
}

async function keepReading(reader: Reader, closed: AbortSignal, news: News): Promise<void> {
  while (!closed.aborted) {
    try {
      await reader.read(closed)
    } catch (error) {
      if (closed.aborted || error instanceof LoginNeeded) return
      news.gone(true)
    }
    await new Promise((resolve) => setTimeout(resolve, againMs))
  }
}

type Kept = 'nodes' | 'links' | 'queues' | 'clients'
type Row = Readonly<Record<string, unknown>>

/** As the server keys them. */
const keys: Readonly<Record<Kept, (row: Row) => string>> = {
  nodes: ({ name }) => String(name),
  links: ({ from, to }) => `${from} ${to}`,
  queues: ({ side, vhost, name }) => `${side}\u0000${vhost}\u0000${name}`,
  clients: ({ id }) => String(id),
}
const kinds = Object.keys(keys) as Kept[]

interface StateMessage extends Readonly<Record<Kept, readonly Row[]>> {
  readonly full: boolean
  readonly gone: Readonly<Record<Kept, readonly string[]>>
  readonly queues_in_order?: readonly string[]
  readonly at: number
  readonly clock: Clock
  readonly partition_handling: string
  readonly memory: number
  readonly memory_alarm: boolean
  readonly totals: Totals
}

class Reader {
  private readonly query: string
  private readonly news: News
  private next: number
  private order: readonly string[] = []
  private rows = emptyRows()
  private fresh: TraceEvent[] = []

  constructor({ queues, match, clients }: Selection, since: number, news: News) {
    const query = new URLSearchParams({ queues: String(queues), clients: String(clients) })
    if (match !== '') query.set('match', match)
    this.query = String(query)
    this.next = since
    this.news = news
  }

  /** Reads until the stream ends. Throws when it cannot be had or falls silent. */
  async read(closed: AbortSignal): Promise<void> {
    const silence = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const heard = () => {
      clearTimeout(timer)
      timer = setTimeout(() => silence.abort(), silenceMs)
    }
    heard()
    try {
      const response = await open(`/warren/events/stream?since=${this.next}&${this.query}`, {
        signal: AbortSignal.any([closed, silence.signal]),
      })
      if (!response.ok || response.body === null) throw new Refused({ status: response.status, body: null })
      let rest = ''
      const decoder = new TextDecoder()
      const chunks = response.body.getReader()
      for (;;) {
        const { done, value } = await chunks.read()
        if (done) break
        heard()
        const messages = (rest + decoder.decode(value, { stream: true })).split('\n\n')
        rest = messages.pop()!
        for (const message of messages) this.take(message)
        this.tellEvents()
      }
      this.news.gone(true)
    } finally {
      clearTimeout(timer)
    }
  }

  private take(message: string): void {
    let event = ''
    let data = ''
    for (const line of message.split('\n'))
      if (line.startsWith('event: ')) event = line.slice(7)
      else if (line.startsWith('data: ')) data += line.slice(6)
    if (data === '') return
    const content = JSON.parse(data)
    if (event === 'hello') this.begin(content)
    else if (event === 'state') this.takeState(content)
    else if (event === 'dropped') this.next = content.next
    else if (event === 'trace') {
      this.fresh.push(content)
      this.next = content.number + 1
    }
  }

  /** A server that begins with another number than was asked for is not the one that was asked before. */
  private begin({ next }: { readonly next: number }): void {
    if (next < this.next) {
      this.next = 0
      this.news.events([], true)
      throw new Error('the server has been started anew')
    }
    this.news.gone(false)
    this.rows = emptyRows()
    this.next = next
  }

  private tellEvents(): void {
    if (this.fresh.length === 0) return
    const { fresh } = this
    this.fresh = []
    this.news.events(fresh, false)
  }

  private takeState(state: StateMessage): void {
    if (state.full) this.rows = emptyRows()
    for (const kind of kinds) {
      for (const key of state.gone[kind] ?? []) this.rows[kind].delete(key)
      for (const row of state[kind]) this.rows[kind].set(keys[kind](row), row)
    }
    if (state.queues_in_order !== undefined) this.order = state.queues_in_order
    const list = <T>(kind: Kept) => [...this.rows[kind].values()] as T[]
    const byName = (a: NodeState, b: NodeState) => a.name.localeCompare(b.name, 'en', { numeric: true })
    this.news.state({
      at: state.at,
      clock: state.clock,
      partitionHandling: state.partition_handling,
      memory: state.memory,
      memoryAlarm: state.memory_alarm,
      totals: state.totals,
      nodes: list<NodeState>('nodes').sort(byName),
      links: list<LiveLink>('links'),
      queues: this.order.flatMap((key) => (this.rows.queues.get(key) as LiveQueue | undefined) ?? []),
      clients: list<LiveClient>('clients'),
    })
  }
}

const emptyRows = (): Record<Kept, Map<string, Row>> => ({
  nodes: new Map(),
  links: new Map(),
  queues: new Map(),
  clients: new Map(),
})
