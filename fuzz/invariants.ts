// What must hold of a cluster at rest, however wild its clients were: counts equal what the structures hold, nothing is
// negative, and nothing stays behind of connections that have gone. Looks into the core's private parts on purpose, for a
// counter that is shown nowhere can be wrong as well; it must never change anything.

import type { Cluster } from '../nodes/cluster.ts'
import type { Consumer } from '../nodes/consumer.ts'
import type { BindingRecord } from '../nodes/definitions.ts'
import type { Node } from '../nodes/node.ts'
import type { Queue } from '../nodes/queue.ts'

/** The running nodes. */
export const nodesOf = (cluster: Cluster): Node[] => cluster.members.flatMap((member) => member.node ?? [])

/** One sentence for each count of each queue that is not what it counts. */
export function queueFaults(cluster: Cluster): string[] {
  const faults: string[] = []
  for (const node of nodesOf(cluster)) {
    for (const queue of node.leaders.values()) checkQueue(queue, faults)
    for (const record of node.definitions.queues.values())
      if (node.definitions.queuesById.get(record.id) !== record)
        faults.push('queue records by name and by id differ')
    if (node.definitions.queues.size !== node.definitions.queuesById.size)
      faults.push('queue records by name and by id differ in number')
  }
  return faults
}

function checkQueue(queue: Queue, faults: string[]): void {
  const { name } = queue.identity
  const empty = queue.ready === 0 && queue['backlog'][Symbol.iterator]().next().done === true
  if (empty && queue.consumers.all.length === 0 && queue.outlets.count === 0) {
    const { outlets, disk } = queue
    const nothing = [queue.readyBytes, outlets.bytes, disk.count, disk.bytes].every((count) => count === 0)
    if (nothing && outlets.entries().next().done === true) return
  }
  const wrong = (what: string, counted: number, held: number) => {
    if (counted !== held) faults.push(`queue ${name}: ${what} counted ${counted}, held ${held}`)
  }
  const ready = [...queue['backlog']]
  const unacked = [...queue.outlets.entries()]
  const size = (entries: readonly { message: { size: number } }[]) =>
    entries.reduce((sum, { message }) => sum + message.size, 0)
  wrong('ready messages', queue.ready, ready.length)
  wrong('ready bytes', queue.readyBytes, size(ready))
  wrong('ready messages per level', sum(queue.priorityLengths), ready.length)
  wrong('unacknowledged messages', queue.outlets.count, unacked.length)
  wrong('unacknowledged bytes', queue.outlets.bytes, size(unacked))
  const views = [...ready, ...unacked].filter(({ message }) => !message['kept'])
  wrong('bodies that are views of what a socket read', 0, views.length)
  const stored = [...ready, ...unacked].filter((entry) => entry.stored)
  wrong('messages on disk', queue.disk.count, stored.length)
  wrong('bytes on disk', queue.disk.bytes, size(stored))
  wrong(
    'message ids',
    new Set([...ready, ...unacked].map(({ id }) => id)).size,
    ready.length + unacked.length,
  )
  for (const consumer of queue.consumers.all) {
    const held = unacked.filter((entry) => entry.consumer === consumer).length
    wrong(`deliveries of consumer ${consumer.options.consumerTag}`, consumer.unacked, held)
    if (consumer.cancelled) faults.push(`queue ${name}: a consumer that has ended is still there`)
  }
  for (const [what, count] of Object.entries(queue.counts))
    if (count < 0) faults.push(`queue ${name}: negative count of ${what}`)
  checkOrder(ready, name, faults)
  checkIdle(queue, faults)
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)

function checkOrder(ready: readonly { id: number; level: number }[], name: string, faults: string[]): void {
  const last = new Map<number, number>()
  for (const { id, level } of ready) {
    if (id <= (last.get(level) ?? 0)) faults.push(`queue ${name}: ready messages out of order`)
    last.set(level, id)
  }
}

/** With ready messages there is no consumer that could be sent one, unless its channel as a whole has a limit. */
function checkIdle(queue: Queue, faults: string[]): void {
  if (queue.ready === 0) return
  const { consumers } = queue
  const free = (consumer: Consumer) =>
    consumer.eligible &&
    (queue.settings.singleActiveConsumer !== true || consumers.active === consumer) &&
    !queue.outlets['byChannel'].get(consumer.channel.channel)?.limited
  if (consumers.all.some(free))
    faults.push(`queue ${queue.identity.name}: a ready message and a consumer wait for one another`)
}

/** What connections have left behind; `open`: the ids of those that are still there. */
export function leftBehind(cluster: Cluster, open: ReadonlySet<number>): string[] {
  const faults: string[] = []
  for (const node of nodesOf(cluster)) {
    const left = (what: string, count: number) => {
      if (count > 0) faults.push(`${what} left behind on a node: ${count}`)
    }
    const connections = [...node.connections.keys()].filter((id) => !open.has(id))
    left('connections', connections.length)
    const channels = [...node.channels.values()].filter(
      (channel) => !open.has((channel as unknown as { owner: { id: number } }).owner.id),
    )
    left('channels', channels.length)
    const { definitions } = node
    const owned = [...definitions.queues.values()].filter(
      ({ exclusiveOwner, state }) =>
        exclusiveOwner !== null && state === 'running' && !open.has(exclusiveOwner),
    )
    left('exclusive queues', owned.length)
    left('reply-to addresses', definitions.replyAddresses.size)
    left('requests', node['requests']['pending'].size)
    for (const mirror of node.replicas.mirrors.values()) {
      // What a channel that goes at the moment of a failover leaves behind stays as long as the queue: nobody is left
      // who could tell; so does one that goes while nobody leads. Those below zero are queues that send dead letters.
      const led = definitions.queuesById.get(mirror.queue)?.state === 'running'
      if (mirror.term > 1 || !led) continue
      const senders = [...mirror['senders'].keys()].filter((channel) => channel > 0)
      left('senders known to mirrors', senders.length)
    }
    for (const queue of node.leaders.values()) {
      if (queue.identity.exclusive) continue
      left('consumers', queue.consumers.all.length)
      left('unacknowledged messages', queue.outlets.count)
      left('outlets of channels', queue.outlets['byChannel'].size)
      left('confirms', queue['confirms']['pending'].length)
      // Ended consumers may stand in line a while; there is a bound, and it is a small one.
      if (sum([...queue.consumers['rings'].values()].map((ring) => ring.length)) > 64)
        left('consumers in line', 65)
    }
  }
  for (const link of cluster.allLinks())
    if (link.state === 'up' && link['messages'].length > 0)
      faults.push(`messages under way on a link: ${link['messages'].length}`)
  return faults
}

/** What is left when every queue has been deleted too and an hour has passed: nothing, and no timer. */
export function remains(cluster: Cluster): string[] {
  const faults: string[] = []
  const left = (what: string, count: number) => {
    if (count > 0) faults.push(`after everything was deleted: ${what}: ${count}`)
  }
  for (const member of cluster.members) {
    const { node } = member
    if (node === null) continue
    left('connections', node.connections.size)
    left('channels', node.channels.size)
    left('leaders', node.leaders.size)
    left('mirrors', node.replicas.mirrors.size)
    left('queues', node.definitions.queues.size)
    left('bindings', [...node.definitions.bindings].filter(isOwn).length)
    left('requests', node['requests']['pending'].size)
    left('senders of dead letters', node.replicas['host']['deadLetterers'].size)
    left('leaders that wait for the disk', node.replicas['awaitingStore'].size)
    const store = member.store as unknown as Record<'images', Map<number, unknown>> &
      Record<'appends' | 'lazies', { length: number }>
    left('queues on disk', store.images.size)
    left('appends', store.appends.length)
    left('journal records', store.lazies.length)
  }
  for (const link of cluster.allLinks()) left('messages on links', link['messages'].length)
  const { now, peer } = cluster.loop.nextDue()
  if (now !== Infinity || peer !== Infinity) faults.push('after everything was deleted: a timer')
  left('events', cluster.loop['agenda']['heap'].length + cluster.loop['peerAgenda']['heap'].length)
  left(
    'turns',
    cluster.loop['readyNow'].length + cluster.loop['turnEnd'].length + cluster.loop['outputs'].length,
  )
  return faults
}

/** Not one between the exchanges that are always there. */
const isOwn = ({ source, destination }: BindingRecord) =>
  destination.kind === 'queue' || !isPredeclared(source.name) || !isPredeclared(destination.name)

const isPredeclared = (exchange: string) => exchange === '' || exchange.startsWith('amq.')

/** Mirrors that are said to be synchronised hold what their leader holds. Only for a whole cluster at rest. */
export function mirrorFaults(cluster: Cluster): string[] {
  const faults: string[] = []
  for (const node of nodesOf(cluster))
    for (const queue of node.leaders.values()) {
      const record = node.definitions.queuesById.get(queue.identity.id)
      for (const { node: name, synced } of record?.mirrors ?? []) {
        const mirror = cluster.member(name).node?.replicas.mirrors.get(queue.identity.id)
        if (mirror === undefined) faults.push(`queue ${queue.identity.name}: no mirror on ${name}`)
        else if (synced && mirror.depth !== queue.depth)
          faults.push(
            `queue ${queue.identity.name}: a synchronised mirror holds ${mirror.depth} of ${queue.depth}`,
          )
      }
    }
  return faults
}
