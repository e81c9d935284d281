// Clients that begin and fall silent, in virtual time: nobody may keep a connection half open for ever
// (docs/observed.md §5.1: 10 s for the handshake, two and a half heartbeats, 30 s for a close).
import { describe, expect, test } from 'vitest'
import { Connection } from '../../nodes/connection.ts'
import { World } from '../cluster/world.ts'
import { conversation } from './conversation.ts'

const frames = conversation()
const peer = { address: '127.0.0.1', port: 1, localAddress: '127.0.0.1', localPort: 5672 }

/** A connection to which `said` was sent, then nothing. */
function silentAfter(said: Buffer) {
  const world = new World({ nodes: 1 })
  const node = world.cluster.members[0]!.node!
  const connection: Connection = new Connection(node, peer, {
    flush: () => {
      const output = connection.takeOutput()
      if (output !== null) connection.outputDrained(output.length)
    },
  })
  connection.receive(said)
  world.run(0)
  return { world, node, connection }
}

const upTo = (count: number, more = 0) =>
  Buffer.concat([...frames.slice(0, count), frames[count]!.subarray(0, more)])

describe('a client that falls silent', () => {
  test.each([
    ['before its first byte', Buffer.alloc(0)],
    ['in the midst of the protocol header', upTo(0, 5)],
    ['after the protocol header', upTo(1)],
    ['in the midst of its start-ok', upTo(1, 30)],
    ['after its start-ok', upTo(2)],
    ['before connection.open', upTo(3)],
    ['in the midst of connection.open', upTo(3, 9)],
  ])('%s is let go after ten seconds', (_when, said) => {
    const { world, connection } = silentAfter(said)
    world.run(9900)
    expect(connection.finished).toBe(false)
    world.run(200)
    expect(connection.finished).toBe(true)
  })

  test.each([
    ['between two methods', upTo(10)],
    ['in the midst of a frame', upTo(10, 8)],
    ['between a publish and its header', upTo(12).subarray(0, -60)],
  ])('%s on an open connection is let go after two and a half heartbeats', (_when, said) => {
    const { world, node, connection } = silentAfter(said)
    expect(node.connections.size).toBe(1)
    world.run(10_000)
    expect(connection.finished).toBe(false)
    world.run(6000)
    expect([connection.finished, node.connections.size, node.channels.size]).toEqual([true, 0, 0])
    expect([...node.definitions.queues.values()]).toEqual([])
  })

  test('without heartbeats may be silent for a day', () => {
    const world = new World({ nodes: 1 })
    const client = world.client(1)
    world.run(86_400_000)
    expect(client.ended).toBe(false)
    client.declare('q')
  })

  test('and does not answer connection.close is let go after thirty seconds', () => {
    const { world, connection } = silentAfter(
      Buffer.concat([upTo(6), Buffer.from([9, 0, 0, 0, 0, 0, 0, 0xce])]),
    )
    expect(connection.state).toBe('closing')
    world.run(29_000)
    expect(connection.finished).toBe(false)
    world.run(2000)
    expect(connection.finished).toBe(true)
  })

  test('after its own connection.close is let go too', () => {
    const { world, connection } = silentAfter(upTo(frames.length - 1, frames.at(-1)!.length))
    expect(connection.state).toBe('closed')
    world.run(6000)
    expect(connection.finished).toBe(true)
  })
})
