// A queue as a node's HTTP API shows it, reduced to what two brokers must have in common. Used by `drive`.

import type { QueueView } from '../outcome.ts'
import type { NodeNumber, QueueExpectation } from '../steps.ts'
import { commonNames, request, type Site } from './site.ts'

interface Entry {
  readonly name: string
  readonly state?: string
  readonly node?: string
  readonly slave_nodes?: readonly string[]
  readonly synchronised_slave_nodes?: readonly string[]
  readonly messages_ready?: number
  readonly messages_unacknowledged?: number
  readonly consumers?: number
  readonly policy?: string | null
}

/** Null when the node does not list the queue. A node that does not answer shows a state `node silent`. */
export async function queueView(
  site: Site,
  node: NodeNumber,
  vhost: string,
  queue: string,
): Promise<QueueView | null> {
  const { status, body } = await request(site, node, 'GET', `queues/${encodeURIComponent(vhost)}`)
  if (status !== 200 || !Array.isArray(body)) return { state: 'node silent' }
  const entry = (body as Entry[]).find(({ name }) => name === queue)
  if (entry === undefined) return null
  const common = (name: string) => commonNames(name, site, vhost)
  return {
    ...(entry.state === undefined ? {} : { state: entry.state }),
    ...(entry.node === undefined ? {} : { leader: common(entry.node) }),
    ...(entry.slave_nodes === undefined ? {} : { mirrors: entry.slave_nodes.map(common) }),
    // The order of this list means nothing (docs/observed.md §4.8).
    ...(entry.synchronised_slave_nodes === undefined
      ? {}
      : { synchronised: entry.synchronised_slave_nodes.map(common).sort() }),
    ...(entry.messages_ready === undefined ? {} : { ready: entry.messages_ready }),
    ...(entry.messages_unacknowledged === undefined ? {} : { unacked: entry.messages_unacknowledged }),
    ...(entry.consumers === undefined ? {} : { consumers: entry.consumers }),
    ...(entry.policy == null || entry.policy === '' ? {} : { policy: entry.policy }),
  }
}

/** True when `view` is all that is expected. */
export function matches(view: QueueView | null, expected: QueueExpectation): boolean {
  if (view === null) return expected.state === 'absent'
  const { leader, mirrors, synchronised, ...rest } = expected
  const same = (
    names: readonly string[] | undefined,
    numbers: readonly number[] | undefined,
    sorted: boolean,
  ) => {
    if (numbers === undefined) return true
    const wanted = numbers.map((number) => `node${number}`)
    return (names ?? []).join() === (sorted ? wanted.sort() : wanted).join()
  }
  return (
    (leader === undefined || view.leader === `node${leader}`) &&
    same(view.mirrors, mirrors, false) &&
    same(view.synchronised, synchronised, true) &&
    Object.entries(rest).every(([name, value]) => view[name as keyof QueueView] === value)
  )
}
