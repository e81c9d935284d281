// The leader of a mirrored queue is lost while no mirror has all of its messages: promotion with losses, or waiting for
// the leader, as ha-promote-on-failure and ha-promote-on-shutdown say (docs/observed.md §4.4–§4.6, §11).
import { beforeEach, describe, expect, test } from 'vitest'
import { consume, drain, getOne, marks, publish, settled, until } from '../support/clients.ts'
import { bodies, type Client, fill, redelivered, scene } from './scene.ts'

const cluster = scene()
let [one, two, three]: Client[] = []

beforeEach(async () => {
  ;[one, two, three] = await cluster.clients(1, 2, 3)
})

const killed = () => cluster.node(1).kill()
const stopped = () => cluster.node(1).stop()
const ledBy = (number: number) => until(`node ${number} leads`, () => cluster.leader('q') === number)
const waits = () => until('it waits', () => cluster.record('q')?.state === 'waiting')

/** 300 messages, every third of them transient; then mirrors, which get the next 50 only. */
async function halfMirrored(definition = {}) {
  await one!.channel.assertQueue('q')
  for (const [i, body] of bodies(300).entries())
    void publish(one!.channel, '', 'q', body, { persistent: i % 3 !== 2 })
  await one!.channel.waitForConfirms()
  await cluster.mirrorAll(definition)
  await cluster.mirrorsBecome('q', '2?', '3?')
  await fill(one!.channel, 'q', bodies(50, 'new'), { persistent: false })
}

const survivingDisk = bodies(300).filter((_, i) => i % 3 !== 2)

describe('with ha-promote-on-failure always, the default (docs/observed.md §4.4)', () => {
  beforeEach(() => halfMirrored())

  test('a kill promotes the oldest mirror: what it never had is lost, the rest is kept and redelivered', async () => {
    const oldest = Number(cluster.mirrors('q')[0]![0])
    await killed()
    await ledBy(oldest)
    // Having all the new leader has, the other one counts as synchronised.
    await cluster.mirrorsBecome('q', `${5 - oldest}`)
    expect(marks(await drain(two!.channel, 'q'))).toEqual(redelivered(bodies(50, 'new')))
    const told = [...cluster.cluster.cluster.trace.events()].filter(({ kind }) => kind === 'messages-lost')
    expect(told).toMatchObject([{ node: `rabbit@node${oldest}`, subject: 'q', value: 300 }])
  })

  test('the killed node comes back empty: its old messages are gone for good', async () => {
    await killed()
    await until('promoted', () => cluster.leader('q') !== 1 && cluster.depth('q') === 50)
    const leader = cluster.leader('q')
    await cluster.node(1).start()
    await cluster.mirrorsBecome('q', `${5 - leader}`, '1?')
    expect(cluster.leader('q')).toBe(leader)
    expect(marks(await drain(three!.channel, 'q'))).toEqual(redelivered(bodies(50, 'new')))
    await cluster.mirrorsBecome('q', `${5 - leader}`, '1')
  })
})

describe('after a kill with ha-promote-on-failure when-synced (docs/observed.md §4.4)', () => {
  beforeEach(() => halfMirrored({ 'ha-promote-on-failure': 'when-synced' }))

  test('nobody is promoted, and the consumer is not cancelled', async () => {
    const consumer = await consume(two!.channel, 'q', { noAck: false })
    await consumer.take(350)
    await killed()
    await waits()
    expect([cluster.leader('q'), consumer.isCancelled]).toEqual([1, false])
  })

  test('publishes stay unanswered, mandatory ones too, and are nacked and not stored when it returns', async () => {
    let returned = 0
    two!.channel.on('return', () => returned++)
    const answers: string[] = []
    await killed()
    await waits()
    for (const mandatory of [false, true])
      void publish(two!.channel, '', 'q', 'open', { mandatory }).then((answer) => answers.push(answer))
    await settled(two!.channel, (await two!.channel.assertQueue('', { exclusive: true })).queue)
    expect([answers, returned]).toEqual([[], 0])
    await cluster.node(1).start()
    await until('both are answered', () => answers.length === 2)
    expect([answers, returned]).toEqual([['nack', 'nack'], 0])
    expect(marks(await drain(two!.channel, 'q'))).toEqual(redelivered(survivingDisk))
  })

  test('the leader that returns has its persistent messages and unsynchronised mirrors again', async () => {
    await killed()
    await waits()
    await cluster.node(1).start()
    await cluster.mirrorsBecome('q', '2?', '3?')
    expect(cluster.leader('q')).toBe(1)
    expect(marks(await drain(three!.channel, 'q'))).toEqual(redelivered(survivingDisk))
  })

  test('consumers resume by themselves when it returns, whether they began before or during the wait', async () => {
    await two!.channel.prefetch(100)
    const before = await consume(two!.channel, 'q', { consumerTag: 'before' })
    await before.take(100)
    await killed()
    await waits()
    await three!.channel.prefetch(100)
    const during = consume(three!.channel, 'q', { consumerTag: 'during' })
    await cluster.node(1).start()
    const all = [...(await before.take(100)), ...(await (await during).take(100))]
    expect(new Set(marks(all))).toEqual(new Set(redelivered(survivingDisk)))
    expect((await (await cluster.client(2)).channel.checkQueue('q')).consumerCount).toBe(2)
    expect(before.isCancelled).toBe(false)
  })

  test('declare, get and purge wait for it and are then answered', async () => {
    await killed()
    await waits()
    const others = await Promise.all([2, 3, 2].map((number) => cluster.client(number)))
    const asked = [
      others[0]!.channel.assertQueue('q').then(({ messageCount }) => messageCount),
      others[1]!.channel.get('q').then((message) => message && marks([message])[0]),
    ]
    let answered = 0
    for (const one of asked) void one.then(() => answered++)
    await settled(others[2]!.channel, (await others[2]!.channel.assertQueue('', { exclusive: true })).queue)
    expect(answered).toBe(0)
    await cluster.node(1).start()
    const [count, first] = await Promise.all(asked)
    expect([199, 200]).toContain(count)
    expect(first).toBe('m0*')
    expect(await others[2]!.channel.purgeQueue('q')).toEqual({ messageCount: 199 })
  })

  test('a synchronised mirror is promoted all the same', async () => {
    cluster.synchronise('q')
    await cluster.mirrorsBecome('q', '2', '3')
    await killed()
    await until('promoted', () => cluster.leader('q') !== 1)
    expect(marks(await drain(two!.channel, 'q'))).toEqual(redelivered([...bodies(300), ...bodies(50, 'new')]))
  })
})

describe('after a clean stop (docs/observed.md §4.5)', () => {
  test('with ha-promote-on-shutdown when-synced, the default, publishes are nacked at once', async () => {
    await halfMirrored()
    await stopped()
    await waits()
    expect(await publish(two!.channel, '', 'q', 'refused')).toBe('nack')
    expect(await publish(three!.channel, '', 'q', 'refused', { mandatory: true })).toBe('nack')
  })

  test('the leader returns with its persistent messages, redelivered only if they had been delivered', async () => {
    await halfMirrored()
    await getOne(two!.channel, 'q')
    await getOne(two!.channel, 'q')
    await stopped()
    await waits()
    await cluster.node(1).start()
    await cluster.mirrorsBecome('q', '2?', '3?')
    const [first, second, ...rest] = survivingDisk
    expect(marks(await drain(three!.channel, 'q'))).toEqual([`${first}*`, `${second}*`, ...rest])
  })

  test('with ha-promote-on-shutdown always the oldest mirror is promoted with what it has', async () => {
    await halfMirrored({ 'ha-promote-on-shutdown': 'always' })
    await stopped()
    await until('promoted', () => cluster.leader('q') !== 1)
    expect(marks(await drain(two!.channel, 'q'))).toEqual(redelivered(bodies(50, 'new')))
  })

  test('ha-promote-on-failure when-synced outranks ha-promote-on-shutdown always', async () => {
    await halfMirrored({ 'ha-promote-on-failure': 'when-synced', 'ha-promote-on-shutdown': 'always' })
    await stopped()
    await waits()
    const count = two!.channel.checkQueue('q')
    await cluster.node(1).start()
    expect((await count).messageCount).toBe(200)
  })
})

describe('ha-mode exactly 1', () => {
  beforeEach(async () => {
    await cluster.policy({ 'ha-mode': 'exactly', 'ha-params': 1 })
    await one!.channel.assertQueue('q')
    await fill(one!.channel, 'q', bodies(5))
  })

  test('nacks publishes while the leader is away, and its consumers resume when it returns', async () => {
    const consumer = await consume(two!.channel, 'q')
    await consumer.take(5)
    await killed()
    await waits()
    expect(await publish(three!.channel, '', 'q', 'refused')).toBe('nack')
    const passive = three!.channel.checkQueue('q')
    await cluster.node(1).start()
    expect(marks(await consumer.take(5))).toEqual(redelivered(bodies(5)))
    expect((await passive).queue).toBe('q')
    expect(consumer.isCancelled).toBe(false)
  })

  test('whose policy was removed before is an ordinary queue: 404 and a cancel', async () => {
    await cluster.cluster.clearPolicy('p')
    const consumer = await consume(two!.channel, 'q')
    await killed()
    await consumer.cancelled()
    await expect(three!.channel.checkQueue('q')).rejects.toThrow(/home node 'rabbit@node1'/)
  })
})
