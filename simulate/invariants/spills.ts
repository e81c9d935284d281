// How users make messages go without a word: purges, and deliveries that need no acknowledgement and never arrived because a
// connection or a link broke. Fed by `losses` with the history; it excuses losses and must excuse no more than these.

import type { ClientEvent, ClusterEvent } from '../history.ts'

/** A session and the queues that it takes from without acknowledging. */
interface Taker {
  readonly node: string
  readonly queues: Set<string>
  /** The client has gone and its node stands still or is not heard: the queues go on sending until that is noticed. */
  gone: boolean
}

export class Spills {
  /** When each queue was last purged, and when what it had sent without acknowledgement was last spilt. */
  private readonly purged = new Map<string, number>()
  private readonly spilt = new Map<string, number>()
  private readonly takers = new Map<string, Taker>()

  /** `still`: links are silent or a node is frozen as it happens. */
  take(event: ClientEvent, session: string, still: boolean): void {
    switch (event.what) {
      case 'consuming':
        if (event.noAck) this.takes(session, event)
        return
      case 'asked':
        if (event.method === 'queuePurge') this.purged.set(event.queue, Infinity)
        if (event.method === 'basicGet, no-ack') this.takes(session, event)
        return
      case 'delivered':
        if (event.noAck && event.consumer === null) this.takers.get(session)?.queues.delete(event.queue)
        return
      case 'answered':
        if (event.method === 'queuePurgeOk') this.purged.set(event.queue, event.at)
        return
      case 'lost':
      case 'left':
      case 'closed': {
        const taker = this.takers.get(session)
        if (taker === undefined) return
        this.spill(taker, event.at)
        if (still) taker.gone = true
        else this.takers.delete(session)
      }
    }
  }

  /** Nodes lost one another, or a leader: what was under way between them is gone. */
  upheaval({ at, what, node, subject }: ClusterEvent): void {
    for (const [session, taker] of this.takers) {
      this.spill(taker, at)
      const noticed = what === 'healed' || taker.node === (what === 'peer-down' ? subject : node)
      if (taker.gone && noticed) this.takers.delete(session)
    }
  }

  /** What may have become of a message that was sent to `queue` at `at`. */
  causeSince(queue: string, at: number): string | null {
    if ((this.purged.get(queue) ?? -1) >= at) return 'purged'
    return (this.spilt.get(queue) ?? -1) >= at ? 'taken without acknowledgement and not arrived' : null
  }

  private spill({ queues }: Taker, at: number): void {
    for (const queue of queues) this.spilt.set(queue, at)
  }

  private takes(session: string, { node, queue }: { node: string; queue: string }): void {
    const taker = this.takers.get(session)
    if (taker === undefined) this.takers.set(session, { node, queues: new Set([queue]), gone: false })
    else taker.queues.add(queue)
  }
}
