// What a node's view leaves out: whatever is beyond its own island.

import { expect, test } from 'vitest'
import { type Context, View } from '../../admin-ui/view.ts'
import { createRecord } from '../../nodes/channel-queues.ts'
import { Cluster } from '../../nodes/cluster.ts'
import { observed } from '../../nodes/timings.ts'
import { parsePolicy } from '../../policies/policy.ts'

test('a leader on the other side of a partition is not seen while its successor is not yet promoted', () => {
  const none = { minMs: 0, maxMs: 0 }
  const cluster = new Cluster({ nodes: 2, timings: { ...observed, notice: none, mirrorStart: none } })
  const [one, two] = cluster.members
  cluster.setPolicy(one!.name, parsePolicy('/', 'ha', { pattern: 'm', definition: { 'ha-mode': 'all' } }))
  const where = { vhost: '/', name: 'm', durable: true, autoDelete: false, exclusiveOwner: null }
  const record = createRecord(one!.node!, { ...where, arguments: new Map() })
  const channel = { node: one!.name, channel: cluster.nextId() }
  one!.node!.request(cluster.nextId(), { answered: () => {} }, channel, record, { op: 'create' })
  cluster.loop.runUntil(1000)
  const view = () => new View({ live: { cluster } } as unknown as Context, two!, two!.node!)
  const seen = () => view().leaderOf(view().definitions.queue('/', 'm')!)
  expect(seen()).toBe(one!.node!.leaders.get(record.id))

  cluster.partition([[one!.name]])
  cluster.loop.runUntil(1001)
  expect(seen()).toBeNull()
  cluster.loop.runUntil(2000)
  expect(seen()).toBe(two!.node!.leaders.get(record.id))
  expect(seen()).not.toBeNull()
})
