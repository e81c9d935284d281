// What is made large, and what each costs then: one function a curve, each on a broker that it leaves as it found it. Called by
// large.ts, which says how large; it judges nothing.
import { emptyTable } from '../nodes/amqp/fields.ts'
import { Peer } from './peer.ts'
import type { Warren } from './warren.ts'

/** The cost of one of what is counted: processor time in us, or bytes of memory. */
export interface Cost {
  readonly what: string
  readonly unit: 'us' | 'B'
  readonly each: number
}

export interface Curve {
  readonly name: string
  readonly counted: string
  readonly largest: number
  /** The size that is done once before, so that the broker's code is compiled when it is measured. */
  readonly rehearsal: number
  at(broker: Warren, size: number): Promise<Cost[]>
}

const exchange = 'large'
const hundred = Buffer.alloc(100, 'x')
/** Messages by which a cost per message is told while something else is large. */
const probesBeside = (size: number) => Math.min(20_000, 100 * size)

const declaration = { passive: false, durable: false, exclusive: false, autoDelete: false, nowait: false }
const consumption = { noLocal: false, exclusive: false, nowait: false, arguments: emptyTable }

/** Runs `work`, which counts `count`, and gives the broker's processor time for each. */
async function cost(
  broker: Warren,
  what: string,
  count: number,
  work: () => Promise<unknown>,
): Promise<Cost> {
  const before = broker.cpuMicros()
  await work()
  return { what, unit: 'us', each: (broker.cpuMicros() - before) / count }
}

async function confirming(broker: Warren): Promise<Peer> {
  const peer = await Peer.open(broker.addresses[0]!)
  await peer.send(1, (writer) => writer.method(1, 'confirmSelect', { nowait: false }))
  await peer.answered('confirmSelectOk', 1)
  return peer
}

const declare = (peer: Peer, count: number, name: (i: number) => string) =>
  peer.calls(count, 'queueDeclareOk', (writer, i) =>
    writer.method(1, 'queueDeclare', { queue: name(i), ...declaration, arguments: emptyTable }),
  )

const remove = (peer: Peer, count: number, name: (i: number) => string) =>
  peer.calls(count, 'queueDeleteOk', (writer, i) =>
    writer.method(1, 'queueDelete', { queue: name(i), ifUnused: false, ifEmpty: false, nowait: false }),
  )

async function queues(broker: Warren, size: number): Promise<Cost[]> {
  const peer = await confirming(broker)
  const name = (i: number) => `q${i}`
  const costs = [
    await cost(broker, 'declare', size, () => declare(peer, size, name)),
    await cost(broker, 'publish to any', 4 * size, () =>
      peer.publish(4 * size, (i) => name((i * 7919) % size), hundred),
    ),
    await cost(broker, 'delete', size, () => remove(peer, size, name)),
  ]
  peer.close()
  return costs
}

/** What a page of a hundred is asked for with, and what the table calls it. */
const listings = [
  ['page of 100', 'page=1&page_size=100'],
  ['page sorted by messages', 'page=1&page_size=100&sort=messages&sort_reverse=true'],
  ['page by rate of publishes', 'page=1&page_size=100&sort=message_stats.publish_details.rate'],
  ['page of names that match', 'page=1&page_size=100&name=q1&use_regex=true'],
  ['page of three columns', 'page=1&page_size=100&columns=name,messages,node'],
  ['all, three columns', 'columns=name,messages,node'],
  ['all', ''],
] as const
const timesListed = 10

/** As an administrator's page or tool asks: the time until the whole answer is there, not the broker's processor time. */
async function listed(broker: Warren, size: number): Promise<Cost[]> {
  const peer = await confirming(broker)
  const name = (i: number) => `q${i}`
  await declare(peer, size, name)
  await peer.publish(size, name, hundred)
  const costs: Cost[] = []
  for (const vhost of ['', '/%2F'])
    for (const [what, query] of vhost === '' ? listings : listings.slice(0, 1))
      costs.push({
        what: vhost === '' ? what : `${what}, one vhost`,
        unit: 'us',
        each: await medianWait(`${broker.adminUrl}/api/queues${vhost}?${query}`),
      })
  await remove(peer, size, name)
  peer.close()
  return costs
}

async function medianWait(url: string): Promise<number> {
  const headers = { authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}` }
  const waits: number[] = []
  while (waits.length < timesListed) {
    const began = performance.now()
    const answer = await fetch(url, { headers })
    if (!answer.ok) throw new Error(`${url} answers ${answer.status}`)
    await answer.arrayBuffer()
    waits.push((performance.now() - began) * 1000)
  }
  return waits.sort((a, b) => a - b)[timesListed / 2]!
}

async function bindings(broker: Warren, size: number): Promise<Cost[]> {
  const probes = probesBeside(size)
  const peer = await confirming(broker)
  await peer.calls(1, 'exchangeDeclareOk', (writer) =>
    writer.method(1, 'exchangeDeclare', {
      exchange,
      type: 'topic',
      ...declaration,
      internal: false,
      arguments: emptyTable,
    }),
  )
  await declare(peer, 1, () => 'bound')
  const bind = (count: number, routingKey: (i: number) => string) =>
    peer.calls(count, 'queueBindOk', (writer, i) =>
      writer.method(1, 'queueBind', {
        queue: 'bound',
        exchange,
        routingKey: routingKey(i),
        nowait: false,
        arguments: emptyTable,
      }),
    )
  const costs = [
    await cost(broker, 'bind', size, () => bind(size, (i) => `stock.s${i}.*.#`)),
    // No key comes twice, so that no route is remembered.
    await cost(broker, 'publish, one match', probes, () =>
      peer.publish(probes, (i) => `stock.s${(i * 7919) % size}.k${i}.x`, hundred, exchange),
    ),
    await cost(broker, 'publish, no match', probes, () =>
      peer.publish(probes, (i) => `stock.t${(i * 7919) % size}.k${i}.x`, hundred, exchange),
    ),
    await cost(broker, 'unbind with its queue', size, () => remove(peer, 1, () => 'bound')),
  ]
  await peer.calls(1, 'exchangeDeleteOk', (writer) =>
    writer.method(1, 'exchangeDelete', { exchange, ifUnused: false, nowait: false }),
  )
  peer.close()
  return costs
}

async function matches(broker: Warren, size: number): Promise<Cost[]> {
  const peer = await confirming(broker)
  const name = (i: number) => `m${i}`
  await declare(peer, size, name)
  await peer.calls(size, 'queueBindOk', (writer, i) =>
    writer.method(1, 'queueBind', {
      queue: name(i),
      exchange: 'amq.topic',
      routingKey: 'all.#',
      nowait: false,
      arguments: emptyTable,
    }),
  )
  const count = 4000
  const costs = [
    await cost(broker, 'copy', count * size, () =>
      peer.publish(count, (i) => `all.k${i}`, hundred, 'amq.topic'),
    ),
  ]
  await remove(peer, size, name)
  peer.close()
  return costs
}

async function connections(broker: Warren, size: number): Promise<Cost[]> {
  const probes = probesBeside(size)
  const address = broker.addresses[0]!
  const peers: Peer[] = []
  const atOnce = 50
  const before = broker.residentBytes()
  const opening = await cost(broker, 'open', size, async () => {
    while (peers.length < size) {
      const some = Math.min(atOnce, size - peers.length)
      peers.push(...(await Promise.all(Array.from({ length: some }, () => Peer.open(address)))))
    }
  })
  const memory = { what: 'memory', unit: 'B', each: (broker.residentBytes() - before) / size } as const
  const active = await confirming(broker)
  await declare(active, 1, () => 'beside')
  const beside = await cost(broker, 'publish beside them', probes, () =>
    active.publish(probes, () => 'beside', hundred),
  )
  const closing = await cost(broker, 'close', size, async () => {
    for (const peer of peers) peer.close()
    // Served after the ends of the others.
    await remove(active, 1, () => 'beside')
  })
  active.close()
  return [opening, memory, beside, closing]
}

async function depth(broker: Warren, size: number): Promise<Cost[]> {
  const peer = await confirming(broker)
  await declare(peer, 1, () => 'deep')
  const before = broker.residentBytes()
  const fill = await cost(broker, 'fill', size, () => peer.publish(size, () => 'deep', hundred))
  const memory = { what: 'memory', unit: 'B', each: (broker.residentBytes() - before) / size } as const
  const drain = await cost(broker, 'drain', size, async () => {
    await consume(peer, 1, 'deep', true)
    await peer.answered('basicDeliver', size)
  })
  await remove(peer, 1, () => 'deep')
  peer.close()
  return [fill, memory, drain]
}

const consume = (peer: Peer, count: number, queue: string, noAck: boolean) =>
  peer.calls(count, 'basicConsumeOk', (writer, i) =>
    writer.method(1, 'basicConsume', { queue, consumerTag: `c${i}`, noAck, ...consumption }),
  )

const cancel = (peer: Peer, count: number) =>
  peer.calls(count, 'basicCancelOk', (writer, i) =>
    writer.method(1, 'basicCancel', { consumerTag: `c${i}`, nowait: false }),
  )

async function body(broker: Warren, size: number): Promise<Cost[]> {
  const peer = await confirming(broker)
  await declare(peer, 1, () => 'big')
  await consume(peer, 1, 'big', true)
  const bytes = Buffer.alloc(size << 20, 'x')
  const carried = await cost(broker, 'publish and deliver', size, async () => {
    await peer.publish(1, () => 'big', bytes)
    await peer.until(() => peer.bodyBytes >= bytes.length)
  })
  await remove(peer, 1, () => 'big')
  peer.close()
  return [carried]
}

async function consumers(broker: Warren, size: number): Promise<Cost[]> {
  const probes = probesBeside(size)
  const [publisher, peer] = [await confirming(broker), await Peer.open(broker.addresses[0]!)]
  await declare(publisher, 1, () => 'shared')
  await peer.calls(1, 'basicQosOk', (writer) =>
    writer.method(1, 'basicQos', { prefetchSize: 0, prefetchCount: 1, global: false }),
  )
  peer.acking = true
  const begin = await cost(broker, 'begin', size, () => consume(peer, size, 'shared', false))
  const deliver = await cost(broker, 'deliver and ack', probes, async () => {
    await publisher.publish(probes, () => 'shared', hundred)
    await peer.answered('basicDeliver', probes)
  })
  const end = await cost(broker, 'cancel', size, () => cancel(peer, size))
  await remove(publisher, 1, () => 'shared')
  for (const one of [publisher, peer]) one.close()
  return [begin, deliver, end]
}

export const curves: readonly Curve[] = [
  { name: 'queues', counted: 'queues', largest: 10_000, rehearsal: 5000, at: queues },
  { name: 'listed', counted: 'queues, listed over HTTP', largest: 10_000, rehearsal: 1250, at: listed },
  {
    name: 'bindings',
    counted: 'bindings of a topic exchange',
    largest: 10_000,
    rehearsal: 10000,
    at: bindings,
  },
  { name: 'matches', counted: 'queues that match', largest: 64, rehearsal: 64, at: matches },
  { name: 'connections', counted: 'connections', largest: 5000, rehearsal: 625, at: connections },
  { name: 'depth', counted: 'messages in a queue', largest: 1_000_000, rehearsal: 125000, at: depth },
  { name: 'body', counted: 'MB of a body', largest: 100, rehearsal: 13, at: body },
  { name: 'consumers', counted: 'consumers of a queue', largest: 1000, rehearsal: 4000, at: consumers },
]
