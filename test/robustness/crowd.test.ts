// Many clients at once, slow ones and rude ones: connections dropped by the hundred, consumers and publishers that never
// read what they are sent. Memory stays bounded, what they held returns, and others go on.
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { Connection } from '../../nodes/connection.ts'
import { limits } from '../../nodes/limits.ts'
import { frameBytes, headerBytes, methodBytes, PROTOCOL_HEADER, Wire } from '../broker/wire.ts'
import { bodies, fill } from '../cluster/scene.ts'
import { drain, marks, until } from '../support/clients.ts'
import { stage } from './support.ts'

/** What a connection may have buffered at most: its bound, and what one turn of work may add. */
const mostBuffered = 4 * limits.outputHighBytes

/** Bytes written and not yet taken by the socket. */
const buffered = (connection: Connection) => connection.output.pending

const everything = (...frames: Buffer[]) =>
  Buffer.concat([
    PROTOCOL_HEADER,
    methodBytes(0, 'ConnectionStartOk', {
      clientProperties: {},
      mechanism: 'PLAIN',
      response: Buffer.from('\0guest\0guest'),
    }),
    methodBytes(0, 'ConnectionTuneOk', { channelMax: 2047, frameMax: 131_072, heartbeat: 0 }),
    methodBytes(0, 'ConnectionOpen', { virtualHost: '/' }),
    methodBytes(1, 'ChannelOpen'),
    ...frames,
  ])

describe('one node', () => {
  const broker = stage()
  const url = () => broker.node(1).url

  /** A client that says all at once and reads nothing until told to. */
  async function deaf(...frames: Buffer[]): Promise<Socket> {
    const { hostname, port } = new URL(url())
    const socket = createConnection({ host: hostname, port: Number(port) })
    socket.on('error', () => {})
    socket.pause()
    await once(socket, 'connect')
    socket.write(everything(...frames))
    return socket
  }

  test('is none the worse for 300 connections opened and dropped at every stage', async () => {
    const whole = everything(
      methodBytes(1, 'QueueDeclare', { queue: '', exclusive: true }),
      methodBytes(1, 'BasicConsume', { queue: '' }),
      methodBytes(1, 'BasicPublish', { routingKey: 'witness' }),
    )
    const { hostname, port } = new URL(url())
    const sockets = Array.from({ length: 300 }, () =>
      createConnection({ host: hostname, port: Number(port) }),
    )
    await Promise.all(
      sockets.map(async (socket, i) => {
        socket.on('error', () => {})
        await once(socket, 'connect')
        socket.write(whole.subarray(0, Math.ceil((whole.length * (i + 1)) / 300)))
      }),
    )
    await broker.roundTrip()
    for (const [i, socket] of sockets.entries()) {
      if (i % 2 === 0) socket.resetAndDestroy()
      else socket.destroy()
    }
    await broker.calm()
  })

  test('takes back what dropped consumers held, in order', async () => {
    const { channel } = broker.witness
    await channel.assertQueue('held', { durable: false })
    await fill(channel, 'held', bodies(100))
    const wires = await Promise.all(Array.from({ length: 20 }, () => Wire.open(url())))
    for (const wire of wires) wire.method(1, 'BasicGet', { queue: 'held', noAck: false })
    await Promise.all(wires.map((wire) => wire.message('BasicGetOk')))
    for (const wire of wires) wire.destroy()
    await until('all are ready', async () => (await channel.checkQueue('held')).messageCount === 100)
    const got = marks(await drain(channel, 'held'))
    expect(got.map((mark) => mark.replace('*', ''))).toEqual(bodies(100))
    expect(got.filter((mark) => mark.endsWith('*')).length).toBe(20)
    await channel.deleteQueue('held')
    await broker.calm()
  })

  test('opens 2,000 channels on one connection and forgets them with it', async () => {
    const wire = await Wire.open(url())
    for (let number = 2; number <= 2000; number++) wire.method(number, 'ChannelOpen')
    for (let number = 2; number <= 2000; number++) await wire.expect('ChannelOpenOk')
    await broker.roundTrip()
    wire.destroy()
    await broker.calm()
  })

  test('buffers little for a client that asks for returns and reads none', async () => {
    const body = Buffer.alloc(100_000)
    const unroutable = Buffer.concat([
      methodBytes(1, 'BasicPublish', { routingKey: 'nowhere', mandatory: true }),
      headerBytes(1, body.length),
      frameBytes(3, 1, body),
    ])
    const socket = await deaf()
    let most = 0
    for (let i = 0; i < 400; i++) {
      if (!socket.write(unroutable)) {
        await broker.roundTrip()
        for (const connection of broker.opened(1)) most = Math.max(most, buffered(connection))
      }
    }
    expect(most).toBeLessThan(mostBuffered)
    await broker.roundTrip()
    socket.destroy()
    await broker.calm()
  })

  test('buffers little for a client that fetches large messages and reads none', async () => {
    const { channel } = broker.witness
    await channel.assertQueue('large', { durable: false })
    const body = 'x'.repeat(100_000)
    await fill(channel, 'large', Array(400).fill(body), {})
    const get = methodBytes(1, 'BasicGet', { queue: 'large', noAck: true })
    const socket = await deaf(...Array<Buffer>(400).fill(get))
    await until('it has asked', () => (broker.opened(1)[0]?.traffic.receivedBytes ?? 0) > 400 * get.length)
    await broker.roundTrip()
    expect(buffered(broker.opened(1)[0]!)).toBeLessThan(mostBuffered)
    // Once it reads, everything comes.
    let read = 0
    socket.on('data', (chunk) => (read += chunk.length))
    socket.resume()
    await until('it has been sent all', () => read > 400 * body.length)
    socket.destroy()
    await channel.deleteQueue('large')
    await broker.calm()
  })

  test('lets go of a client that neither reads nor answers when it is stopped', async () => {
    const wire = await Wire.open(url())
    const ended = wire.closed()
    await broker.node(1).stop()
    expect(await ended).toEqual(['ConnectionClose'])
  })
})

describe.each([
  ['its own node', 1, {}],
  ['another node', 2, {}],
  ['its own node and mirrored', 1, { 'ha-mode': 'all' }],
  ['another node and mirrored', 2, { 'ha-mode': 'all' }],
] as const)('a consumer that never reads, of a queue on %s,', (_where, owner, definition) => {
  const broker = stage(2)
  const body = Buffer.alloc(50_000)

  test('is buffered little of 100 MB, and gets the rest once it reads', async () => {
    if ('ha-mode' in definition)
      await broker.cluster.setPolicy({ name: 'p', pattern: '^backlog$', definition })
    const { channel } = owner === 1 ? broker.witness : await broker.client(2)
    await channel.assertQueue('backlog', { durable: false })
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 100; i++) channel.sendToQueue('backlog', body)
      await channel.waitForConfirms()
    }
    const { hostname, port } = new URL(broker.node(1).url)
    const socket = createConnection({ host: hostname, port: Number(port) })
    socket.on('error', () => {})
    socket.pause()
    await once(socket, 'connect')
    socket.write(
      everything(methodBytes(1, 'BasicConsume', { queue: 'backlog', consumerTag: 'deaf', noAck: true })),
    )
    await until('it is fed', () => (broker.opened(1)[0]?.traffic.sentBytes ?? 0) > 1_000_000)
    for (let round = 0; round < 20; round++) await broker.roundTrip()
    expect(buffered(broker.opened(1)[0]!)).toBeLessThan(mostBuffered)
    // Most of the backlog is still in the queue, for another consumer to take.
    const { messageCount } = await channel.checkQueue('backlog')
    expect(messageCount).toBeGreaterThan(1500)
    let read = 0
    socket.on('data', (chunk) => (read += chunk.length))
    socket.resume()
    await until('it has been sent all', () => read > 2000 * body.length)
    socket.destroy()
    await channel.deleteQueue('backlog')
    if (owner !== 1) await channel.close()
  })
})
