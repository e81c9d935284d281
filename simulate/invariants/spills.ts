// How users make messages go without a word: purges, and deliveries that need no acknowledgement and never arrived because a
// connection or a link broke. Fed by `losses` with the history; it excuses losses and must excuse no more than these.

import type { ClientEvent } from '../history.ts'

export class Spills {
  /** When each queue was last purged, and when what it had sent without acknowledgement was last spilt. */
  private readonly purged = new Map<string, number>()
  private readonly spilt = new Map<string, number>()
  /** Queues that each session takes from without acknowledging. */
  private readonly takers = new Map<string, Set<string>>()

  take(event: ClientEvent, session: string): void {
    switch (event.what) {
      case 'consuming':
        if (event.noAck) this.takes(session, event.queue)
        return
      case 'asked':
        if (event.method === 'queuePurge') this.purged.set(event.queue, Infinity)
        if (event.method === 'basicGet, no-ack') this.takes(session, event.queue)
        return
      case 'delivered':
        if (event.noAck && event.consumer === null) this.takers.get(session)?.delete(event.queue)
        return
      case 'answered':
        if (event.method === 'queuePurgeOk') this.purged.set(event.queue, event.at)
        return
      case 'lost':
      case 'left':
      case 'closed':
        for (const queue of this.takers.get(session) ?? []) this.spilt.set(queue, event.at)
        this.takers.delete(session)
    }
  }

  /** Nodes lost one another, or a leader: what was under way between them is gone. */
  upheaval(at: number): void {
    for (const queues of this.takers.values()) for (const queue of queues) this.spilt.set(queue, at)
  }

  /** What may have become of a message that was sent to `queue` at `at`. */
  causeSince(queue: string, at: number): string | null {
    if ((this.purged.get(queue) ?? -1) >= at) return 'purged'
    return (this.spilt.get(queue) ?? -1) >= at ? 'taken without acknowledgement and not arrived' : null
  }

  private takes(session: string, queue: string): void {
    const queues = this.takers.get(session)
    if (queues === undefined) this.takers.set(session, new Set([queue]))
    else queues.add(queue)
  }
}
