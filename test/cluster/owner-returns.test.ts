// The owner of an ordinary queue returns: what its disk has kept, in which order, and marked how
// (docs/observed.md §0.6, §2).
import { describe, expect, test } from 'vitest'
import { consume, drain, getOne, marks, publish, settled, until } from '../support/clients.ts'
import { bodies, fill, redelivered, scene } from './scene.ts'

const cluster = scene()

describe('after a kill (docs/observed.md §2)', () => {
  test('persistent messages are back in order, all marked redelivered, and transient ones are gone', async () => {
    const [one, two] = await cluster.clients(1, 2)
    await one!.channel.assertQueue('d')
    for (let i = 0; i < 200; i += 2) {
      await publish(one!.channel, '', 'd', `p${i}`, { persistent: true })
      await publish(one!.channel, '', 'd', `t${i + 1}`, { persistent: false })
    }
    await cluster.node(1).kill()
    await cluster.node(1).start()
    const got = marks(await drain(two!.channel, 'd'))
    expect(got).toEqual(Array.from({ length: 100 }, (_, i) => `p${2 * i}*`))
  })

  test('no confirmed persistent message is missing, whenever it comes', async () => {
    const [one, two] = await cluster.clients(1, 2)
    await one!.channel.assertQueue('d')
    const acked: string[] = []
    const publishing = (async () => {
      for (let i = 0; i < 2000; i++) {
        const outcome = publish(two!.channel, '', 'd', `m${i}`, { persistent: true })
        outcome.then((result) => result === 'ack' && acked.push(`m${i}`)).catch(() => {})
        if (i % 50 === 49) await outcome
        if (i === 999) await cluster.node(1).kill()
        if (cluster.record('d', 2)?.state === 'down') return
      }
    })()
    await publishing
    await settled(two!.channel, (await two!.channel.assertQueue('', { exclusive: true })).queue)
    await cluster.node(1).start()
    const got = new Set(marks(await drain(two!.channel, 'd')).map((mark) => mark.slice(0, -1)))
    expect(acked.length).toBeGreaterThan(900)
    expect(acked.slice(0, 950).filter((body) => !got.has(body))).toEqual([])
  })

  test('messages acknowledged in the last moments may come back, in order and redelivered', async () => {
    const [one, two] = await cluster.clients(1, 2)
    await one!.channel.assertQueue('d')
    await fill(one!.channel, 'd', bodies(1000))
    const consumer = await consume(one!.channel, 'd')
    const half = (await consumer.take(500))[499]!
    one!.channel.ack(half, true)
    await until('they are settled', () => cluster.depth('d') === 500)
    await cluster.node(1).kill()
    await cluster.node(1).start()
    expect(marks(await drain(two!.channel, 'd'))).toEqual(redelivered(bodies(1000)))
  })
})

describe('after a clean stop', () => {
  test('only what had been delivered is marked redelivered', async () => {
    const [one, two] = await cluster.clients(1, 2)
    await one!.channel.assertQueue('d')
    await fill(one!.channel, 'd', bodies(6))
    await one!.channel.prefetch(2)
    const consumer = await consume(one!.channel, 'd')
    await consumer.take(2)
    await getOne(two!.channel, 'd')
    await cluster.node(1).stop()
    await cluster.node(1).start()
    expect(marks(await drain(two!.channel, 'd'))).toEqual(['m0*', 'm1*', 'm2*', 'm3', 'm4', 'm5'])
  })

  test('what had been acknowledged does not come back', async () => {
    const [one, two] = await cluster.clients(1, 2)
    await one!.channel.assertQueue('d')
    await fill(one!.channel, 'd', bodies(4))
    one!.channel.ack(await getOne(one!.channel, 'd'))
    await until('it is settled', () => cluster.depth('d') === 3)
    await cluster.node(1).stop()
    await cluster.node(1).start()
    expect(marks(await drain(two!.channel, 'd'))).toEqual(['m1', 'm2', 'm3'])
  })

  test('transient messages are gone', async () => {
    const [one, two] = await cluster.clients(1, 2)
    await one!.channel.assertQueue('d')
    await fill(one!.channel, 'd', bodies(3), { persistent: false })
    await fill(one!.channel, 'd', ['kept'])
    await cluster.node(1).stop()
    await cluster.node(1).start()
    expect(marks(await drain(two!.channel, 'd'))).toEqual(['kept'])
  })
})

describe.each([
  ['kill', () => cluster.node(1).kill()],
  ['stop', () => cluster.node(1).stop()],
] as const)('after a %s and a start', (_way, lose) => {
  test('consumers that were cancelled are not restored, and new ones are served', async () => {
    const [one, two] = await cluster.clients(1, 2)
    await one!.channel.assertQueue('d')
    const former = await consume(two!.channel, 'd')
    await lose()
    await former.cancelled()
    await cluster.node(1).start()
    expect((await two!.channel.checkQueue('d')).consumerCount).toBe(0)
    await fill(two!.channel, 'd', ['new'])
    const next = await consume(two!.channel, 'd')
    expect(marks(await next.take(1))).toEqual(['new'])
    expect(former.messages).toEqual([])
  })

  test('an old delivery tag does not settle a message published since', async () => {
    const [one, two] = await cluster.clients(1, 2)
    await one!.channel.assertQueue('d')
    await fill(one!.channel, 'd', ['transient'], { persistent: false })
    const old = await getOne(two!.channel, 'd')
    await lose()
    await cluster.node(1).start()
    await fill(two!.channel, 'd', ['new'])
    const current = await getOne(two!.channel, 'd')
    expect(marks([current])).toEqual(['new'])
    two!.channel.ack(old)
    await settled(two!.channel, 'd')
    expect(cluster.depth('d')).toBe(1)
    two!.channel.nack(current)
    await until('it is back', async () => (await two!.channel.checkQueue('d')).messageCount === 1)
  })

  test('the owner leads again and the queue has its arguments', async () => {
    const [one, two] = await cluster.clients(1, 2)
    await one!.channel.assertQueue('d', { maxLength: 2 })
    await lose()
    await cluster.node(1).start()
    expect(cluster.leader('d')).toBe(1)
    await fill(two!.channel, 'd', bodies(5))
    expect(marks(await drain(two!.channel, 'd'))).toEqual(['m3', 'm4'])
    const { channel } = await cluster.client(1)
    await channel.assertQueue('d', { maxLength: 2 })
  })
})
