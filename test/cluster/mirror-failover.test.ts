// The leader of a mirrored queue is lost while its mirrors are synchronised: who leads next, what it holds, and what
// consumers, old delivery tags and publishers see of it (docs/observed.md §0.1, §0.2, §4.1–§4.3, §11).
import { beforeEach, describe, expect, test } from 'vitest'
import { Wire } from '../broker/wire.ts'
import {
  type ConfirmChannel,
  consume,
  drain,
  getOne,
  marks,
  type Outcome,
  publish,
  settled,
  until,
} from '../support/clients.ts'
import { bodies, type Client, fill, nodeName, redelivered, refusalOf, scene } from './scene.ts'

const cluster = scene()
let [one, two, three]: Client[] = []

beforeEach(async () => {
  await cluster.mirrorAll()
  ;[one, two, three] = await cluster.clients(1, 2, 3)
  await one!.channel.assertQueue('q')
  await cluster.mirrorsBecome('q', '2', '3')
})

const ledBy = (number: number) => until(`node ${number} leads`, () => cluster.leader('q') === number)
const kill = async () => {
  const next = Number(cluster.mirrors('q')[0]![0])
  await cluster.node(1).kill()
  await ledBy(next)
}

describe('when the leader is killed (docs/observed.md §4.1)', () => {
  test('the oldest mirror leads and the other stays as it was', async () => {
    await fill(one!.channel, 'q', bodies(10))
    const [oldest, younger] = cluster.mirrors('q')
    await cluster.node(1).kill()
    await ledBy(Number(oldest))
    await cluster.mirrorsBecome('q', younger!)
  })

  test('all 400 messages are kept in order, transient and unacknowledged ones too, all redelivered', async () => {
    const publishing = bodies(400).map((body, i) =>
      publish(one!.channel, '', 'q', body, { persistent: i % 2 === 0 }),
    )
    await Promise.all(publishing)
    await two!.channel.prefetch(50)
    const wary = { arguments: { 'x-cancel-on-ha-failover': true } }
    const consumer = await consume(two!.channel, 'q', wary)
    await consumer.take(50)
    await getOne(three!.channel, 'q')
    await kill()
    await consumer.cancelled()
    expect((await three!.channel.checkQueue('q')).messageCount).toBe(400)
    expect(marks(await drain(three!.channel, 'q'))).toEqual(redelivered(bodies(400)))
  })

  test('what is published afterwards is not marked redelivered', async () => {
    await fill(one!.channel, 'q', ['before'])
    await kill()
    await fill(two!.channel, 'q', ['after'])
    expect(marks(await drain(three!.channel, 'q'))).toEqual(['before*', 'after'])
  })

  test('what was acknowledged or purged does not come back', async () => {
    await fill(one!.channel, 'q', bodies(6))
    three!.channel.ack(await getOne(three!.channel, 'q'))
    three!.channel.reject(await getOne(three!.channel, 'q'), false)
    await drainOne(three!.channel)
    await until('three are left', () => cluster.depth('q') === 3)
    await kill()
    expect(marks(await drain(three!.channel, 'q'))).toEqual(['m3*', 'm4*', 'm5*'])
  })

  test('a second kill is survived as well', async () => {
    await fill(one!.channel, 'q', bodies(20))
    await kill()
    const next = cluster.leader('q')
    await cluster.node(next).kill()
    await ledBy(5 - next)
    const { channel } = await cluster.client(5 - next)
    expect(marks(await drain(channel, 'q'))).toEqual(redelivered(bodies(20)))
  })

  test('requests that are under way are answered', async () => {
    await fill(one!.channel, 'q', bodies(3))
    const asked = [two, three].map(async (client) => {
      for (let i = 0; i < 200; i++) await client!.channel.checkQueue('q')
    })
    await kill()
    await Promise.all(asked)
  })
})

describe('a consumer on a surviving node', () => {
  test('resumes without a cancel: same tag, delivery tags counting on, a window afresh', async () => {
    await three!.channel.prefetch(50)
    const consumer = await consume(three!.channel, 'q', { consumerTag: 'mine' })
    await fill(one!.channel, 'q', bodies(120))
    const first = await consumer.take(50)
    await kill()
    const again = await consumer.take(50)
    expect(marks(again)).toEqual(redelivered(bodies(50)))
    expect(again.map(({ fields }) => fields.deliveryTag)).toEqual(bodies(50, '', 51).map(Number))
    expect(new Set(again.map(({ fields }) => fields.consumerTag))).toEqual(new Set(['mine']))
    await settled(three!.channel, 'q')
    expect([consumer.messages.length, consumer.isCancelled]).toEqual([100, false])
    // An old tag of a message that has come again settles it, and makes room for one more.
    three!.channel.ack(first[0]!)
    expect(marks(await consumer.take(1))).toEqual(['m50*'])
    await until('one is settled', () => cluster.depth('q') === 119)
  })

  test('is the same one to the new leader: counted once, cancelled once', async () => {
    const consumer = await consume(three!.channel, 'q')
    await kill()
    await until('it is attached', async () => (await two!.channel.checkQueue('q')).consumerCount === 1)
    await three!.channel.cancel(consumer.tag)
    expect((await two!.channel.checkQueue('q')).consumerCount).toBe(0)
    await fill(two!.channel, 'q', ['kept'])
    expect(marks(await drain(two!.channel, 'q'))).toEqual(['kept'])
  })

  test('keeps its priority and its lack of acknowledgements', async () => {
    const low = await consume(two!.channel, 'q', { priority: 1, noAck: true })
    const high = await consume(three!.channel, 'q', { priority: 9, noAck: true })
    await kill()
    await until('both are attached', async () => (await two!.channel.checkQueue('q')).consumerCount === 2)
    await fill(two!.channel, 'q', bodies(10))
    expect(marks(await high.take(10))).toEqual(bodies(10))
    expect(low.messages).toEqual([])
    await until('nothing is left', () => cluster.depth('q') === 0)
  })

  test('keeps the queue to itself if it is exclusive', async () => {
    await consume(three!.channel, 'q', { exclusive: true })
    await kill()
    await until('it is attached', async () => (await two!.channel.checkQueue('q')).consumerCount === 1)
    expect(await refusalOf(two!, (channel) => channel.consume('q', () => {}))).toBe(
      "403 60.20 ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use",
    )
  })

  test('is cancelled if it asked for that with x-cancel-on-ha-failover', async () => {
    const plain = await consume(two!.channel, 'q')
    const wary = await consume(three!.channel, 'q', { arguments: { 'x-cancel-on-ha-failover': true } })
    await kill()
    await wary.cancelled()
    await until('the other is attached', async () => {
      return (await three!.channel.checkQueue('q')).consumerCount === 1
    })
    await fill(three!.channel, 'q', bodies(3))
    expect(marks(await plain.take(3))).toEqual(bodies(3))
    expect([plain.isCancelled, wary.messages]).toEqual([false, []])
  })

  test('keeps a channel-wide limit that was set after it began', async () => {
    const consumer = await consume(three!.channel, 'q')
    await three!.channel.prefetch(2, true)
    await kill()
    await fill(two!.channel, 'q', bodies(6))
    expect(marks(await consumer.take(2))).toEqual(bodies(2))
    await settled(three!.channel, 'q')
    expect(consumer.messages.length).toBe(2)
  })
})

describe('a delivery tag from before', () => {
  beforeEach(() => fill(one!.channel, 'q', bodies(4)))

  /** What is left in the queue once everything outstanding has returned. */
  const leftovers = async () => {
    await three!.connection.close()
    const { channel } = await cluster.client(2)
    await until('nothing is outstanding', async () => {
      return (await channel.checkQueue('q')).messageCount === cluster.depth('q')
    })
    return marks(await drain(channel, 'q'))
  }

  test('of basic.get is accepted and removes nothing', async () => {
    const held = await getOne(three!.channel, 'q')
    await kill()
    three!.channel.ack(held)
    await settled(three!.channel, 'q')
    expect(await leftovers()).toEqual(redelivered(bodies(4)))
  })

  test('of a consumer cancelled meanwhile is accepted and removes nothing', async () => {
    await three!.channel.prefetch(2)
    const consumer = await consume(three!.channel, 'q')
    const [held] = await consumer.take(2)
    await three!.channel.cancel(consumer.tag)
    await kill()
    three!.channel.ack(held!)
    await settled(three!.channel, 'q')
    expect(await leftovers()).toEqual(redelivered(bodies(4)))
  })

  test('of a message that has gone to another channel is accepted and removes nothing', async () => {
    const wary = { arguments: { 'x-cancel-on-ha-failover': true } }
    const consumer = await consume(three!.channel, 'q', wary)
    const [held] = await consumer.take(4)
    await kill()
    await consumer.cancelled()
    const other = await consume(two!.channel, 'q')
    await other.take(4)
    three!.channel.ack(held!)
    await settled(three!.channel, 'q')
    expect(cluster.depth('q')).toBe(4)
    await two!.channel.close()
    expect(await leftovers()).toEqual(redelivered(bodies(4)))
  })

  test('acknowledged in a transaction that is committed later removes nothing either', async () => {
    const wire = await Wire.open(cluster.node(3).url)
    await wire.call(1, 'TxSelect', {}, 'TxSelectOk')
    wire.method(1, 'BasicGet', { queue: 'q', noAck: false })
    const { deliveryTag } = (await wire.message('BasicGetOk')).fields
    wire.method(1, 'BasicAck', { deliveryTag })
    await settled(two!.channel, 'q')
    await kill()
    await wire.call(1, 'TxCommit', {}, 'TxCommitOk')
    expect(await leftovers()).toEqual(redelivered(bodies(4)))
    wire.destroy()
  })

  test('rejects a message that has come again, which is dead-lettered once', async () => {
    await two!.channel.assertQueue('dead')
    await cluster.policy(
      { 'ha-mode': 'all', 'dead-letter-exchange': '', 'dead-letter-routing-key': 'dead' },
      { name: 'd', pattern: '^q$', priority: 1 },
    )
    const consumer = await consume(three!.channel, 'q')
    const [held] = await consumer.take(4)
    await kill()
    const [again] = await consumer.take(4)
    expect(marks([again!])).toEqual(['m0*'])
    three!.channel.reject(held!, false)
    three!.channel.reject(again!, false)
    await settled(three!.channel, 'q')
    await until('it is dead', () => cluster.depth('dead') === 1)
    expect(cluster.depth('q')).toBe(3)
  })
})

describe('publishing through another node while the leader is killed (docs/observed.md §4.3)', () => {
  test('loses nothing, nacks nothing and confirms everything', async () => {
    await three!.channel.prefetch(20)
    const seen = new Set<string>()
    const fresh: number[] = []
    await three!.channel.consume('q', (message) => {
      if (message === null) throw new Error('the consumer was cancelled')
      seen.add(String(message.content))
      if (!message.fields.redelivered) fresh.push(Number(message.content))
      three!.channel.ack(message)
    })
    const outcomes: Promise<Outcome>[] = []
    for (let i = 0; i < 2000; i++) {
      outcomes.push(publish(two!.channel, '', 'q', `${i}`, { persistent: i % 2 === 0 }))
      if (i % 20 === 19) await outcomes[i - 15]
      if (i === 1000) await cluster.node(1).kill()
    }
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['ack']))
    await until('all have come', () => seen.size === 2000)
    expect(fresh).toEqual([...fresh].sort((a, b) => a - b))
    await until('the queue is empty', () => cluster.depth('q') === 0)
  })

  test('confirms messages that are handed to a consumer without acknowledgement', async () => {
    const consumer = await consume(three!.channel, 'q', { noAck: true })
    const outcomes: Promise<Outcome>[] = []
    for (let i = 0; i < 600; i++) {
      outcomes.push(publish(two!.channel, '', 'q', `${i}`))
      if (i % 20 === 19) await outcomes[i - 15]
      if (i === 300) await cluster.node(1).kill()
    }
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['ack']))
    await until('all have come', () => new Set(marks(consumer.messages)).size >= 600)
  })
})

describe('the killed node (docs/observed.md §4.2)', () => {
  test('returns as the last mirror, empty and unsynchronised, and the leader stays', async () => {
    await fill(one!.channel, 'q', bodies(150))
    await kill()
    const next = cluster.leader('q')
    await cluster.node(1).start()
    await cluster.mirrorsBecome('q', `${5 - next}`, '1?')
    expect([cluster.leader('q'), cluster.mirrors('q')]).toEqual([next, [`${5 - next}`, '1?']])
    const mirror = cluster.cluster.cluster.member(nodeName(1)).node!.replicas.mirrors
    expect([...mirror.values()].map(({ depth }) => depth)).toEqual([0])
  })

  test('is synchronised once the messages older than its return are gone', async () => {
    await fill(one!.channel, 'q', bodies(150))
    await kill()
    const younger = 5 - cluster.leader('q')
    await cluster.node(1).start()
    await fill(two!.channel, 'q', bodies(10, 'new'))
    for (let i = 0; i < 149; i++) await drainOne(three!.channel)
    await settled(three!.channel, 'q')
    expect(cluster.mirrors('q')).toEqual([`${younger}`, '1?'])
    await drainOne(three!.channel)
    await cluster.mirrorsBecome('q', `${younger}`, '1')
  })

  test('is synchronised at once when the queue is empty', async () => {
    await kill()
    const younger = 5 - cluster.leader('q')
    await cluster.node(1).start()
    await cluster.mirrorsBecome('q', `${younger}`, '1')
  })

  test('is brought level by a sync, and may then lead again', async () => {
    await fill(one!.channel, 'q', bodies(30))
    await kill()
    const next = cluster.leader('q')
    await cluster.node(1).start()
    cluster.synchronise('q')
    await cluster.mirrorsBecome('q', `${5 - next}`, '1')
    await cluster.node(5 - next).kill()
    await cluster.node(next).kill()
    await ledBy(1)
    const { channel } = await cluster.client(1)
    expect(marks(await drain(channel, 'q'))).toEqual(redelivered(bodies(30)))
  })
})

describe('when the leader is stopped', () => {
  test('a synchronised mirror takes over and nothing is lost', async () => {
    await fill(one!.channel, 'q', bodies(50), { persistent: false })
    const consumer = await consume(three!.channel, 'q')
    await consumer.take(50)
    const next = Number(cluster.mirrors('q')[0])
    await cluster.node(1).stop()
    await ledBy(next)
    expect(marks(await consumer.take(50))).toEqual(redelivered(bodies(50)))
    expect((await one!.closed)?.code).toBe(320)
  })

  test('publishing through another node goes on, all confirmed', async () => {
    const outcomes: Promise<Outcome>[] = []
    for (let i = 0; i < 600; i++) {
      outcomes.push(publish(two!.channel, '', 'q', `${i}`, { persistent: true }))
      if (i % 20 === 19) await outcomes[i - 15]
      if (i === 300) await cluster.node(1).stop()
    }
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['ack']))
    expect(marks(await drain(three!.channel, 'q')).map((mark) => mark.replace('*', ''))).toEqual(
      bodies(600, ''),
    )
  })
})

describe('when a mirror is lost', () => {
  test('the leader goes on, and confirms what waited for it', async () => {
    const outcomes: Promise<Outcome>[] = []
    for (let i = 0; i < 400; i++) {
      outcomes.push(publish(one!.channel, '', 'q', `${i}`, { persistent: true }))
      if (i % 20 === 19) await outcomes[i - 15]
      if (i === 200) await cluster.node(2).kill()
    }
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['ack']))
    expect([cluster.leader('q'), cluster.mirrors('q')]).toEqual([1, ['3']])
    expect(marks(await drain(three!.channel, 'q'))).toEqual(bodies(400, ''))
  })

  test('what its clients held returns, redelivered', async () => {
    await fill(one!.channel, 'q', bodies(4))
    await getOne(two!.channel, 'q')
    await cluster.node(2).kill()
    await until('it is back', async () => (await one!.channel.checkQueue('q')).messageCount === 4)
    expect(marks(await drain(one!.channel, 'q'))).toEqual(['m0*', 'm1', 'm2', 'm3'])
  })
})

/** Takes one message off the queue for good. */
async function drainOne(channel: ConfirmChannel): Promise<void> {
  expect(await channel.get('q', { noAck: true })).not.toBe(false)
}
