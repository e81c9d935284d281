// After a promotion the remaining mirrors are told what the new leader holds. What each lacks is counted once and exactly:
// a mirror that has everything is synchronised although publishes go on, one that does not becomes so only when it has.
import { describe, expect, test } from 'vitest'
import type { Client } from '../../compare/client.ts'
import { EmulatedTarget } from '../../compare/targets/emulated.ts'
import { encodeProperties } from '../../nodes/amqp/content.ts'
import type { QueueRecord } from '../../nodes/definitions.ts'
import { Entry, Message } from '../../nodes/message.ts'
import { Mirror } from '../../nodes/replication-mirror.ts'
import { clientOf, targetWithQueue } from './emulated-queue.ts'

const [first, second, third] = ['rabbit@node1', 'rabbit@node2', 'rabbit@node3'] as const

function recordOf(target: EmulatedTarget): QueueRecord {
  return target.cluster.islands[0]!.definitions.queue('/', 'work')!
}

/** A mirrored queue led by node 1 with a publisher on node 3 that sends a message every 2 ms. */
function busyCluster(seed: number, consumerOn: string | null): EmulatedTarget {
  const target = targetWithQueue(seed, { 'ha-mode': 'all' })
  if (consumerOn !== null) {
    const consumer: Client = clientOf(target, consumerOn, {
      opened: () => consumer.consume('work', 100),
      delivered: (tag) => target.after(20, () => consumer.ack(tag)),
    })
  }
  const persistent = encodeProperties({ deliveryMode: 2 })
  const publish = () => {
    publisher.publish('work', persistent, Buffer.alloc(1000))
    target.after(2, publish)
  }
  const publisher: Client = clientOf(target, third, {
    opened: () => publisher.confirmSelect(),
    answered: publish,
  })
  target.runUntil(1000)
  return target
}

describe('a mirror that has all the new leader has', () => {
  test.each([1, 2, 3])(
    'is synchronised right after the promotion, though publishes never cease (seed %i)',
    (seed) => {
      const target = busyCluster(seed, null)
      target.cluster.kill(first)
      target.runUntil(1500)
      const record = recordOf(target)
      expect([record.leader, record.term]).toEqual([second, 2])
      expect(target.depth('work')).toBeGreaterThan(600)
      expect(record.mirrors).toEqual([{ node: third, synced: true }])
    },
  )

  test('may therefore take over when the new leader is stopped in turn', () => {
    const target = busyCluster(4, second)
    target.cluster.kill(first)
    target.runUntil(1500)
    target.cluster.stop(second)
    target.runUntil(2000)
    expect([recordOf(target).leader, recordOf(target).state]).toEqual([third, 'running'])
  })
})

describe('a mirror that joined late', () => {
  test('stays unsynchronised after a promotion until the messages it lacks are gone, and not before', () => {
    const target = busyCluster(5, null)
    target.cluster.kill(third)
    target.runUntil(1500)
    target.cluster.start(third)
    target.runUntil(8000)
    const old = target.depth('work')
    const record = recordOf(target)
    expect(record.mirrors).toContainEqual({ node: third, synced: false })
    target.cluster.kill(first)
    target.runUntil(9000)
    expect([record.leader, record.mirrors]).toEqual([second, [{ node: third, synced: false }]])
    let taken = 0
    let syncedAfter = Infinity
    const consumer: Client = clientOf(target, second, {
      opened: () => consumer.consume('work', 1),
      delivered: (tag) => {
        taken++
        consumer.ack(tag)
        if (record.mirrors[0]?.synced) syncedAfter = Math.min(syncedAfter, taken)
      },
    })
    target.runUntil(30_000)
    expect(taken).toBeGreaterThan(old)
    expect(record.mirrors).toEqual([{ node: third, synced: true }])
    expect(syncedAfter).toBeGreaterThan(400)
    expect(syncedAfter).toBeLessThanOrEqual(old + 2)
  })
})

describe('an adopting mirror', () => {
  const message = new Message('', 'work', Buffer.from([0, 0]), Buffer.alloc(1), false, 0, -1)
  const entries = (ids: number[]) => ids.map((id) => new Entry(id, message, Infinity, 0))
  const mirrorFrom = (fromId: number) => {
    const { store } = new EmulatedTarget(1, 1).cluster.members[0]!
    return new Mirror(1, 1, fromId, false, store)
  }

  test('names what it lacks, takes what it may hold and drops the rest', () => {
    const mirror = mirrorFrom(10)
    mirror.synchronise(entries([8, 10, 11, 12]), true, true)
    expect(mirror.adopt(2, 14, entries([7, 8, 9, 11, 13]))).toEqual([7, 9])
    expect(mirror.promote().entries.map(({ id }) => id)).toEqual([8, 11, 13])
  })

  test.each([
    ['was being filled', [5, 6], [5, 6]],
    ['is left with a cancelled filling', [8, 13], [8]],
  ])('that %s holds nothing of it', (how, ids, lacking) => {
    const mirror = mirrorFrom(10)
    mirror.synchronise(entries([5, 6]), true, false)
    if (how !== 'was being filled') mirror.notSynchronised(12)
    expect(mirror.adopt(2, 14, entries(ids))).toEqual(lacking)
  })

  test('lacks nothing when it was there from the start', () => {
    expect(mirrorFrom(1).adopt(2, 4, entries([1, 2, 3]))).toEqual([])
  })
})
