// The examples are run as the stories they are; what they end with must be what RabbitMQ does (docs/observed.md).
import { expect, test } from 'vitest'
import { main as mirroredFailover } from '../../examples/mirrored-failover.ts'
import { main as ordinaryCluster } from '../../examples/ordinary-cluster.ts'
import { main as policyChange } from '../../examples/policy-change.ts'

const telling = () => {
  const lines: string[] = []
  return { lines, log: (line: string) => void lines.push(line) }
}

test('ordinary-cluster: a dead owner means 404, silent loss of publishes, and its messages on return', async () => {
  const { lines, log } = telling()
  const story = await ordinaryCluster(log)
  expect(story.held).toEqual(['order 0', 'order 1', 'order 2'])
  expect(story.refusal).toBe(
    "NOT_FOUND - home node 'rabbit@node3' of durable queue 'orders' in vhost '/' is down or inaccessible",
  )
  expect(story.returned).toBe('312 NO_ROUTE')
  expect(story.bodies).toEqual(Array.from({ length: 10 }, (_, i) => `order ${i}`))
  expect(story.redelivered).toBe(10)
  expect(lines.length).toBeGreaterThan(8)
})

test('mirrored-failover: killing the leader loses nothing and repeats what was unacknowledged', async () => {
  const { lines, log } = telling()
  const story = await mirroredFailover(log)
  expect(story.first.leader).toBe('rabbit@node1')
  expect([...story.first.mirrors].sort()).toEqual(['rabbit@node2', 'rabbit@node3'])
  expect(story.second.leader).toBe(story.first.mirrors[0])
  expect(story.seen).toBe(1100)
  expect(story.duplicates).toBeGreaterThanOrEqual(20)
  expect(story.redelivered).toBeGreaterThanOrEqual(500)
  expect(story.cancelled).toBe(false)
  expect(story.left).toBe(0)
  expect(lines.at(-1)).toBe('The queue is empty. Nothing was lost.')
})

test('policy-change: the leader moves to the named nodes, and no message with it is lost', async () => {
  const { lines, log } = telling()
  const story = await policyChange(log)
  expect(story.exactly.leader).toBe('rabbit@node1')
  expect(story.exactly.mirrors).toHaveLength(1)
  expect([story.nodes.leader, ...story.nodes.mirrors].sort()).toEqual(['rabbit@node2', 'rabbit@node3'])
  expect(story.none).toEqual({ leader: story.nodes.leader, mirrors: [], synchronised: [] })
  expect(story).toMatchObject({ read: 200, inOrder: true })
  expect(lines.length).toBeGreaterThan(4)
})
