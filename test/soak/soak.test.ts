// What many connections cost, and that none leaves anything behind. The short form runs with all tests; `npm run soak`
// (SOAK=long) opens and closes 20,000 connections of each kind.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { frameBytes, headerBytes, methodBytes, PROTOCOL_HEADER } from '../broker/wire.ts'
import { command, type Memory, residentBytes, type SoakServer, soakServer } from './child.ts'
import {
  basicDeliver,
  channelCloseOk,
  connectionClose,
  connectionStart,
  inWaves,
  Member,
  queueDeclareOk,
  wrongLogin,
} from './crowd.ts'

const long = process.env['SOAK'] === 'long'
const minutes = 60_000

describe('a crowd', () => {
  it(
    'of 2,000 idle connections and 10,000 channels is served in under 300 MB',
    async () => {
      const server = await command()
      try {
        const members: Member[] = []
        await inWaves(2000, 50, async () => {
          const member = new Member(server.url)
          members.push(member)
          await member.open(5)
        })
        await inWaves(members.length, 200, (i) => members[i]!.ask(5))
        const megabytes = residentBytes(server.pid) / 1e6
        console.log(`2,000 connections, 10,000 channels: ${megabytes.toFixed(0)} MB`)
        expect(megabytes).toBeLessThan(300)
        await Promise.all(members.map((member) => member.drop()))
      } finally {
        await server.stop()
      }
    },
    2 * minutes,
  )
})

describe('what comes and goes leaves the heap as it was', () => {
  const times = long ? 20_000 : 1000
  let server: SoakServer
  beforeAll(async () => {
    server = await soakServer()
  })
  afterAll(() => server.stop())

  /** Warms up, until rings are full and code is compiled, then compares the heap before and after `count` times. */
  async function level(
    work: (i: number) => Promise<void>,
    count = times,
    warmUp = long ? 5000 : 1000,
  ): Promise<void> {
    await inWaves(warmUp, 10, work)
    const before = await gone(server)
    await inWaves(count, 10, work)
    const after = await gone(server)
    console.log(
      `${count} times: heap ${mb(before.heapUsed)} to ${mb(after.heapUsed)} MB, external ${mb(before.external)} to ${mb(after.external)} MB`,
    )
    expect(after.heapUsed).toBeLessThan(before.heapUsed * 1.05)
    expect(after.external).toBeLessThan(before.external + 1_000_000)
  }

  const kinds: Record<string, (i: number) => Promise<void>> = {
    'connections that are closed': async () => {
      const member = new Member(server.url)
      await member.open(1)
      await member.close()
    },
    'connections that are dropped': async () => {
      const member = new Member(server.url)
      await member.open(3)
      await member.drop()
    },
    'connections that are dropped before they are open': async () => {
      const member = new Member(server.url)
      member.write(PROTOCOL_HEADER)
      await member.answered(connectionStart)
      await member.drop()
    },
    'connections whose login is refused': async () => {
      const member = new Member(server.url)
      member.write(wrongLogin)
      await member.answered(connectionClose)
      await member.drop()
    },
  }

  it.each(Object.entries(kinds))('%s', (_, work) => level(work), 10 * minutes)

  it(
    'connections with a queue of their own, a consumer and a message',
    () =>
      level(
        async (i) => {
          const member = new Member(server.url)
          await member.open(1)
          const queue = `own-${i}`
          member.write(
            methodBytes(1, 'ConfirmSelect', {}),
            methodBytes(1, 'QueueDeclare', { queue, exclusive: true, arguments: {} }),
            methodBytes(1, 'BasicConsume', { queue, consumerTag: `tag-${i}`, arguments: {} }),
            methodBytes(1, 'BasicPublish', { exchange: '', routingKey: queue }),
            headerBytes(1, 4),
            frameBytes(3, 1, Buffer.from('body')),
          )
          await member.answered(queueDeclareOk)
          await member.answered(basicDeliver)
          await (i % 2 === 0 ? member.close() : member.drop())
          // The record of events is a ring, full of names only after some thousand queues.
        },
        times,
        long ? 5000 : 2500,
      ),
    10 * minutes,
  )

  it(
    'connections over TLS',
    () =>
      level(
        async () => {
          const member = new Member(server.tlsUrl, server.ca)
          await member.open(1)
          await member.close()
        },
        long ? 2000 : 200,
        // Code and caches of TLS are complete after some two thousand: 13.7 MB before and after 6,000 more.
        long ? 2000 : 200,
      ),
    10 * minutes,
  )

  it(
    'channels of one connection',
    async () => {
      const member = new Member(server.url)
      await member.open(0)
      const once = methodBytes(1, 'ChannelClose', { replyCode: 200, classId: 0, methodId: 0 })
      const round = Buffer.concat(Array(100).fill(Buffer.concat([methodBytes(1, 'ChannelOpen'), once])))
      let rounds = 0
      const work = async () => {
        member.write(round)
        await member.answered(channelCloseOk, 100 * ++rounds)
      }
      for (let i = 0; i < 50; i++) await work()
      const before = await server.memory()
      for (let i = 0; i < times / 100; i++) await work()
      const after = await server.memory()
      await member.drop()
      expect(after.heapUsed).toBeLessThan(before.heapUsed * 1.05)
    },
    10 * minutes,
  )
})

const mb = (bytes: number) => (bytes / 1e6).toFixed(2)

/** The server's memory once its last connection has gone. */
async function gone(server: SoakServer): Promise<Memory> {
  for (let i = 0; i < 100; i++) {
    const memory = await server.memory()
    if (memory.connections === 0) return memory
  }
  throw new Error('connections stayed open')
}
