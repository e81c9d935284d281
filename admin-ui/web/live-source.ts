// Where the store's news come from: nodes, links and events, once a second and after each event. Opened and closed by `live`.
// It asks for them, the same few questions whatever is shown, and never a second time before the first is answered.

import { get, LoginNeeded } from './http.ts'
import type { Events, LinkState, NodeState, TraceEvent } from './shapes.ts'

const periodMs = 1000

export interface News {
  nodes(states: readonly NodeState[]): void
  links(states: readonly LinkState[]): void
  /** Those since the last call; `restarted`: the server has forgotten the earlier ones. */
  events(fresh: readonly TraceEvent[], restarted: boolean): void
  /** Something may look different now. */
  beat(): void
  /** The server does not answer, or answers again. */
  gone(gone: boolean): void
}

/** Tells `news` until the returned function is called. */
export function openSource(news: News): () => void {
  let next = 0
  let closed = false
  let timer: ReturnType<typeof setTimeout> | undefined

  async function look(): Promise<void> {
    try {
      const [nodes, links, events] = await Promise.all([
        get<NodeState[]>('/warren/nodes'),
        get<LinkState[]>('/warren/links'),
        get<Events>(`/warren/events?since=${next}`),
      ])
      if (closed) return
      const restarted = events.next < next
      news.nodes(nodes)
      news.links(links)
      if (restarted) next = 0
      else next = events.next
      if (restarted || events.events.length > 0) news.events(restarted ? [] : events.events, restarted)
      news.gone(false)
      news.beat()
    } catch (error) {
      if (closed || error instanceof LoginNeeded) return
      news.gone(true)
    }
    timer = setTimeout(look, periodMs)
  }
  void look()
  return () => {
    closed = true
    clearTimeout(timer)
  }
}
