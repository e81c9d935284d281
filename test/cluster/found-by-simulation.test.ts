// What simulated seeds have found (npm run simulate), each as the smallest case of its own: a seed's run changes with every
// change of the simulation, these do not.
import { describe, expect, test } from 'vitest'
import { joinCluster } from '../../nodes/cluster-membership.ts'
import { observed } from '../../nodes/timings.ts'
import { nodeName } from './scene.ts'
import { World } from './world.ts'

describe('found by simulation:', () => {
  test('what is sent into a link that is cut and mended at once is not confirmed by what follows', () => {
    const world = new World()
    world.client(1).declare('q')
    const client = world.client(2).confirming()
    world.cut([1], [2, 3])
    client.publish('q', 'lost')
    world.heal()
    client.publish('q', 'later')
    world.run(2000)
    expect(client.outcome(1)).not.toBe('ack')
  })

  test('a publish on its way while a policy moves the leader reaches the new one, once', () => {
    const world = new World()
    world.client(1).declare('q')
    const client = world.client(2).confirming()
    for (const link of world.cluster.allLinks()) link.delayMs = 20
    client.publish('q', 'm')
    world.policy({ 'ha-mode': 'nodes', 'ha-params': [nodeName(3)] }, { pattern: '^q' })
    client.publish('q', 'n')
    world.run(2000)
    expect(world.replicas('q')).toBe('3 []')
    expect([client.outcome(1), client.outcome(2)]).toEqual(['ack', 'ack'])
    expect(
      world
        .client(3)
        .drain('q')
        .map((body) => body.replace('*', '')),
    ).toEqual(['m', 'n'])
  })

  test('what a crash has marked as redelivered stays marked after a clean restart', () => {
    const world = new World({ nodes: 1 })
    const client = world.client(1).confirming()
    client.declare('q')
    client.fill('q', ['m'])
    world.run(500)
    world.kill(1)
    world.run(100)
    world.started(1)
    world.run(500)
    world.stop(1)
    world.run(500)
    world.started(1)
    expect(world.client(1).drain('q')).toEqual(['m*'])
  })

  test('a single consumer on another node under a channel-wide prefetch waits for its acknowledgements', () => {
    const world = new World()
    const publisher = world.client(1).confirming()
    publisher.declare('q')
    const consumer = world.client(2)
    consumer.prefetch(2, true)
    consumer.consume('q', 'c')
    publisher.fill('q', ['a', 'b', 'c', 'd'])
    world.run(100)
    expect(consumer.delivered).toEqual(['a', 'b'])
    consumer.ack(1)
    world.run(100)
    expect(consumer.delivered).toEqual(['a', 'b', 'c'])
  })

  test('a death that a frozen node slept through is dealt with when it goes on', () => {
    const world = new World()
    world.policy({ 'ha-mode': 'all' }, { pattern: '^q' })
    world.client(2).declare('q')
    world.cluster.freeze(nodeName(2))
    world.run(10)
    for (const number of [1, 3]) world.kill(number)
    world.run(100)
    world.cluster.thaw(nodeName(2))
    world.run(100)
    expect(world.replicas('q', 2)).toBe('2 []')
    world.started(1)
    world.run(1000)
    expect(world.replicas('q', 2)).toBe('2 [1]')
  })
  test('a node that joins one side of a cut changes nothing for a leader on the other', () => {
    // It joins while its side still waits for its own mirror to take over.
    const promotion = { minMs: 60_000, maxMs: 60_000 }
    const world = new World({ nodes: 4, timings: { ...observed, promotion } })
    world.policy({ 'ha-mode': 'all' }, { pattern: '^q' })
    const client = world.client(1).confirming()
    client.declare('q')
    for (const number of [3, 4]) world.kill(number)
    world.run(1000)
    world.cut([1, 3], [2, 4])
    world.run(1000)
    for (const number of [3, 4]) world.started(number)
    expect(world.replicas('q', 1)).toBe('1 [3]')
    client.publish('q', 'm')
    world.run(1000)
    expect(client.outcome(1)).toBe('ack')
  })
  test('a leader of the other side that was heard again is lost by those of either side with the next cut', () => {
    const world = new World()
    world.policy({ 'ha-mode': 'nodes', 'ha-params': [nodeName(1), nodeName(2)] }, { pattern: '^q' })
    world.client(1).declare('q')
    const lonely = world.client(3).confirming()
    for (const state of ['waiting', 'running', 'waiting']) {
      if (state === 'running') world.heal()
      else world.cut([1, 2], [3])
      world.run(500)
      expect(world.record('q', 3)?.state).toBe(state)
    }
    const sent = lonely.publish('q', 'm')
    world.run(500)
    expect(lonely.outcome(sent)).toBe('nack')
  })
  test('a mirror to which the stream comes late knows no channel of a node that is lost', () => {
    const world = new World()
    world.policy({ 'ha-mode': 'all' }, { pattern: '^q' })
    world.client(1).declare('q')
    const client = world.client(2)
    world.cluster.link(nodeName(1), nodeName(3))!.delayMs = 1000
    client.publish('q', 'm')
    world.run(100)
    world.kill(2)
    world.run(3000)
    const mirror = world.cluster.member(nodeName(3)).node!.replicas.mirrors.get(world.record('q')!.id)!
    expect(mirror.depth).toBe(1)
    expect([...mirror['senders'].values()]).toEqual([])
  })
  test('a leader that others replaced while it stood still leaves them their mirrors', () => {
    const world = new World({ nodes: 4 })
    world.policy({ 'ha-mode': 'all' }, { pattern: '^q' })
    world.client(4).declare('q')
    // Those who wait for this one hear each other across the cut.
    world.policy({ 'ha-mode': 'nodes', 'ha-params': [nodeName(3)] }, { name: 'r', pattern: '^r' })
    world.client(3).declare('r')
    world.run(100)
    world.cluster.freeze(nodeName(4))
    world.cluster.noticeSilence()
    world.run(1000)
    expect(world.replicas('q', 1)).toBe('1 [2 3]')
    world.cluster.thaw(nodeName(4))
    world.run(1000)
    const client = world.client(1).confirming()
    client.publish('q', 'm')
    world.run(100)
    expect(client.outcome(1)).toBe('ack')
  })

  test('a leader that comes back just before its mirror takes over does not begin anew', () => {
    const world = new World()
    world.policy({ 'ha-mode': 'all' }, { pattern: '^q' })
    world.client(3).declare('q')
    world.run(100)
    world.client(3).confirming().fill('q', ['a', 'b'])
    world.kill(1)
    world.run(1000)
    world.cluster.freeze(nodeName(2))
    world.kill(3)
    world.run(1000)
    world.start(3)
    world.run(6000)
    expect(world.state(3)).toBe('waiting')
    world.cluster.thaw(nodeName(2))
    world.until('it runs', () => world.state(3) === 'running')
    world.client(3).publish('q', 'c')
    world.run(1000)
    const bodies = world.client(2).drain('q')
    expect(bodies.map((body) => body.replace('*', ''))).toEqual(['a', 'b', 'c'])
  })
  test('a paused node returns although somebody whom it does not know has joined the others', () => {
    const world = new World({ partitionHandling: 'pause_minority' })
    const { cluster } = world
    world.cut([3], [1, 2])
    world.until('it pauses', () => world.state(3) === 'paused')
    const { name } = cluster.addMember()
    cluster.become(cluster.member(name), 'app-stopped')
    joinCluster(cluster, name, nodeName(1))
    world.started(4)
    world.heal()
    world.until('it is back', () => world.state(3) === 'running')
    expect(cluster.islands.length).toBe(1)
  })
  test('what a channel sent before it went, and comes to a mirror later, does not come twice after a failover', () => {
    const world = new World()
    world.policy({ 'ha-mode': 'nodes', 'ha-params': [nodeName(1), nodeName(3)] }, { pattern: '^q' })
    world.client(1).declare('q')
    const client = world.client(2)
    world.run(100)
    world.cluster.link(nodeName(2), nodeName(3))!.delayMs = 500
    client.publish('q', 'm')
    client.send('channelClose', { replyCode: 200, replyText: '', classId: 0, methodId: 0 })
    world.run(2000)
    world.kill(1)
    world.run(1000)
    expect(world.replicas('q', 3)).toBe('3 []')
    expect(world.client(3).drain('q')).toEqual(['m*'])
  })

  test('what is lost on its way to a leader is not confirmed when that one is heard again before a mirror takes over', () => {
    const promotion = { minMs: 5000, maxMs: 5000 }
    const world = new World({ timings: { ...observed, promotion } })
    world.policy({ 'ha-mode': 'all' }, { pattern: '^q' })
    world.client(1).declare('q')
    world.run(100)
    const client = world.client(3).confirming()
    world.cut([1], [2, 3])
    client.publish('q', 'lost')
    world.run(1000)
    world.heal()
    world.run(1000)
    client.publish('q', 'later')
    world.run(100)
    expect(client.outcome(1)).toBe(undefined)
    world.run(10_000)
    expect(client.outcome(1)).toBe('ack')
    expect(
      world
        .client(3)
        .drain('q')
        .map((body) => body.replace('*', '')),
    ).toEqual(['lost', 'later'])
  })
  test('a node that stood still while the rest of its minority paused has lost whom they had lost', () => {
    const world = new World({ nodes: 4, partitionHandling: 'pause_minority' })
    world.client(1).declare('q')
    world.client(2).consume('q', 'c')
    world.kill(4)
    world.run(1000)
    world.cluster.freeze(nodeName(1))
    world.run(10)
    world.stop(2)
    world.until('the third pauses', () => world.state(3) === 'paused')
    for (const number of [2, 4]) world.start(number)
    world.cluster.thaw(nodeName(1))
    world.run(1000)
    expect(world.state(1)).toBe('running')
    expect(world.consumers('q')).toBe(0)
  })
  test('a leader and its heir that both go before that one takes over lose nothing that is on disk', () => {
    const promotion = { minMs: 5000, maxMs: 5000 }
    const world = new World({ nodes: 2, timings: { ...observed, promotion } })
    world.policy({ 'ha-mode': 'all' }, { pattern: '^q' })
    world.client(1).declare('q')
    world.run(100)
    world.client(1).confirming().fill('q', ['m'])
    world.policy({ 'ha-mode': 'nodes', 'ha-params': [nodeName(2)] }, { pattern: '^q' })
    world.run(1000)
    for (const number of [2, 1]) world.stop(number)
    world.run(1000)
    for (const number of [1, 2]) world.start(number)
    world.run(20_000)
    expect(
      world
        .client(1)
        .drain('q')
        .map((body) => body.replace('*', '')),
    ).toEqual(['m'])
  })

  test('what a mirror was filled with anew is on its disk', () => {
    const world = new World({ timings: observed })
    world.policy({ 'ha-mode': 'nodes', 'ha-params': [nodeName(1)] }, { pattern: '^q' })
    const one = world.client(1).confirming()
    one.declare('q')
    one.fill('q', ['before'])
    world.policy({ 'ha-mode': 'nodes', 'ha-params': [nodeName(1), nodeName(2)] }, { pattern: '^q' })
    world.until('a mirror', () => world.replicas('q') === '1 [2?]')
    // The mirror has this one already when it is filled: it forgets it and is given it again.
    one.fill('q', ['after'])
    world.policy(
      { 'ha-mode': 'nodes', 'ha-params': [nodeName(2)], 'ha-sync-mode': 'automatic' },
      { pattern: '^q' },
    )
    world.until('it leads', () => world.replicas('q') === '2 []')
    world.run(1500)
    world.kill(2)
    world.run(100)
    world.started(2)
    world.until('it leads again', () => world.depth('q') >= 0)
    expect(world.client(2).drain('q')).toEqual(['before*', 'after*'])
  })
})
