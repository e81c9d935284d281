// Nodes that join, leave, are forgotten and are made to start, in virtual time (docs/observed.md §18).
import { describe, expect, test } from 'vitest'
import * as membership from '../../nodes/cluster-membership.ts'
import { nodeName } from './scene.ts'
import { World } from './world.ts'

/** Verbs on nodes by number; each lets a moment pass. */
class Town extends World {
  stopApp(node: number): void {
    membership.stopApp(this.cluster, nodeName(node))
    this.run(1000)
  }

  startApp(node: number): void {
    membership.startApp(this.cluster, nodeName(node))
    this.run(6000)
  }

  join(node: number, to: number, type?: 'disc' | 'ram'): boolean {
    return membership.joinCluster(this.cluster, nodeName(node), nodeName(to), type)
  }

  reset(node: number): void {
    membership.reset(this.cluster, nodeName(node))
  }

  forceReset(node: number): void {
    membership.forceReset(this.cluster, nodeName(node))
  }

  forget(at: number, gone: number, offline = false): void {
    membership.forgetNode(this.cluster, nodeName(at), nodeName(gone), offline)
    this.run(100)
  }

  forceBoot(node: number): void {
    membership.forceBoot(this.cluster, nodeName(node))
  }

  /** A node that has never been in any cluster, running. */
  newNode(): number {
    const member = this.cluster.addMember()
    this.cluster.start(member.name)
    this.run(6000)
    return this.cluster.members.length
  }

  /** The members of a node's cluster, as `1 2 3`. */
  known(node: number): string {
    const names = [...membership.knownTo(this.cluster.member(nodeName(node))).keys()]
    return names
      .map((name) => name.slice(nodeName(0).length - 1))
      .sort()
      .join(' ')
  }

  bytes(from: number, to: number): number {
    return this.cluster.link(nodeName(from), nodeName(to))?.meters.definitions.bytes ?? 0
  }
}

/** A durable queue with messages, declared and filled through `node`. */
function withQueue(town: Town, node: number, queue: string, texts = ['a', 'b']): void {
  const client = town.client(node).confirming()
  client.declare(queue)
  // Its mirrors come first: what is published before them they lack.
  town.run(100)
  client.fill(queue, texts)
  client.drop()
}

describe('a new node', () => {
  test('is a cluster of its own and knows nothing of the others', () => {
    const town = new Town()
    withQueue(town, 1, 'q')
    const four = town.newNode()
    expect([town.state(four), town.known(four), town.known(1)]).toEqual(['running', '4', '1 2 3'])
    expect(town.record('q', four)).toBeUndefined()
    expect(town.cluster.partitionsSeenBy(nodeName(1))).toEqual([])
    const client = town.client(four)
    client.declare('q')
    expect(client.counts('q')).toEqual([0, 0])
  })

  test('that joins has the definitions, owns nothing, and forgets what it had', () => {
    const town = new Town()
    withQueue(town, 1, 'q')
    const four = town.newNode()
    withQueue(town, four, 'own')
    town.stopApp(four)
    expect(town.join(four, 2)).toBe(true)
    town.startApp(four)
    expect([town.known(1), town.known(four)]).toEqual(['1 2 3 4', '1 2 3 4'])
    expect(town.record('own', 1)).toBeUndefined()
    expect(town.cluster.member(nodeName(four)).node?.leaders.size).toBe(0)
    expect(town.client(four).drain('q')).toEqual(['a', 'b'])
  })

  test('costs what the copy of the definitions costs', () => {
    const cost = (queues: number) => {
      const town = new Town()
      for (let i = 0; i < queues; i++) withQueue(town, 1, `q${i}`, [])
      const four = town.newNode()
      town.stopApp(four)
      const before = town.bytes(1, four)
      town.join(four, 1)
      return town.bytes(1, four) - before
    }
    expect(cost(0)).toBeGreaterThan(10_000)
    expect(cost(50)).toBeGreaterThan(cost(0))
  })

  test('becomes the last mirror of queues under all', () => {
    const town = new Town()
    town.policy({ 'ha-mode': 'all' })
    withQueue(town, 1, 'q')
    const four = town.newNode()
    town.stopApp(four)
    town.join(four, 1)
    expect(town.replicas('q')).toBe('1 [2 3]')
    town.startApp(four)
    expect(town.replicas('q')).toBe('1 [2 3 4?]')
  })

  test('can be added and joined by two while a third is down', () => {
    const town = new Town()
    town.kill(3)
    town.run(1000)
    const four = town.newNode()
    town.stopApp(four)
    town.join(four, 1)
    town.startApp(four)
    town.started(3)
    expect(town.known(3)).toBe('1 2 3 4')
    expect(town.cluster.islands.length).toBe(1)
  })
})

describe('a node that leaves', () => {
  test('takes its unmirrored queues along, and its mirrors are promoted', () => {
    const town = new Town()
    town.policy({ 'ha-mode': 'all' }, { pattern: '^m' })
    withQueue(town, 3, 'm')
    withQueue(town, 3, 'p')
    town.stopApp(3)
    expect(town.record('p')?.state).toBe('down')
    town.reset(3)
    expect(town.record('p')).toBeUndefined()
    expect([town.known(1), town.known(3)]).toEqual(['1 2', '3'])
    expect(town.replicas('m')).toMatch(/^[12] \[[12]\]$/)
    expect(town.client(1).drain('m')).toEqual(['a*', 'b*'])
    town.startApp(3)
    expect([town.state(3), town.record('m', 3)]).toEqual(['running', undefined])
  })

  test('counts no more when a majority is asked for', () => {
    const town = new Town({ partitionHandling: 'pause_minority', nodes: 5 })
    for (const node of [4, 5]) {
      town.stopApp(node)
      town.reset(node)
    }
    // Two of three go on, where two of five would pause.
    town.kill(3)
    town.run(5000)
    expect([town.state(1), town.state(2)]).toEqual(['running', 'running'])
  })

  test('is refused while nobody of its cluster runs', () => {
    const town = new Town()
    for (const node of [1, 2, 3]) town.stopApp(node)
    expect(() => town.reset(1)).toThrow(/no_running_cluster_nodes/)
    town.forceReset(1)
    expect(town.known(1)).toBe('1')
  })

  test('by force stays a member in the eyes of the others until they forget it', () => {
    const town = new Town()
    town.stopApp(3)
    town.forceReset(3)
    town.startApp(3)
    expect([town.known(3), town.known(1)]).toEqual(['3', '1 2 3'])
    town.stopApp(3)
    expect(() => town.join(3, 1)).toThrow(
      "{:inconsistent_cluster, 'Node rabbit@node1 thinks it\\'s clustered with node rabbit@node3, but rabbit@node3 disagrees'}",
    )
    town.forget(1, 3)
    expect(town.join(3, 1)).toBe(true)
    town.startApp(3)
    expect(town.known(1)).toBe('1 2 3')
  })
})

describe('a node that is forgotten', () => {
  test('must not run', () => {
    const town = new Town()
    expect(() => town.forget(1, 3)).toThrow(/must be stopped with 'rabbitmqctl -n rabbit@node3 stop_app'/)
    expect(() => town.forget(1, 1)).toThrow(/must be stopped/)
    town.kill(3)
    town.run(100)
    town.forget(1, 3)
    expect(() => town.forget(1, 3)).toThrow(/not_a_cluster_node/)
    expect(town.known(2)).toBe('1 2')
  })

  test('cannot start: the others disagree that it is one of them', () => {
    const town = new Town()
    town.kill(3)
    town.run(100)
    town.forget(1, 3)
    town.start(3)
    town.run(6000)
    expect(town.state(3)).toBe('stopped')
    expect(town.cluster.member(nodeName(3)).refusal).toMatch(/:inconsistent_cluster/)
  })

  test('takes queues along that wait for it, and operations that wait end', () => {
    const town = new Town()
    withQueue(town, 3, 'q')
    town.policy({
      'ha-mode': 'nodes',
      'ha-params': [nodeName(3), nodeName(1)],
      'ha-promote-on-failure': 'when-synced',
    })
    town.run(1000)
    expect(town.replicas('q')).toBe('3 [1?]')
    town.kill(3)
    town.run(1000)
    expect(town.record('q')?.state).toBe('waiting')
    town.forget(1, 3)
    expect(town.record('q')).toBeUndefined()
    const client = town.client(2)
    client.declare('q')
    expect(client.counts('q')).toEqual([0, 0])
  })

  test('takes along what it led, though a mirror that is away had it too', () => {
    const town = new Town()
    town.policy({ 'ha-mode': 'nodes', 'ha-params': [nodeName(3), nodeName(2)] })
    withQueue(town, 3, 'q')
    expect(town.replicas('q')).toBe('3 [2]')
    town.stopApp(2)
    town.stopApp(3)
    town.forget(1, 3)
    town.startApp(2)
    expect(town.record('q')).toBeUndefined()
  })

  test('just killed, loses nothing that a mirror is about to take over', () => {
    const town = new Town()
    town.policy({ 'ha-mode': 'all' })
    withQueue(town, 3, 'q')
    town.kill(3)
    membership.forgetNode(town.cluster, nodeName(1), nodeName(3))
    town.run(2000)
    expect(town.client(1).drain('q')).toEqual(['a*', 'b*'])
  })

  test('by one that does not run either lets that one start alone', () => {
    const town = new Town()
    for (const node of [1, 2, 3]) {
      town.stop(node)
      town.run(1000)
    }
    town.forget(1, 3, true)
    town.forget(1, 2, true)
    town.started(1)
    expect(town.known(1)).toBe('1')
  })
})

describe('a forced start', () => {
  const stopped = () => {
    const town = new Town()
    for (const node of [1, 2, 3]) withQueue(town, node, `own${node}`)
    for (const node of [1, 2, 3]) town.stopApp(node)
    return town
  }

  test('waits for nobody, and the others join it', () => {
    const town = stopped()
    town.forceBoot(1)
    town.startApp(1)
    expect([town.state(1), town.record('own1')?.state, town.record('own2')?.state]).toEqual([
      'running',
      'running',
      'down',
    ])
    town.startApp(2)
    town.startApp(3)
    expect(town.cluster.islands.length).toBe(1)
    expect(town.client(2).drain('own3')).toEqual(['a', 'b'])
  })

  test('counts once', () => {
    const town = stopped()
    town.forceBoot(1)
    town.startApp(1)
    town.startApp(2)
    town.stopApp(1)
    town.stopApp(2)
    town.startApp(1)
    expect(town.state(1)).toBe('waiting')
  })

  test('is refused to a node that runs', () => {
    expect(() => new Town().forceBoot(1)).toThrow(/requires the 'rabbit' app to be stopped/)
  })
})

describe('an application that does not come up', () => {
  test('leaves its process alive', () => {
    const town = new Town()
    for (const node of [1, 2, 3]) town.stopApp(node)
    membership.startApp(town.cluster, nodeName(1))
    town.until('it waits', () => town.state(1) === 'waiting')
    town.until('it gives up', () => town.state(1) === 'app-stopped', 3_600_000)
    expect(town.cluster.member(nodeName(1)).refusal).toMatch(/timeout_waiting_for_tables/)
    town.startApp(3)
    town.startApp(1)
    expect(town.state(1)).toBe('running')
  })

  test('needs a process: a node that was killed is not reached by its verbs', () => {
    const town = new Town()
    town.kill(2)
    for (const verb of [
      () => town.stopApp(2),
      () => town.startApp(2),
      () => town.reset(2),
      () => town.join(2, 1),
    ])
      expect(verb).toThrow(membership.MembershipError)
  })

  test('cannot join a node that does not run, nor itself', () => {
    const town = new Town()
    town.stopApp(2)
    town.stopApp(3)
    expect(() => town.join(3, 2)).toThrow('mnesia_not_running')
    expect(() => town.join(3, 3)).toThrow('cannot cluster node with itself')
    expect(() => town.join(3, 9)).toThrow(membership.MembershipError)
    expect(town.join(3, 1)).toBe(false)
  })
})
