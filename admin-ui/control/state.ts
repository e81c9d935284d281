// What the control API tells of the cluster as a whole, above any one node's view: states, islands, links, events.

import type { Member } from '../../nodes/cluster-member.ts'
import { knownTo } from '../../nodes/cluster-membership.ts'
import type { MessageRecord } from '../../nodes/trace-messages.ts'
import { badRequest } from '../http-error.ts'
import type { Context } from '../view.ts'

/** Every node, whether it runs or not. */
export function nodeStates({ live, ports }: Context) {
  const { cluster } = live
  return cluster.members.map((member) => {
    const port = ports.plain.find((listener) => listener.member === member)?.port ?? 0
    return {
      name: member.name,
      state: member.state,
      url: `amqp://127.0.0.1:${port}`,
      port,
      api: `/node/${member.name}/api`,
      island: cluster.runningWith(member.name),
      cluster: [...knownTo(member).keys()],
      partitions: member.state === 'running' ? cluster.partitionsSeenBy(member.name) : [],
      connections: member.node?.connections.size ?? 0,
      leaders: member.node?.leaders.size ?? 0,
      mirrors: mirrorsOn(member),
    }
  })
}

function mirrorsOn({ name, island }: Member): number {
  const records = island === null ? [] : [...island.definitions.queues.values()]
  return records.filter((record) => record.mirrors.some((mirror) => mirror.node === name)).length
}

/** Every directed link with what has crossed it, by kind, as a real cluster would have sent it. */
export function linkStates({ live }: Context) {
  return [...live.cluster.allLinks()].map(({ from, to, state, delayMs, meters }) => ({
    from,
    to,
    state,
    delay_ms: delayMs,
    meters,
  }))
}

/** The events from number `since` on; `next` is the `since` of the next question. */
export function eventsSince({ live }: Context, since: number) {
  const { trace } = live.cluster
  const first = Math.max(since, trace.dropped)
  const events = [...trace.events(since)].map((event, i) => ({ number: first + i, ...event }))
  return { next: trace.count, dropped: trace.dropped, events }
}

/** Most records in one answer. */
const recordsMost = 10_000

/** The steps of messages from number `since` on, of one queue where it is named; `next` is the `since` of the next question. */
export function messagesSince({ live }: Context, since: number, queue?: string) {
  const { messages } = live.cluster.trace
  if (messages === null) throw badRequest('Messages are not traced: start Warren with --trace messages.')
  const records: MessageRecord[] = []
  let next = messages.count
  for (const record of messages.records(since, queue)) {
    if (records.length === recordsMost) {
      next = record.number
      break
    }
    records.push(record)
  }
  return { next, dropped: messages.dropped, records }
}
