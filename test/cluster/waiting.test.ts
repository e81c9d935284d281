// How long operations wait for a mirrored queue without leader, in virtual time (docs/observed.md §4.6).
import { describe, expect, test } from 'vitest'
import { emptyTable } from '../../nodes/amqp/fields.ts'
import type { MethodArguments, MethodName } from '../../nodes/amqp/methods.ts'
import { bodies } from './scene.ts'
import { World } from './world.ts'

/** A queue whose leader, node 1, is killed while its mirrors lack its messages and may not be promoted. */
function leaderless() {
  const world = new World()
  const one = world.client(1).confirming()
  one.declare('q')
  one.fill('q', bodies(3))
  world.policy({ 'ha-mode': 'all', 'ha-promote-on-failure': 'when-synced' })
  world.until('mirrors', () => /^1 \[.\? .\?\]$/.test(world.replicas('q')))
  world.run(10)
  world.kill(1)
  world.until('it waits', () => world.record('q', 2)?.state === 'waiting')
  return world
}

const flags = { passive: false, durable: true, exclusive: false, autoDelete: false, nowait: false }
const declare = { queue: 'q', ...flags, arguments: emptyTable }
const consume = {
  queue: 'q',
  consumerTag: '',
  noLocal: false,
  noAck: false,
  exclusive: false,
  nowait: false,
  arguments: emptyTable,
}
const timeout = "404 NOT_FOUND - failed to perform operation on queue 'q' in vhost '/' due to timeout"

describe('while a mirrored queue has no leader (docs/observed.md §4.6)', () => {
  test.each<[MethodName, MethodArguments[MethodName], number, number]>([
    ['queueDeclare', declare, 50, 10],
    ['queueDeclare', { ...declare, passive: true }, 50, 10],
    ['basicGet', { queue: 'q', noAck: true }, 60, 70],
    ['basicConsume', consume, 60, 20],
    ['queuePurge', { queue: 'q', nowait: false }, 50, 30],
  ])('%s is unanswered for 63 seconds and then refused', (name, args, classId, methodId) => {
    const client = leaderless()
    const asking = client.client(2)
    const asked = client.now
    asking.send(name, args)
    client.run(62_900)
    expect(asking.refusal()).toBeUndefined()
    expect(asking.heard.at(-1)!.name).toBe('channelOpenOk')
    client.until('an answer', () => asking.refusal() !== undefined, 1000)
    expect(asking.refusal()).toBe(timeout)
    expect(asking.all('channelClose')[0]!.args).toMatchObject({ classId, methodId })
    expect(Math.round((client.now - asked) / 1000)).toBe(63)
  })

  test('queue.delete is unanswered for 150 seconds and more', () => {
    const world = leaderless()
    const client = world.client(2)
    client.send('queueDelete', { queue: 'q', ifUnused: false, ifEmpty: false, nowait: false })
    world.run(600_000)
    expect(client.heard.at(-1)!.name).toBe('channelOpenOk')
    world.started(1)
    client.awaited('queueDeleteOk')
    expect(world.record('q')).toBeUndefined()
  })

  test('what the channel sends meanwhile is held back and done in order, other channels go on', () => {
    const world = leaderless()
    const client = world.client(2)
    client.send('queueDeclare', { ...declare, passive: true })
    client.send('queueDeclare', { ...declare, queue: 'other' })
    world.run(10_000)
    expect(world.record('other')).toBeUndefined()
    client.call('channelOpen', {}, 'channelOpenOk', 2)
    client.call('queueDeclare', { ...declare, queue: 'third' }, 'queueDeclareOk', 2)
    world.started(1)
    client.awaited('queueDeclareOk')
    world.until('the held one is done', () => world.record('other') !== undefined)
    expect(client.all('queueDeclareOk').map(({ args }) => args['queue'])).toEqual(['third', 'q', 'other'])
  })

  test('an answer in the last second counts, and no refusal follows', () => {
    const world = leaderless()
    const client = world.client(3)
    client.send('basicGet', { queue: 'q', noAck: true })
    world.run(58_000)
    world.started(1)
    client.awaited('basicGetOk')
    world.run(100_000)
    expect(client.refusal()).toBeUndefined()
  })

  test('a channel closed meanwhile hears nothing of it', () => {
    const world = leaderless()
    const client = world.client(3)
    client.send('queueDeclare', { ...declare, passive: true })
    client.drop()
    world.run(100_000)
    expect(client.refusal()).toBeUndefined()
    world.started(1)
    expect(world.client(1).counts('q')).toEqual([3, 0])
  })

  test('publishes stay unanswered however long it takes', () => {
    const world = leaderless()
    const client = world.client(2).confirming()
    const first = client.publish('q', 'open', { mandatory: true })
    world.run(600_000)
    expect([client.outcome(first), client.all('basicReturn')]).toEqual([undefined, []])
    world.started(1)
    world.run(100)
    expect(client.outcome(first)).toBe('nack')
    expect(client.drain('q')).toEqual(['m0*', 'm1*', 'm2*'])
  })

  test('a mirror that the policy of its return no longer wants is none any more', () => {
    const world = leaderless()
    const nodes = { 'ha-mode': 'nodes', 'ha-params': ['rabbit@node1', 'rabbit@node2'] }
    world.policy({ ...nodes, 'ha-promote-on-failure': 'when-synced' }, { through: 2 })
    world.started(1)
    world.run(1000)
    expect(world.replicas('q')).toBe('1 [2?]')
    const held = world.cluster.members.map(({ node }) => node!.replicas.mirrors.size)
    expect(held).toEqual([0, 1, 0])
  })
})
