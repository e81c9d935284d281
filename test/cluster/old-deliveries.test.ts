// Deliveries of an earlier leader, settled under a later one: they may settle the message they were of, and no other
// (docs/observed.md §0.2, §11).
import { expect, test } from 'vitest'
import type { Client } from '../../compare/client.ts'
import type { EmulatedTarget } from '../../compare/targets/emulated.ts'
import { emptyProperties } from '../../nodes/amqp/content.ts'
import { clientOf, targetWithQueue } from './emulated-queue.ts'

const [first, second, third] = ['rabbit@node1', 'rabbit@node2', 'rabbit@node3'] as const

function client(target: EmulatedTarget, node: string, opened: (self: Client) => void) {
  const tags: number[] = []
  const bodies: string[] = []
  const self: Client = clientOf(target, node, {
    opened: () => opened(self),
    delivered: (tag, _, body) => {
      tags.push(tag)
      bodies.push(body.toString())
    },
    cancelled: () => self.later(() => self.consume('work', 100)),
    channelClosed: (code, text) => {
      throw new Error(`channel closed: ${code} ${text}`)
    },
  })
  return { self, tags, bodies }
}

test('an old tag does not settle a message of the same queue that came after its owner’s return', () => {
  const target = targetWithQueue(1, null)
  const consumer = client(target, third, (self) => self.consume('work', 100))
  const publisher = client(target, second, () => {})
  target.runUntil(200)
  // Transient: the owner's disk knows nothing of it.
  publisher.self.publish('work', emptyProperties, Buffer.from('old'))
  target.runUntil(300)
  expect(consumer.bodies).toEqual(['old'])

  // An earlier second try would be refused, and the old channel with it.
  consumer.self.later = (task) => target.after(6000, task)
  target.cluster.kill(first)
  target.runUntil(310)
  target.cluster.start(first)
  target.runUntil(10_000)
  publisher.self.publish('work', emptyProperties, Buffer.from('new'))
  target.runUntil(10_100)
  expect(consumer.bodies).toEqual(['old', 'new'])

  consumer.self.ack(consumer.tags[0]!)
  target.runUntil(10_200)
  expect(target.depth('work')).toBe(1)
  consumer.self.ack(consumer.tags[1]!)
  target.runUntil(10_300)
  expect(target.depth('work')).toBe(0)
})

test('an old tag does not settle another message after a promotion', () => {
  const target = targetWithQueue(1, { 'ha-mode': 'nodes', 'ha-params': [first, third] })
  const consumer = client(target, second, (self) => self.consume('work', 100))
  const near = client(target, first, () => {})
  const far = client(target, third, () => {})
  target.runUntil(200)
  // The leader delivers a message and dies before anything of it has reached the mirror.
  target.cluster.link(first, third)!.delayMs = 50
  near.self.publish('work', emptyProperties, Buffer.from('old'))
  target.runUntil(210)
  target.cluster.kill(first)
  target.runUntil(1000)
  far.self.publish('work', emptyProperties, Buffer.from('new'))
  target.runUntil(1100)
  expect(consumer.bodies).toEqual(['old', 'new'])
  consumer.self.ack(consumer.tags[0]!)
  target.runUntil(1200)
  expect(target.depth('work')).toBe(1)
})
