// What a queue does and does not do while it fills its mirrors, in virtual time (docs/observed.md §4.8, §20).
import { describe, expect, test } from 'vitest'
import { emptyTable } from '../../nodes/amqp/fields.ts'
import { observed } from '../../nodes/timings.ts'
import { bodies, redelivered } from './scene.ts'
import { World } from './world.ts'

const batchMs = 10
/** Every batch takes 10 ms, whatever is in it. */
const timings = { ...observed, sync: { batchMs, messageMs: 0, bytesPerMs: Infinity } }
const durable = { passive: false, durable: true, exclusive: false, autoDelete: false, nowait: false }

/** 100 messages that the mirrors lack and 2 that they have; batches of 10, so that filling takes 110 ms. */
function unfilled(policy: Record<string, unknown> = {}, memoryLimit = Infinity) {
  const world = new World({ timings, memoryLimit })
  const one = world.client(1).confirming()
  one.declare('q')
  one.fill('q', bodies(100))
  const definition = { 'ha-mode': 'all', 'ha-sync-batch-size': 10, ...policy }
  world.policy(definition)
  world.until('mirrors', () => /^1 \[.\? .\?\]$/.test(world.replicas('q')))
  one.fill('q', bodies(2, 'n'))
  world.run(50)
  return { world, one, two: world.client(2).confirming(), definition }
}

function filling(policy?: Record<string, unknown>) {
  const scene = unfilled(policy)
  scene.world.synchronise('q')
  scene.world.run(35)
  expect(scene.world.record('q')?.syncing).toBe(true)
  return scene
}

function cancel(world: World): void {
  const { node } = world.cluster.member('rabbit@node1')
  const nobody = { answered: () => {} }
  const channel = { node: node!.name, channel: 0 }
  node!.request(world.cluster.nextId(), nobody, channel, world.record('q')!, { op: 'cancel-sync' })
}

const isLevel = (world: World) => /^1 \[. .\]$/.test(world.replicas('q'))

describe('a queue that fills its mirrors', () => {
  test('is done after as many batches as ha-sync-batch-size makes of what it holds', () => {
    const { world } = unfilled()
    const begun = world.now
    world.synchronise('q')
    world.until('level', () => isLevel(world))
    expect(Math.round((world.now - begun) / batchMs)).toBe(11)
    const sent = world.cluster.link('rabbit@node1', 'rabbit@node2')!.meters.sync
    expect([sent.packets, sent.bodies]).toEqual([11, 102])
    expect(world.record('q')?.syncing).toBe(false)
  })

  test('answers a passive declare, basic.get and basic.consume only afterwards, in the order they came', () => {
    const { world, two } = filling()
    const asking = [two, world.client(3), world.client(1)]
    asking[0]!.send('queueDeclare', { queue: 'q', ...durable, passive: true, arguments: emptyTable })
    world.run(1)
    asking[1]!.send('basicGet', { queue: 'q', noAck: false })
    world.run(1)
    asking[2]!.beginConsume('q', 'c')
    world.run(50)
    expect(asking.map((client) => client.heard.at(-1)!.name)).not.toContain('queueDeclareOk')
    expect(asking[1]!.all('basicGetOk')).toEqual([])
    expect(asking[2]!.all('basicConsumeOk')).toEqual([])
    world.until('level', () => isLevel(world))
    world.run(5)
    expect(asking[0]!.all('queueDeclareOk').at(-1)!.args).toMatchObject({
      messageCount: 102,
      consumerCount: 0,
    })
    expect(asking[1]!.all('basicGetOk')[0]!.args).toMatchObject({ messageCount: 101, redelivered: false })
    expect(asking[2]!.delivered[0]).toBe('m1')
  })

  test('confirms a publish only afterwards, and what is bound or declared elsewhere goes on', () => {
    const { world, two } = filling()
    const number = two.publish('q', 'meanwhile')
    world.client(3).declare('other')
    world.run(30)
    expect([isLevel(world), two.outcome(number)]).toEqual([false, undefined])
    world.until('level', () => isLevel(world))
    world.until('confirmed', () => two.outcome(number) === 'ack')
    expect(world.depth('q')).toBe(103)
  })

  test('takes acknowledgements, ends of channels and of nodes only afterwards', () => {
    const { world, two } = unfilled()
    const three = world.client(3)
    two.prefetch(3)
    two.consume('q', 'two')
    three.prefetch(2)
    three.consume('q', 'three')
    world.run(5)
    world.synchronise('q')
    world.run(25)
    two.ack(1)
    three.drop()
    world.run(20)
    expect([world.depth('q'), world.consumers('q')]).toEqual([102, 2])
    world.until('over', () => world.record('q')?.syncing === false)
    world.run(5)
    expect([world.depth('q'), world.consumers('q')]).toEqual([101, 1])
  })

  test('lets messages expire, and itself, only afterwards', () => {
    const { world, one } = unfilled()
    one.call('queueDelete', { queue: 'q', ifUnused: false, ifEmpty: false, nowait: false }, 'queueDeleteOk')
    world.clearPolicy()
    one.declare('q', { arguments: new Map([['x-message-ttl', { type: 'long', value: 80 }]]) })
    one.fill('q', bodies(60))
    world.run(1)
    world.policy({ 'ha-mode': 'all', 'ha-sync-batch-size': 5, expires: 100 })
    world.until('mirrors', () => /^1 \[.\? .\?\]$/.test(world.replicas('q')))
    world.synchronise('q')
    world.run(95)
    expect([world.record('q')?.syncing, world.depth('q')]).toEqual([true, 60])
    world.until('expired', () => world.record('q') === undefined, 100)
  })

  test('follows a policy that takes its leader away only afterwards', () => {
    const { world } = filling()
    world.policy({ 'ha-mode': 'nodes', 'ha-params': ['rabbit@node2', 'rabbit@node3'] })
    world.run(30)
    expect([world.replicas('q')[0], world.record('q')?.syncing]).toEqual(['1', true])
    world.until('moved', () => world.replicas('q')[0] !== '1')
    expect(world.depth('q')).toBe(102)
  })

  test('begins again at once for what asked meanwhile, and not when all are level', () => {
    const { world } = filling()
    world.synchronise('q')
    world.until('over', () => world.record('q')?.syncing === false)
    world.run(200)
    const { packets } = world.cluster.link('rabbit@node1', 'rabbit@node2')!.meters.sync
    expect([packets, isLevel(world)]).toEqual([11, true])
  })

  test('waits for the end of a memory alarm', () => {
    const { world } = unfilled({}, 1e9)
    world.cluster.memoryUsed(1e9)
    world.synchronise('q')
    world.run(5000)
    expect([world.record('q')?.syncing, isLevel(world)]).toEqual([true, false])
    world.cluster.memoryUsed(0)
    world.until('level', () => isLevel(world), 1000)
  })

  test('ends with its vhost', () => {
    const { world } = filling()
    const { definitions } = world.cluster.islandOf('rabbit@node1')
    const { node } = world.cluster.member('rabbit@node1')
    node!.replicas.remove(node!.replicas.leaders.get(world.record('q')!.id)!)
    world.run(1000)
    expect(definitions.queue('/', 'q')).toBeUndefined()
  })
})

describe('a synchronisation that does not come to its end', () => {
  test('cancelled: what waited is answered, and the mirrors lack everything', () => {
    const { world, two } = filling()
    const number = two.publish('q', 'meanwhile')
    cancel(world)
    world.until('confirmed', () => two.outcome(number) === 'ack', 20)
    world.run(500)
    expect([world.record('q')?.syncing, isLevel(world)]).toEqual([false, false])
    world.kill(1)
    world.until('promoted', () => world.depth('q', 2) >= 0)
    expect(two.drain('q')).toEqual(['meanwhile*'])
  })

  test('cancelled: what the mirrors had is not counted, and they are filled by the next', () => {
    const { world } = filling()
    cancel(world)
    world.synchronise('q')
    world.until('level', () => isLevel(world))
    world.kill(1)
    world.until('promoted', () => world.depth('q', 2) >= 0)
    expect(world.client(2).drain('q')).toEqual(redelivered([...bodies(100), ...bodies(2, 'n')]))
  })

  test('cancelled: the mirror does not become level when what it lacks is gone', () => {
    const { world, one } = filling()
    cancel(world)
    one.fill('q', ['last'])
    world.run(5)
    one.drain('q')
    world.run(1000)
    expect([world.depth('q'), world.replicas('q')]).toEqual([0, expect.stringMatching(/^1 \[.\? .\?\]$/)])
  })

  test('when there is none, cancelling changes nothing', () => {
    const { world } = unfilled()
    cancel(world)
    world.run(100)
    world.kill(1)
    world.until('promoted', () => world.depth('q', 2) >= 0)
    expect(world.client(2).drain('q')).toEqual(['n0*', 'n1*'])
  })

  test('with the leader: the mirror that takes over is empty', () => {
    const { world } = filling()
    world.kill(1)
    world.until('promoted', () => world.depth('q', 2) >= 0)
    expect(world.depth('q', 2)).toBe(0)
    world.run(500)
    expect(world.replicas('q')).toMatch(/^(2 \[3\]|3 \[2\])$/)
  })

  test('with one of two mirrors: the other is filled', () => {
    const { world } = filling()
    world.kill(2)
    world.until('level', () => world.replicas('q') === '1 [3]')
  })
})

describe('the steps of docs/observed.md §3', () => {
  test('the trace tells what the broker logs', () => {
    const { world } = unfilled()
    world.synchronise('q')
    world.until('level', () => isLevel(world))
    world.policy({ 'ha-mode': 'exactly', 'ha-params': 2 })
    world.run(100)
    const heir = world.replicas('q').slice(3, 4)
    world.kill(1)
    world.until('promoted', () => world.replicas('q', 2)[0] === heir)
    const told = world.history().map((line) => line.split(' ').slice(1, 4).join(' '))
    const other = heir === '2' ? '3' : '2'
    for (const node of ['2', '3']) {
      expect(told).toContain(`mirror-added rabbit@node${node} q`)
      expect(told).toContain(`mirror-synced rabbit@node${node} q`)
    }
    expect(told).toContain(`mirror-dropped rabbit@node${other} q`)
    expect(told).toContain(`peer-down rabbit@node${other} rabbit@node1`)
    expect(told).toContain(`promoted rabbit@node${heir} q`)
  })
})
