// Where a policy puts leader and mirrors when a queue is declared and when nodes come and go
// (docs/observed.md §0.8, §1.6, §0.14, §4.7, §4.10).
import { describe, expect, test } from 'vitest'
import { until } from '../support/clients.ts'
import { bodies, fill, nodeName, scene } from './scene.ts'

const cluster = scene()

const declare = async (number: number, name: string, options = {}) => {
  const { channel } = await cluster.client(number)
  await channel.assertQueue(name, options)
  return channel
}
const nodes = (...numbers: number[]) => ({ 'ha-mode': 'nodes', 'ha-params': numbers.map(nodeName) })
const exactly = (count: number) => ({ 'ha-mode': 'exactly', 'ha-params': count })

describe('ha-mode all', () => {
  test('puts the leader on the declaring node and synchronised mirrors on all others', async () => {
    await cluster.policy({ 'ha-mode': 'all' })
    await declare(3, 'q')
    expect(cluster.leader('q')).toBe(3)
    await cluster.mirrorsBecome('q', '1', '2')
  })

  test('gives a node that starts a mirror', async () => {
    await cluster.node(2).kill()
    await cluster.policy({ 'ha-mode': 'all' })
    await declare(1, 'q')
    await cluster.mirrorsBecome('q', '3')
    await cluster.node(2).start()
    await cluster.mirrorsBecome('q', '3', '2')
  })
})

describe('ha-mode exactly (docs/observed.md §1.6, §4.7)', () => {
  test('2 chooses either of the other nodes for the mirror', async () => {
    await cluster.policy(exactly(2))
    const { channel } = await cluster.client(1)
    const chosen = new Set<string>()
    for (const name of bodies(24, 'q')) {
      await channel.assertQueue(name)
      const mirrors = cluster.mirrors(name)
      expect([cluster.leader(name), mirrors.length]).toEqual([1, 1])
      chosen.add(mirrors[0]!)
    }
    expect([...chosen].sort()).toEqual(['2', '3'])
  })

  test('1 has no mirror', async () => {
    await cluster.policy(exactly(1))
    await declare(2, 'q')
    expect([cluster.leader('q'), cluster.mirrors('q')]).toEqual([2, []])
  })

  test('more than there are nodes is all of them', async () => {
    await cluster.policy(exactly(5))
    await declare(1, 'q')
    await cluster.mirrorsBecome('q', '2', '3')
  })

  test('3 with a node down gets one mirror, and the second when the node starts', async () => {
    await cluster.node(3).stop()
    await cluster.policy(exactly(3))
    await declare(1, 'q')
    expect(cluster.mirrors('q')).toEqual(['2'])
    await cluster.node(3).start()
    await cluster.mirrorsBecome('q', '2', '3')
  })

  test('2 replaces a mirror that is killed by one on the third node, which has not the old messages', async () => {
    await cluster.policy(exactly(2))
    const channel = await declare(1, 'q')
    await fill(channel, 'q', bodies(10))
    const lost = Number(cluster.mirrors('q')[0])
    const third = 5 - lost
    await cluster.node(lost).kill()
    await cluster.mirrorsBecome('q', `${third}?`)
    // The old one is not wanted any more when it returns.
    await cluster.node(lost).start()
    expect(cluster.mirrors('q')).toEqual([`${third}?`])
    // And the leader, when it is killed in turn, is followed by the mirror without the messages.
    await cluster.node(1).kill()
    await until('the third node leads', () => cluster.leader('q') === third)
    await cluster.mirrorsBecome('q', `${lost}`)
    const { channel: other } = await cluster.client(third)
    expect((await other.checkQueue('q')).messageCount).toBe(0)
    await cluster.node(1).start()
    expect([cluster.leader('q'), cluster.mirrors('q')]).toEqual([third, [`${lost}`]])
  })
})

describe('ha-mode nodes (docs/observed.md §1.6)', () => {
  test.each([
    ['through a listed node, the leader is there', [2, 3], 3, 3, ['2']],
    ['through another node, it is on the lowest listed one', [2, 3], 1, 2, ['3']],
    ['whatever the order of the list', [3, 2], 1, 2, ['3']],
    ['a list of one has no mirror', [3], 1, 3, []],
    ['unknown nodes are passed over', [9, 2, 8], 1, 2, []],
    ['without any known node the leader is on the declaring node', [8, 9], 2, 2, []],
  ])('%s', async (_what, list, through, leader, mirrors) => {
    await cluster.policy(nodes(...list))
    await declare(through, 'q')
    expect([cluster.leader('q'), cluster.mirrors('q')]).toEqual([leader, mirrors])
  })

  test('passes over a listed node that is down, and gives it a mirror when it starts', async () => {
    await cluster.node(2).kill()
    await cluster.policy(nodes(2, 3))
    await declare(1, 'q')
    expect([cluster.leader('q'), cluster.mirrors('q')]).toEqual([3, []])
    await cluster.node(2).start()
    await cluster.mirrorsBecome('q', '2')
    expect(cluster.leader('q')).toBe(3)
  })
})

describe('a mirror that is added to a queue', () => {
  test('is synchronised at once when the queue is empty', async () => {
    const channel = await declare(1, 'q')
    await fill(channel, 'q', ['gone'])
    await channel.purgeQueue('q')
    await cluster.mirrorAll()
    await cluster.mirrorsBecome('q', '2', '3')
  })

  test('is not when it has messages and ha-sync-mode is manual', async () => {
    await fill(await declare(1, 'q'), 'q', bodies(5))
    await cluster.mirrorAll()
    await cluster.mirrorsBecome('q', '2?', '3?')
  })

  test('is when ha-sync-mode is automatic', async () => {
    await fill(await declare(1, 'q'), 'q', bodies(5))
    await cluster.mirrorAll({ 'ha-sync-mode': 'automatic', 'ha-sync-batch-size': 2 })
    await cluster.mirrorsBecome('q', '2', '3')
  })
})

describe('what is mirrored (docs/observed.md §4.10)', () => {
  test('is never an exclusive queue, though its policy shows', async () => {
    await cluster.policy({ 'ha-mode': 'all' })
    await declare(1, 'q', { exclusive: true })
    expect([cluster.record('q')?.policy?.name, cluster.mirrors('q')]).toEqual(['p', []])
  })

  test.each<[string, object]>([
    ['a queue that is not durable', { durable: false }],
    ['an auto-delete queue', { autoDelete: true }],
    ['a queue that expires', { expires: 60_000 }],
    ['a priority queue', { maxPriority: 5 }],
  ])('is %s', async (_what, options) => {
    await cluster.policy({ 'ha-mode': 'all' })
    await declare(1, 'q', options)
    await cluster.mirrorsBecome('q', '2', '3')
  })
})

describe('POST /api/queues/VHOST/NAME/actions', () => {
  const managed = scene({ adminPort: 0 })

  test('with {"action":"sync"} synchronises the mirrors', async () => {
    const { channel } = await managed.client(1)
    await channel.assertQueue('q')
    await fill(channel, 'q', bodies(20))
    await managed.mirrorAll()
    await managed.mirrorsBecome('q', '2?', '3?')
    const answer = await fetch(`${managed.cluster.adminUrl}/api/queues/%2F/q/actions`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('guest:guest')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ action: 'sync' }),
    })
    expect(answer.status).toBe(204)
    await managed.mirrorsBecome('q', '2', '3')
  })
})
