// Several policies that change in one step, and the snapshot of a cluster that explain and preview read.
import { describe, expect, test } from 'vitest'
import { changePolicies } from '../../nodes/cluster-policies.ts'
import { snapshotOf } from '../../nodes/cluster-snapshot.ts'
import { parseOperatorPolicy, parsePolicy } from '../../policies/policy.ts'
import { bodies } from './scene.ts'
import { World } from './world.ts'

const node = (number: number) => `rabbit@node${number}`
const policy = (name: string, definition: object, priority = 0) =>
  parsePolicy('/', name, { pattern: '', definition, priority, 'apply-to': 'queues' })
const all = { 'ha-mode': 'all', 'ha-sync-mode': 'automatic' }

/** A queue with 20 messages on node 1, mirrored on all by policy `old`. */
function mirrored(): World {
  const world = new World()
  changePolicies(world.cluster, node(1), { set: [policy('old', all)] })
  const client = world.client(1).confirming()
  client.declare('q')
  client.fill('q', bodies(20))
  world.run(500)
  return world
}

describe('policies that change in one step', () => {
  test('leave mirrors alone that both the old and the new policy want', () => {
    const world = mirrored()
    expect(world.replicas('q')).toMatch(/^1 \[\d \d\]$/)
    const from = world.history().length
    changePolicies(world.cluster, node(2), {
      clear: [{ vhost: '/', name: 'old' }],
      set: [policy('new', { ...all, 'max-length': 50 })],
    })
    world.run(500)
    expect(world.record('q')?.policy?.name).toBe('new')
    expect(world.history().slice(from).join('\n')).not.toMatch(/mirror-/)
  })

  test('drop and fill mirrors anew when they change one after the other', () => {
    const world = mirrored()
    const from = world.history().length
    world.clearPolicy('old')
    changePolicies(world.cluster, node(1), { set: [policy('new', all)] })
    world.run(500)
    expect(world.history().slice(from).join('\n')).toMatch(
      /mirror-dropped[\s\S]*mirror-added[\s\S]*mirror-synced/,
    )
  })

  test('pass over what is not there, and touch other vhosts not at all', () => {
    const world = mirrored()
    const { version } = world.cluster.islandOf(node(1)).definitions
    changePolicies(world.cluster, node(1), { clear: [{ vhost: '/', name: 'nothing' }] })
    changePolicies(world.cluster, node(1), {})
    expect(world.cluster.islandOf(node(1)).definitions.version).toBe(version)
  })

  test('are refused as a whole by a node that does not run', () => {
    const world = mirrored()
    world.kill(3)
    expect(() => changePolicies(world.cluster, node(3), { set: [policy('new', all)] })).toThrow(RangeError)
  })
})

describe('a snapshot', () => {
  test('has queues with their replicas, messages and policies, as the asked node sees them', () => {
    const world = mirrored()
    const cap = parseOperatorPolicy('/', 'cap', { pattern: '', definition: { 'max-length': 30 } })
    changePolicies(world.cluster, node(1), { setOperator: [cap] })
    world.client(2).publish('q', 'transient', { durable: false })
    world.client(2).send('basicGet', { queue: 'q', noAck: false })
    world.run(100)
    const { queues, nodes, policies, operatorPolicies, partitionHandling } = snapshotOf(
      world.cluster,
      node(2),
    )
    const { mirrors } = queues[0]!
    expect(queues).toEqual([
      {
        vhost: '/',
        name: 'q',
        durable: true,
        autoDelete: false,
        arguments: {},
        type: 'classic',
        exclusive: false,
        state: 'running',
        leader: node(1),
        mirrors: expect.anything(),
        messages: 21,
        messageBytes: bodies(20).join('').length + 'transient'.length,
        persistent: 20,
        publishRate: 0,
        publishBytesRate: 0,
        ready: 20,
        inForce: { policy: policies[0], operatorPolicy: cap },
      },
    ])
    expect(new Set(mirrors.map((mirror) => mirror.node))).toEqual(new Set([node(2), node(3)]))
    expect(mirrors.map(({ synced, missing }) => [synced, missing])).toEqual([
      [true, 0],
      [true, 0],
    ])
    expect([nodes.map(({ running }) => running), operatorPolicies, partitionHandling]).toEqual([
      [true, true, true],
      [cap],
      'ignore',
    ])
    expect(JSON.parse(JSON.stringify(queues))).toEqual(queues)
  })

  test('says what a mirror lacks, which nodes are away, and the rate that it is given', () => {
    const world = new World()
    const client = world.client(1).confirming()
    client.declare('q')
    client.fill('q', bodies(4))
    changePolicies(world.cluster, node(1), { set: [policy('p', { 'ha-mode': 'all' })] })
    world.run(100)
    client.fill('q', bodies(3, 'later'))
    world.kill(3)
    world.run(500)
    const { queues, nodes } = snapshotOf(world.cluster, node(1), () => 10)
    const bytes = [...bodies(4), ...bodies(3, 'later')].join('').length
    expect(queues[0]).toMatchObject({
      mirrors: [{ node: node(2), synced: false, missing: 4 }],
      publishRate: 10,
      publishBytesRate: (10 * bytes) / 7,
    })
    expect(nodes.map(({ running }) => running)).toEqual([true, true, false])
  })

  test('sees one side of a partition only, and keeps what a queue that is down follows', () => {
    const world = new World()
    world.client(3).declare('far')
    world.cut([1, 2], [3])
    world.run(1000)
    changePolicies(world.cluster, node(1), { set: [policy('p', { 'max-length': 5 })] })
    const near = snapshotOf(world.cluster, node(1))
    expect(near.queues).toMatchObject([{ state: 'down', leader: node(3), inForce: { policy: null } }])
    expect(near.nodes.map(({ running }) => running)).toEqual([true, true, false])
    expect(snapshotOf(world.cluster, node(3))).toMatchObject({ policies: [], queues: [{ state: 'running' }] })
  })
})
