// What can happen within a millisecond of a failover, played in virtual time: requests that meet a queue without leader,
// heirs that die, channels that go, syncs that are cut short. Each of these once went wrong, or could.
import { describe, expect, test } from 'vitest'
import { bodies, redelivered } from './scene.ts'
import { World } from './world.ts'

const all = { 'ha-mode': 'all' }

/** A queue led by node 1, mirrored by 2 and 3. */
function mirrored(options = {}) {
  const world = new World(options)
  world.policy(all)
  const [one, two, three] = [1, 2, 3].map((number) => world.client(number).confirming())
  one!.declare('q')
  world.until('mirrors', () => /^1 \[. .\]$/.test(world.replicas('q')))
  world.run(10)
  return { world, one: one!, two: two!, three: three! }
}

/** Kills node 1 and waits until the others have noticed but nobody leads yet. */
function orphan(world: World) {
  world.kill(1)
  world.run(40)
  expect(world.depth('q')).toBe(-1)
}

const promoted = (world: World) => world.until('a new leader', () => world.depth('q') >= 0)

describe('between the loss of a leader and the promotion', () => {
  test('a consume waits, and makes one consumer', () => {
    const { world, one, three } = mirrored()
    one.fill('q', bodies(10))
    orphan(world)
    three.prefetch(2)
    three.beginConsume('q', 'c')
    promoted(world)
    three.awaited('basicConsumeOk')
    world.run(100)
    expect(world.consumers('q')).toBe(1)
    expect(three.delivered).toEqual(['m0*', 'm1*'])
    expect(three.heard.findIndex(({ name }) => name === 'basicConsumeOk')).toBeLessThan(
      three.heard.findIndex(({ name }) => name === 'basicDeliver'),
    )
  })

  test.each([2, 3])('a cancel from node %i ends the consumer for good', (number) => {
    const { world } = mirrored()
    const client = world.client(number)
    client.consume('q', 'c')
    orphan(world)
    client.send('basicCancel', { consumerTag: 'c', nowait: false })
    promoted(world)
    client.awaited('basicCancelOk')
    world.run(100)
    expect(world.consumers('q')).toBe(0)
  })

  test('a consumer whose channel closes does not come back', () => {
    const { world, three } = mirrored()
    three.consume('q', 'c')
    orphan(world)
    three.send('channelClose', { replyCode: 200, replyText: '', classId: 0, methodId: 0 })
    promoted(world)
    world.run(100)
    expect(world.consumers('q')).toBe(0)
  })

  test('a consumer that a leader had no time to answer does not come back after its channel closed', () => {
    const world = new World()
    world.policy({ 'ha-mode': 'nodes', 'ha-params': ['rabbit@node1', 'rabbit@node2'] })
    const three = world.client(3).confirming()
    world.client(1).declare('q')
    world.run(50)
    three.consume('q', 'c')
    three.fill('q', bodies(3))
    world.kill(1)
    promoted(world)
    // The channel has asked the new leader to go on, and that one dies before it can say yes.
    world.kill(2)
    world.run(1000)
    three.send('channelClose', { replyCode: 200, replyText: '', classId: 0, methodId: 0 })
    world.started(2)
    world.run(100)
    expect([world.depth('q'), world.consumers('q')]).toEqual([3, 0])
  })

  test('declare, get, purge and delete wait and are answered once', () => {
    const { world, one } = mirrored()
    one.fill('q', bodies(3))
    orphan(world)
    const asking = [world.client(2), world.client(2), world.client(2)]
    asking[0]!.send('basicGet', { queue: 'q', noAck: true })
    asking[1]!.send('queuePurge', { queue: 'q', nowait: false })
    asking[2]!.send('queueDelete', { queue: 'q', ifUnused: false, ifEmpty: false, nowait: false })
    world.run(500)
    expect(asking.map((client) => client.heard.slice(-1)[0]!.name)).toEqual([
      'basicGetOk',
      'queuePurgeOk',
      'queueDeleteOk',
    ])
    expect(world.record('q')).toBeUndefined()
  })

  test('a second kill is survived, and what was published meanwhile kept and acked', () => {
    const { world, one } = mirrored()
    one.fill('q', bodies(20))
    const heir = Number(world.replicas('q')[3])
    const last = world.client(5 - heir).confirming()
    orphan(world)
    const during = last.publish('q', 'during')
    world.kill(heir)
    world.until('the last one leads', () => world.replicas('q') === `${5 - heir} []`)
    world.until('the publish is answered', () => last.outcome(during) !== undefined)
    expect(last.outcome(during)).toBe('ack')
    // What a new leader enqueues itself is marked too (docs/observed.md §19).
    expect(last.drain('q')).toEqual(redelivered([...bodies(20), 'during']))
  })

  test('both mirrors killed leaves the queue down, and the old leader brings it back', () => {
    const { world, one } = mirrored()
    one.fill('q', bodies(5))
    orphan(world)
    world.kill(2)
    world.kill(3)
    world.run(1000)
    world.started(3)
    // It was the last to go, boots alone, and knows no leader that runs (docs/observed.md §21).
    const early = world.client(3)
    early.send('basicGet', { queue: 'q', noAck: true })
    expect(early.awaited('channelClose')).toMatchObject({ replyCode: 404 })
    world.started(1)
    world.until('it leads', () => world.depth('q') >= 0)
    const client = world.client(3)
    client.send('basicGet', { queue: 'q', noAck: true })
    client.awaited('basicGetOk')
  })
})

describe('a queue whose leader is lost while it is being declared', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('is declared once by the next leader (seed %i)', (seed) => {
    const world = new World({ seed })
    world.policy({ 'ha-mode': 'nodes', 'ha-params': ['rabbit@node1', 'rabbit@node2'] })
    const three = world.client(3).confirming()
    three.send('queueDeclare', {
      queue: 'q',
      passive: false,
      durable: true,
      exclusive: false,
      autoDelete: false,
      nowait: false,
      arguments: new Map(),
    })
    // The leader has begun and its mirror too, but the answer is still under way.
    world.cluster.link('rabbit@node1', 'rabbit@node3')!.delayMs = 5
    world.run(2)
    expect(world.replicas('q')).toBe('1 [2]')
    world.kill(1)
    const first = three.publish('q', 'kept')
    three.awaited('queueDeclareOk')
    world.until('the publish is answered', () => three.outcome(first) === 'ack')
    expect(world.replicas('q')).toBe('2 []')
    expect(three.drain('q')).toEqual(['kept'])
  })
})

describe('a queue that was just declared through a distant node', () => {
  test('answers requests and publishes that overtake its creation', () => {
    const world = new World()
    world.policy({ 'ha-mode': 'nodes', 'ha-params': ['rabbit@node1'] })
    const [two, three] = [world.client(2).confirming(), world.client(3)]
    world.cluster.link('rabbit@node3', 'rabbit@node1')!.delayMs = 100
    three.send('queueDeclare', {
      queue: 'q',
      passive: false,
      durable: true,
      exclusive: false,
      autoDelete: false,
      nowait: false,
      arguments: new Map(),
    })
    const first = two.publish('q', 'first')
    expect(two.counts('q')[1]).toBe(0)
    world.until('the publish is confirmed', () => two.outcome(first) === 'ack')
    three.awaited('queueDeclareOk')
    expect(three.all('queueDeclareOk')[0]!.args).toMatchObject({ messageCount: 1 })
    expect(two.drain('q')).toEqual(['first'])
  })
})

describe('a leader that hands over by policy', () => {
  const nodes = (...numbers: number[]) => ({
    'ha-mode': 'nodes',
    'ha-params': numbers.map((number) => `rabbit@node${number}`),
  })

  test.each(['kill', 'stop'] as const)('has another heir when the first is lost by %s meanwhile', (how) => {
    const { world, one } = mirrored()
    one.fill('q', bodies(30))
    world.policy(nodes(2, 3))
    world.until('it has resigned', () => world.depth('q') === -1)
    const heir = Number(world.replicas('q')[3])
    world[how](heir)
    world.until('the other leads', () => world.depth('q') === 30)
    expect(world.replicas('q')).toBe(`${5 - heir} []`)
    expect(world.client(5 - heir).drain('q')).toEqual(redelivered(bodies(30)))
  })

  test('leads on when no heir is left', () => {
    const world = new World()
    world.policy(nodes(1, 2))
    const one = world.client(1).confirming()
    one.declare('q')
    world.until('the mirror', () => world.replicas('q') === '1 [2]')
    world.policy(nodes(2))
    world.until('it has resigned', () => world.depth('q') === -1)
    world.kill(2)
    world.until('somebody leads', () => world.depth('q') >= 0)
    expect(one.counts('q')[0]).toBe(0)
    one.fill('q', ['on'])
  })

  test('confirms what is published meanwhile, from a mirror that joined in the midst of it too', () => {
    const { world, two } = mirrored()
    const last = two.publish('q', 'first')
    world.until('confirmed', () => two.outcome(last) === 'ack')
    world.policy(nodes(2, 3))
    const sent: number[] = []
    for (let i = 0; i < 400; i++) {
      sent.push(two.publish('q', `m${i}`))
      world.run(1)
    }
    world.until('all are answered', () => sent.every((seq) => two.outcome(seq) !== undefined))
    expect(sent.filter((seq) => two.outcome(seq) !== 'ack')).toEqual([])
    expect(two.drain('q').map((mark) => mark.replace('*', ''))).toEqual(['first', ...bodies(400)])
  })
})

describe('publishes to a queue whose leader dies in the same moment', () => {
  // Kills at many points of the exchange: every confirm must come, whatever had been ordered or discarded by then.
  const moments = Array.from({ length: 24 }, (_, i) => i * 0.05)

  test.each([
    ['kept', {}],
    ['handed to a consumer without acknowledgement', { noAck: true }],
  ])('are all confirmed when they are %s', (_what, consumption) => {
    for (const moment of moments) {
      const { world, two, three } = mirrored({ seed: 3 })
      if ('noAck' in consumption) three.consume('q', 'c', consumption)
      for (let i = 0; i < 10; i++) two.publish('q', `m${i}`)
      world.run(moment)
      world.kill(1)
      const answered = () => bodies(10).every((_, i) => two.outcome(i + 1) === 'ack')
      world.until(`all confirms for a kill after ${moment} ms`, answered)
    }
  })

  test('are refused or confirmed, never forgotten, when the queue rejects them', () => {
    for (const moment of moments) {
      const { world, two } = mirrored({ seed: 3 })
      world.policy({ ...all, 'max-length': 2, overflow: 'reject-publish' })
      for (let i = 0; i < 10; i++) two.publish('q', `m${i}`)
      world.run(moment)
      world.kill(1)
      const answered = () => bodies(10).every((_, i) => two.outcome(i + 1) !== undefined)
      world.until(`all answers for a kill after ${moment} ms`, answered)
      promoted(world)
      const acked = bodies(10).filter((_, i) => two.outcome(i + 1) === 'ack')
      expect([moment, acked.length]).toEqual([moment, world.depth('q')])
    }
  })

  test.each([1, 2, 3, 4])('by a client of the lost node never appear later (seed %i)', (seed) => {
    for (const moment of moments) {
      const { world, one } = mirrored({ seed })
      // One mirror hears less than the other.
      world.cluster.link('rabbit@node1', 'rabbit@node2')!.delayMs = 1
      for (let i = 0; i < 10; i++) one.publish('q', `m${i}`)
      world.run(moment)
      world.kill(1)
      promoted(world)
      world.run(100)
      const first = Number(world.replicas('q')[0])
      const depth = world.depth('q')
      world.kill(first)
      world.until('the other leads', () => world.replicas('q') === `${5 - first} []`)
      expect([moment, world.depth('q')]).toEqual([moment, depth])
    }
  })
})

describe('a publish that reached one mirror only', () => {
  test('from a node that died is forgotten, whoever leads later', () => {
    const world = new World()
    world.policy(all)
    world.client(2).declare('q')
    world.until('mirrors', () => /^2 \[. .\]$/.test(world.replicas('q')))
    world.run(10)
    const client = world.client(1).confirming()
    world.cluster.link('rabbit@node1', 'rabbit@node2')!.delayMs = 100
    for (const body of bodies(5)) client.publish('q', body)
    world.run(1)
    world.kill(1)
    world.run(500)
    expect([world.replicas('q'), world.depth('q')]).toEqual(['2 [3]', 0])
    world.kill(2)
    world.until('node 3 leads', () => world.replicas('q') === '3 []')
    expect(world.depth('q')).toBe(0)
  })

  test('from a node that lives is kept and confirmed, whoever leads later', () => {
    const world = new World()
    world.policy(all)
    world.client(2).declare('q')
    world.until('mirrors', () => /^2 \[. .\]$/.test(world.replicas('q')))
    world.run(10)
    const client = world.client(1).confirming()
    world.cluster.link('rabbit@node1', 'rabbit@node2')!.delayMs = 100
    for (const body of bodies(5)) client.publish('q', body)
    world.run(1)
    world.kill(2)
    world.until('all are confirmed', () => bodies(5).every((_, i) => client.outcome(i + 1) === 'ack'))
    expect(client.drain('q')).toEqual(redelivered(bodies(5)))
  })
})

describe('a dead letter', () => {
  test('reaches a mirrored queue that has no leader at that moment', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const world = new World({ seed })
      world.policy(
        { ...all, 'message-ttl': 500, 'dead-letter-exchange': '', 'dead-letter-routing-key': 'dead' },
        {
          name: 'source',
          pattern: '^source$',
          priority: 1,
        },
      )
      world.policy(all)
      const one = world.client(1).confirming()
      one.declare('source')
      one.declare('dead')
      world.run(50)
      // Both are led by node 1 and die with it; the messages expire before the promotions, which come in any order.
      one.fill('source', bodies(20))
      world.run(600)
      expect(world.depth('dead')).toBe(20)
      one.fill('source', bodies(20, 'n'))
      world.run(400)
      world.kill(1)
      world.run(1000)
      expect([seed, world.depth('source'), world.depth('dead')]).toEqual([seed, 0, 40])
    }
  })
})

describe('dead letters of a living queue', () => {
  test('reach a mirrored queue before, while and after it has no leader, each once', () => {
    const world = new World()
    world.policy(all, { pattern: '^dead$' })
    world.policy(
      { 'message-ttl': 10, 'dead-letter-exchange': '', 'dead-letter-routing-key': 'dead' },
      { name: 'source', pattern: '^source$' },
    )
    world.client(1).declare('dead')
    const two = world.client(2).confirming()
    two.declare('source')
    world.run(20)
    two.fill('source', bodies(5, 'before'))
    world.run(50)
    world.kill(1)
    world.run(40)
    expect(world.depth('dead')).toBe(-1)
    two.fill('source', bodies(5, 'while'))
    world.until('another leads', () => world.depth('dead') >= 0)
    two.fill('source', bodies(5, 'after'))
    world.run(50)
    expect(two.drain('dead')).toEqual([
      ...redelivered(bodies(5, 'before')),
      ...redelivered(bodies(5, 'while')),
      ...bodies(5, 'after'),
    ])
  })
})

describe('a synchronisation', () => {
  const waitingMirror = () => {
    const world = new World()
    const one = world.client(1).confirming()
    one.declare('q')
    one.fill('q', bodies(50))
    world.policy(all)
    world.until('mirrors', () => /^1 \[.\? .\?\]$/.test(world.replicas('q')))
    for (const link of world.cluster.allLinks()) link.delayMs = 20
    return { world, one }
  }

  test('that is cut short by the loss of the mirrors is over', () => {
    const { world } = waitingMirror()
    world.synchronise('q')
    world.run(10)
    expect(world.record('q')?.syncing).toBe(true)
    world.kill(2)
    world.kill(3)
    world.run(500)
    expect([world.replicas('q'), world.record('q')?.syncing]).toEqual(['1 []', false])
  })

  test('whose messages are all gone before it ends is over too', () => {
    const { world, one } = waitingMirror()
    world.synchronise('q')
    one.call('queuePurge', { queue: 'q', nowait: false }, 'queuePurgeOk')
    world.run(500)
    expect([world.record('q')?.mirrors.map(({ synced }) => synced), world.record('q')?.syncing]).toEqual([
      [true, true],
      false,
    ])
  })

  test('that is cut short by the loss of the leader is over, and what is kept is counted right', () => {
    const { world } = waitingMirror()
    world.synchronise('q')
    world.run(10)
    world.kill(1)
    promoted(world)
    world.run(500)
    expect(world.record('q')?.syncing).toBe(false)
    expect(world.replicas('q')).toMatch(/^(2 \[3\]|3 \[2\])$/)
  })

  test('follows a promotion by itself when ha-sync-mode is automatic', () => {
    const world = new World()
    world.policy({ ...all, 'ha-sync-mode': 'automatic' })
    const [one, three] = [world.client(1).confirming(), world.client(3)]
    one.declare('q')
    one.fill('q', bodies(50))
    world.kill(2)
    world.run(100)
    world.started(2)
    world.until('it is level', () => world.replicas('q') === '1 [3 2]')
    world.kill(2)
    world.run(100)
    for (const link of world.cluster.allLinks()) link.delayMs = 20
    world.start(2)
    world.until('it has joined', () => world.replicas('q') === '1 [3 2?]')
    world.kill(1)
    world.until('node 3 leads', () => world.replicas('q').startsWith('3'))
    world.until('node 2 is level again', () => world.replicas('q') === '3 [2]')
    expect(three.drain('q')).toEqual(redelivered(bodies(50)))
  })
})
