// What must hold of open channels of a whole cluster at rest, where nothing is under way between nodes: what a channel and the
// queues believe it holds is the same, confirms are all sent, and a channel-wide limit counts what there is.

import type { Channel } from '../nodes/channel.ts'
import type { Node } from '../nodes/node.ts'
import type { Queue } from '../nodes/queue.ts'

/** One sentence for each thing in which a channel and the queues of the cluster differ; `got`: it has used basic.get. */
export function channelFaults(nodes: readonly Node[], got: (channel: Channel) => boolean): string[] {
  const faults: string[] = []
  const queues = nodes.flatMap((node) => [...node.leaders.values()])
  for (const node of nodes)
    for (const channel of node.channels.values()) checkChannel(channel as Channel, queues, got, faults)
  return faults
}

function checkChannel(
  channel: Channel,
  queues: readonly Queue[],
  got: (channel: Channel) => boolean,
  faults: string[],
): void {
  const { unacked, unconfirmed, transaction, limiter } = channel
  const byQueue = new Map<number, number>()
  let [count, limited] = [0, 0]
  const { base, last } = unacked as unknown as { base: number; last: number }
  for (let tag = base; tag <= last; tag++) {
    const slot = tag & (unacked['queues'].length - 1)
    const queue = unacked['queues'][slot]!
    if (queue === 0) continue
    count++
    byQueue.set(queue, (byQueue.get(queue) ?? 0) + 1)
    if (unacked['limits'][slot] === 1) limited++
  }
  if (count !== unacked.count)
    faults.push(`a channel counts ${unacked.count} deliveries and can settle ${count}`)
  for (const { deliveries } of transaction?.settlements ?? [])
    for (const { queue, limited: one } of deliveries) {
      byQueue.set(queue, (byQueue.get(queue) ?? 0) + 1)
      if (one) limited++
    }
  for (const queue of queues) {
    const held = queue.outlets['byChannel'].get(channel.ref.channel)?.unacked.size ?? 0
    const known = byQueue.get(queue.identity.id) ?? 0
    if (held !== known) faults.push(`a channel holds ${known} messages, its queue says ${held}`)
  }
  // A basic.get that was there when the limit was set counts, and settling it makes no room (docs/observed.md §14).
  const used = limiter['used']
  if (limiter.limit > 0 && (used < limited || (used > limited && !got(channel))))
    faults.push(`a channel's limit counts ${used} deliveries, there are ${limited}`)
  if (channel.closed) faults.push('a channel that is closed is still there')
  if (!channel.busy && unconfirmed.outstanding > 0)
    faults.push(`${unconfirmed.outstanding} publishes are never confirmed`)
  if (channel.busy) faults.push('a channel waits for an answer that nobody will give')
}
