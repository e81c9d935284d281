// Deliveries that nobody acknowledges (docs/observed.md §17), in virtual time: half an hour passes at once.

import { describe, expect, it } from 'vitest'
import type { VirtualClient } from './virtual-client.ts'
import { World } from './world.ts'

const minute = 60_000

function scene(options: { consumerTimeoutMs?: number } = {}): { world: World; client: VirtualClient } {
  const world = new World({ nodes: 2, ...options })
  const client = world.client(1).confirming()
  client.declare('q')
  return { world, client }
}

/** Text of the timed-out delivery's refusal. */
const late = (ms: number) =>
  `406 PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value used: ${ms} ms. This timeout value can be configured, see consumers doc guide to learn more`

describe('a delivery that is not acknowledged', () => {
  it('closes its channel after half an hour, at the next full minute since the channel was opened', () => {
    const { world, client } = scene()
    const opened = client.all('channelOpenOk')[0]!.at
    client.fill('q', ['a'])
    world.run(10_000)
    client.consume('q', 'c')
    world.run(30 * minute)
    expect(client.refusal()).toBeUndefined()
    world.run(minute)
    expect(client.refusal()).toBe(late(1_800_000))
    const [close] = client.all('channelClose')
    expect([close!.args['classId'], close!.args['methodId']]).toEqual([0, 0])
    expect(Math.round(close!.at - opened)).toBe(31 * minute)
  })

  it('leaves the connection open, and returns to its queue', () => {
    const { world, client } = scene()
    client.fill('q', ['a', 'b'])
    client.consume('q', 'c')
    world.run(32 * minute)
    client.send('channelCloseOk', {})
    client.call('channelOpen', {}, 'channelOpenOk', 2)
    expect(world.client(1).drain('q')).toEqual(['a*', 'b*'])
  })

  it('is told once, however long the client takes to agree', () => {
    const { world, client } = scene()
    client.fill('q', ['a'])
    client.consume('q', 'c')
    world.run(120 * minute)
    expect(client.all('channelClose')).toHaveLength(1)
  })

  it('counts when it was fetched by basic.get', () => {
    const { world, client } = scene()
    client.fill('q', ['a'])
    client.call('basicGet', { queue: 'q', noAck: false }, 'basicGetOk')
    world.run(31 * minute)
    expect(client.refusal()).toBe(late(1_800_000))
  })

  it('counts when its queue is led by another node', () => {
    const { world, client } = scene()
    client.fill('q', ['a'])
    const other = world.client(2)
    other.consume('q', 'c')
    world.run(32 * minute)
    expect(other.refusal()).toBe(late(1_800_000))
  })

  it('counts from its own delivery, not from an earlier one that was acknowledged', () => {
    const { world, client } = scene()
    client.consume('q', 'c')
    client.fill('q', ['a'])
    world.run(20 * minute)
    client.fill('q', ['b'])
    client.ack(1)
    world.run(29 * minute)
    expect(client.refusal()).toBeUndefined()
    world.run(3 * minute)
    expect(client.refusal()).toBe(late(1_800_000))
  })

  it('counts again when a transaction that had acknowledged it is rolled back', () => {
    const world = new World({ nodes: 1 })
    const client = world.client(1)
    client.declare('q')
    client.publish('q', 'a')
    client.call('txSelect', {}, 'txSelectOk')
    client.call('basicGet', { queue: 'q', noAck: false }, 'basicGetOk')
    client.ack(1)
    world.run(40 * minute)
    expect(client.refusal()).toBeUndefined()
    client.call('txRollback', {}, 'txRollbackOk')
    world.run(minute)
    expect(client.refusal()).toBe(late(1_800_000))
  })
})

describe('no channel is closed', () => {
  it('for deliveries without acknowledgement', () => {
    const { world, client } = scene()
    client.fill('q', ['a'])
    client.consume('q', 'c', { noAck: true })
    world.run(100 * minute)
    expect(client.refusal()).toBeUndefined()
  })

  it('for one that is acknowledged in time', () => {
    const { world, client } = scene()
    client.fill('q', ['a'])
    client.consume('q', 'c')
    world.run(29 * minute)
    client.ack(1)
    world.run(100 * minute)
    expect(client.refusal()).toBeUndefined()
  })

  it('when the time-out is 0', () => {
    const { world, client } = scene({ consumerTimeoutMs: 0 })
    client.fill('q', ['a'])
    client.consume('q', 'c')
    world.run(1000 * minute)
    expect(client.refusal()).toBeUndefined()
  })
})

it('a time-out of less than a minute is looked for as often as it is long', () => {
  const { world, client } = scene({ consumerTimeoutMs: 1000 })
  client.fill('q', ['a'])
  client.consume('q', 'c')
  world.run(990)
  expect(client.refusal()).toBeUndefined()
  world.run(1010)
  expect(client.refusal()).toBe(late(1000))
})
