// Thousands of spoiled conversations against a node in virtual time, and some hundreds over real sockets. Whatever a client
// says, no internal error comes of it, everything it held is gone with it, and the next client is served.
import { describe, expect, test } from 'vitest'
import { Connection } from '../../nodes/connection.ts'
import { randomStream } from '../../nodes/loop.ts'
import { Wire } from '../broker/wire.ts'
import { World } from '../cluster/world.ts'
import { chunks, conversation, mutateBytes, mutateFrames } from './conversation.ts'
import { stage } from './support.ts'

const frames = conversation()
const peer = { address: '127.0.0.1', port: 1, localAddress: '127.0.0.1', localPort: 5672 }

/** A world whose node 1 is talked to in bytes; internal errors are thrown and fail the test. */
function listen(nodes: number) {
  const world = new World({ nodes })
  if (nodes > 1) world.policy({ 'ha-mode': 'all' })
  const witness = world.client(nodes).confirming()
  witness.declare('witness')
  world.run(100)
  /** Says `bytes` in chunks, lets time pass, hangs up. Returns the names of what came back. */
  const say = (bytes: Buffer, chance: () => number): number => {
    const node = world.cluster.members[0]!.node!
    let heard = 0
    const connection: Connection = new Connection(node, peer, {
      flush: () => {
        const output = connection.takeOutput()
        if (output === null) return
        heard += output.length
        connection.outputDrained(output.length)
      },
    })
    for (const chunk of chunks(bytes, chance)) {
      connection.receive(Buffer.from(chunk))
      world.run(chance() < 0.2 ? 1 : 0)
    }
    world.run(50)
    connection.end()
    world.run(5)
    return heard
  }
  /** What no client may leave behind. */
  const leftovers = () => {
    const node = world.cluster.members[0]!.node!
    const own = nodes === 1 ? 1 : 0
    return {
      connections: node.connections.size - own,
      channels: node.channels.size - own,
      exclusive: [...node.definitions.queues.values()].filter(({ exclusiveOwner }) => exclusiveOwner !== null)
        .length,
      replies: node.definitions.replyAddresses.size,
    }
  }
  const nothing = { connections: 0, channels: 0, exclusive: 0, replies: 0 }
  const check = (what: string) => {
    expect([what, leftovers()]).toEqual([what, nothing])
    witness.fill('witness', [what])
    expect(witness.drain('witness')).toEqual([what])
  }
  return { world, say, check }
}

describe('the conversation itself', () => {
  test('is valid: it is answered to the end', () => {
    const { say, check } = listen(1)
    expect(say(Buffer.concat(frames), randomStream(1, 'chunks'))).toBeGreaterThan(10_000)
    check('whole')
  })
})

describe.each([1, 3])('to a cluster of %i', (nodes) => {
  test.each(Array.from({ length: 20 }, (_, i) => i + 1))(
    'with frames spoiled, sixty times from seed %i',
    (seed) => {
      const { say, check } = listen(nodes)
      for (let i = 0; i < 60; i++) {
        const chance = randomStream(seed * 1000 + i, 'frames')
        say(Buffer.concat(mutateFrames(frames, chance)), chance)
        if (i % 10 === 9) check(`seed ${seed}, by ${i}`)
      }
    },
  )

  test.each(Array.from({ length: 20 }, (_, i) => i + 1))(
    'with bytes spoiled, sixty times from seed %i',
    (seed) => {
      const { say, check } = listen(nodes)
      for (let i = 0; i < 60; i++) {
        const chance = randomStream(seed * 1000 + i, 'bytes')
        say(mutateBytes(frames, chance), chance)
        if (i % 10 === 9) check(`seed ${seed}, by ${i}`)
      }
    },
  )

  test('cut off at every byte', () => {
    const { say, check } = listen(nodes)
    const whole = Buffer.concat(frames)
    for (let cut = 1; cut < whole.length; cut += cut > 3000 && cut < 11_000 ? 97 : 5)
      say(whole.subarray(0, cut), randomStream(cut, 'cuts'))
    check('cuts')
  })
})

describe('over real sockets', () => {
  const broker = stage()

  test('300 spoiled conversations leave a node that answers', async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const chance = randomStream(seed, 'sockets')
      const wire = await Wire.connect(broker.node(1).url)
      const bytes = seed % 2 === 0 ? mutateBytes(frames, chance) : Buffer.concat(mutateFrames(frames, chance))
      wire.write(bytes)
      if (seed % 3 === 0) wire.destroy()
      else if (seed % 10 === 0) await broker.roundTrip()
      setImmediate(() => wire.destroy())
    }
    const { channel } = broker.witness
    const { definitions } = broker.cluster.cluster.members[0]!.node!
    // A spoiled declaration may have made a lasting queue of any name.
    for (const { name } of [...definitions.queues.values()])
      if (name !== 'witness') await channel.deleteQueue(name)
    await broker.calm()
  })
})
