// What clients do on an open channel: declare and bind, publish and confirm, consume and settle, transactions, dead letters,
// replies, errors made on purpose. Each scene appends valid frames to a talk; the corpus strings them together.

import { emptyTable, type Field } from '../nodes/amqp/fields.ts'
import type { Chance } from './chance.ts'
import { heartbeatFrame } from './frames.ts'
import type { Talk } from './talk.ts'
import { anyExchange, exchanges, exchangeTypes, keys, messageHeaders, queues, tags } from './values.ts'

export type Scene = (talk: Talk, chance: Chance) => void

const longstr = (value: string): Field => ({ type: 'longstr', value })
const integer = (value: number): Field => ({ type: 'signedint', value })

const fill: Scene = (talk, chance) => {
  const channel = talk.channel()
  const queue = chance.pick(queues)
  if (chance.hit(70)) talk.declare(channel, queue)
  if (chance.hit(30)) talk.send(channel, 'confirmSelect', { nowait: chance.hit(20) })
  for (let i = chance.between(1, 6); i > 0; i--) talk.publish(channel, '', chance.hit(90) ? queue : 'nowhere')
}

const get: Scene = (talk, chance) => {
  const channel = talk.channel()
  const queue = chance.pick(queues)
  talk.declare(channel, queue)
  for (let i = chance.between(1, 4); i > 0; i--) {
    if (chance.hit(80)) talk.publish(channel, '', queue)
    const noAck = chance.hit(30)
    talk.send(channel, 'basicGet', { queue: chance.hit(80) ? queue : '', noAck })
    talk.expect(channel)
    if (noAck) talk.tag(channel)
  }
  settle(talk, chance)
}

const settle: Scene = (talk, chance) => {
  const channel = talk.channel()
  const deliveryTag = talk.tag(channel) || (chance.hit(20) ? chance.between(0, 3) : 0)
  const multiple = deliveryTag === 0 || chance.hit(20)
  const requeue = chance.hit(50)
  chance.weighted<() => void>([
    [4, () => talk.send(channel, 'basicAck', { deliveryTag, multiple })],
    [2, () => talk.send(channel, 'basicNack', { deliveryTag, multiple, requeue })],
    [multiple ? 0 : 2, () => talk.send(channel, 'basicReject', { deliveryTag, requeue })],
  ])()
}

const consume: Scene = (talk, chance) => {
  const channel = talk.channel()
  const queue = chance.pick(queues)
  if (chance.hit(60)) talk.declare(channel, queue)
  if (chance.hit(50))
    talk.send(channel, 'basicQos', {
      prefetchSize: 0,
      prefetchCount: chance.pick([0, 1, 2, 10]),
      global: chance.hit(40),
    })
  const priority = chance.hit(25) ? new Map([['x-priority', integer(chance.pick([-1, 0, 5]))]]) : emptyTable
  const tag = talk.consumerTag()
  talk.consume(channel, queue, tag, priority)
  const count = chance.between(0, 4)
  for (let i = count; i > 0; i--) talk.publish(channel, '', queue)
  talk.expect(channel, count)
  if (chance.hit(30)) talk.wait(chance.pick([1, 5, 60]))
  for (let i = chance.between(0, 3); i > 0; i--) settle(talk, chance)
  if (chance.hit(20)) talk.send(channel, 'channelFlow', { active: true })
  if (chance.hit(40)) talk.send(channel, 'basicCancel', { consumerTag: tag, nowait: chance.hit(20) })
  if (chance.hit(20)) talk.send(channel, 'basicRecover', { requeue: true })
  if (chance.hit(5)) talk.send(channel, 'basicRecoverAsync', { requeue: true })
}

const transaction: Scene = (talk, chance) => {
  const channel = talk.channel()
  const queue = chance.pick(queues)
  talk.declare(channel, queue)
  talk.send(channel, 'txSelect', {})
  if (chance.hit(50)) talk.consume(channel, queue, talk.consumerTag())
  for (let i = chance.between(1, 5); i > 0; i--)
    chance.weighted<() => void>([
      [4, () => talk.publish(channel, '', queue)],
      [3, () => settle(talk, chance)],
      [2, () => talk.send(channel, 'txCommit', {})],
      [2, () => talk.send(channel, 'txRollback', {})],
      [1, () => talk.send(channel, 'basicRecover', { requeue: true })],
      [1, () => talk.send(channel, 'basicGet', { queue, noAck: chance.hit(50) })],
    ])()
  talk.send(channel, chance.hit(60) ? 'txCommit' : 'txRollback', {})
}

const route: Scene = (talk, chance) => {
  const channel = talk.channel()
  const [exchange, other] = [chance.pick(exchanges), chance.pick(exchanges)]
  const queue = chance.pick(queues)
  const nowait = chance.hit(10)
  const args = new Map<string, Field>()
  const usual = talk.usual(exchange)
  if (usual.hit(20)) args.set('alternate-exchange', longstr(anyExchange(usual)))
  if (usual.hit(10)) args.set('x-delayed-type', longstr('direct'))
  if (usual.hit(10)) args.set('hash-header', longstr('a'))
  talk.send(channel, 'exchangeDeclare', {
    exchange,
    type: usual.pick(usual.hit(75) ? exchangeTypes.slice(0, 4) : exchangeTypes),
    passive: chance.hit(5),
    durable: usual.hit(50),
    autoDelete: usual.hit(20),
    internal: usual.hit(5),
    nowait,
    arguments: args,
  })
  talk.declare(channel, queue)
  const binding = { routingKey: chance.pick(keys), nowait, arguments: bindingArguments(chance) }
  talk.send(channel, 'queueBind', { queue, exchange, ...binding })
  if (chance.hit(40)) talk.send(channel, 'exchangeBind', { source: exchange, destination: other, ...binding })
  if (chance.hit(20)) talk.send(channel, 'queueBind', { queue, exchange: anyExchange(chance), ...binding })
  for (let i = chance.between(1, 4); i > 0; i--)
    talk.publish(channel, exchange, chance.pick(keys), { headers: messageHeaders(chance), deliveryMode: 2 })
  if (chance.hit(40))
    talk.send(channel, 'queueUnbind', {
      queue,
      exchange,
      routingKey: binding.routingKey,
      arguments: binding.arguments,
    })
  if (chance.hit(20))
    talk.send(channel, 'exchangeUnbind', { source: exchange, destination: other, ...binding })
  if (chance.hit(30)) talk.send(channel, 'exchangeDelete', { exchange, ifUnused: chance.hit(30), nowait })
}

function bindingArguments(chance: Chance) {
  if (chance.hit(60)) return emptyTable
  const match = chance.pick(['all', 'any', 'all-with-x', 'any-with-x'])
  return new Map<string, Field>([
    ['x-match', longstr(match)],
    ['a', chance.hit(50) ? longstr('1') : integer(1)],
  ])
}

/** Queues that dead-letter to one another, round and round. */
const deadLetters: Scene = (talk, chance) => {
  const channel = talk.channel()
  const names = ['d1', 'd2', 'd3']
  const first = chance.int(3)
  for (const i of [first, (first + 1) % 3]) {
    const usual = talk.usual(`dead ${i}`)
    const args = new Map<string, Field>([
      ['x-dead-letter-exchange', longstr('')],
      ['x-dead-letter-routing-key', longstr(names[(i + 1) % 3]!)],
    ])
    if (usual.hit(70)) args.set('x-message-ttl', integer(usual.pick([0, 1, 10])))
    if (usual.hit(30)) args.set('x-max-length', integer(usual.pick([0, 1, 2])))
    if (usual.hit(30)) args.set('x-overflow', longstr(usual.pick(['reject-publish-dlx', 'drop-head'])))
    talk.declare(channel, names[i]!, { arguments: args, exclusive: false })
  }
  const count = chance.between(1, 4)
  for (let i = count; i > 0; i--) talk.publish(channel, '', names[first]!)
  talk.wait(chance.pick([0, 1, 15, 100]))
  if (chance.hit(50)) {
    talk.consume(channel, names[(first + chance.int(2)) % 3]!, talk.consumerTag())
    talk.expect(channel, count)
    settle(talk, chance)
  }
}

const replies: Scene = (talk, chance) => {
  const channel = talk.channel()
  talk.send(channel, 'basicConsume', {
    queue: 'amq.rabbitmq.reply-to',
    consumerTag: chance.pick(tags),
    noLocal: false,
    noAck: chance.hit(90),
    exclusive: false,
    nowait: chance.hit(10),
    arguments: emptyTable,
  })
  talk.declare(channel, 'q1')
  talk.send(channel, 'basicGet', { queue: 'q1', noAck: true })
  talk.publish(channel, '', 'q1', { replyTo: 'amq.rabbitmq.reply-to' })
  talk.send(channel, 'basicGet', { queue: 'q1', noAck: true })
  talk.steps.push({ do: 'reply', actor: talk.actor })
  if (chance.hit(30)) talk.declare(channel, 'amq.rabbitmq.reply-to', { passive: true })
  if (chance.hit(30)) talk.send(channel, 'basicCancel', { consumerTag: chance.pick(tags), nowait: false })
}

const remove: Scene = (talk, chance) => {
  const channel = talk.channel()
  const queue = chance.pick(queues)
  const nowait = chance.hit(15)
  if (chance.hit(50)) talk.send(channel, 'queuePurge', { queue, nowait })
  if (chance.hit(60))
    talk.send(channel, 'queueDelete', { queue, ifUnused: chance.hit(20), ifEmpty: chance.hit(20), nowait })
}

/** A mistake that closes the channel, and the channel opened again. */
const mistake: Scene = (talk, chance) => {
  const channel = talk.channel()
  chance.weighted<() => void>([
    [1, () => talk.declare(channel, 'amq.mine')],
    [1, () => talk.declare(channel, 'missing', { passive: true })],
    [1, () => talk.send(channel, 'basicAck', { deliveryTag: 99, multiple: false })],
    [1, () => talk.publish(channel, 'missing', 'k')],
    [1, () => talk.send(channel, 'basicGet', { queue: 'missing', noAck: true })],
    [
      1,
      () => talk.send(channel, 'exchangeDelete', { exchange: 'amq.direct', ifUnused: false, nowait: false }),
    ],
    [1, () => talk.send(channel, 'basicQos', { prefetchSize: 1, prefetchCount: 0, global: false })],
    [1, () => talk.publish(channel, '', 'q1', { userId: 'somebody' })],
    [1, () => talk.publish(channel, '', 'q1', { expiration: 'soon' })],
  ])()
  if (chance.hit(80)) talk.closedByServer(channel)
  talk.channel()
}

const channels: Scene = (talk, chance) => {
  for (let number = 1; number <= 4; number++)
    if (chance.hit(40) && !talk.open.has(number)) {
      talk.send(number, 'channelOpen', {})
      talk.open.add(number)
    }
  talk.closeChannel(chance.between(1, 4))
  if (chance.hit(20)) talk.bytes(heartbeatFrame)
  if (chance.hit(10)) talk.send(0, 'connectionUpdateSecret', { newSecret: Buffer.from('s'), reason: 'r' })
  const access = { realm: '/', exclusive: false, passive: true, active: true, write: true, read: true }
  if (chance.hit(5)) talk.send(talk.channel(), 'accessRequest', access)
}

/** The client stops reading while much is delivered to it. */
const deaf: Scene = (talk, chance) => {
  const channel = talk.channel()
  talk.steps.push({ do: 'stall', actor: talk.actor })
  talk.declare(channel, 'q6')
  talk.consume(channel, 'q6', talk.consumerTag())
  for (let i = chance.between(1, 20); i > 0; i--)
    talk.publish(channel, '', 'q6', {}, Buffer.alloc(chance.pick([10, 60_000])))
  talk.wait(5)
  if (chance.hit(70)) talk.steps.push({ do: 'read', actor: talk.actor })
}

export const scenes: readonly (readonly [weight: number, scene: Scene])[] = [
  [16, fill],
  [12, get],
  [18, consume],
  [10, transaction],
  [14, route],
  [9, deadLetters],
  [4, replies],
  [6, remove],
  [6, mistake],
  [5, channels],
  [8, settle],
  [0.3, deaf],
]
