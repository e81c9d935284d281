// What one settlement of a channel says to each queue: the message ids in order of delivery. Filled by `channel`, sent by it;
// nearly always there is one queue, for which no table is made.

export class Settling {
  /** Deliveries that make room under a channel-wide prefetch. */
  limited = 0
  private queue = 0
  private readonly ids: number[] = []
  private further: Map<number, number[]> | null = null

  add(queue: number, id: number, limited: boolean): void {
    if (limited) this.limited++
    if (this.ids.length === 0) this.queue = queue
    if (queue === this.queue) this.ids.push(id)
    else {
      this.further ??= new Map()
      const ids = this.further.get(queue)
      if (ids === undefined) this.further.set(queue, [id])
      else ids.push(id)
    }
  }

  /** Tells each queue concerned once, in the order of its first delivery. */
  send(settle: (queue: number, ids: readonly number[]) => void): void {
    if (this.ids.length > 0) settle(this.queue, this.ids)
    if (this.further !== null) for (const [queue, ids] of this.further) settle(queue, ids)
  }
}
