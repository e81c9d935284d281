// One client's side of a valid conversation while it is being written down: knows its open channels and how far it has
// numbered its publishes, and appends steps. Used by the corpus. It must never look at a broker: answers are foreseen.

import type { Properties } from '../nodes/amqp/content.ts'
import { emptyTable, type Field, type Table } from '../nodes/amqp/fields.ts'
import type { MethodArguments, MethodName } from '../nodes/amqp/methods.ts'
import { Chance } from './chance.ts'
import { contentFrames, methodFrame, protocolHeader } from './frames.ts'
import type { Step } from './input.ts'
import { messageProperties, queueArguments, tags } from './values.ts'

const yes: Field = { type: 'bool', value: true }
const capabilities = ['consumer_cancel_notify', 'authentication_failure_close', 'connection.blocked']

export class Talk {
  readonly actor: number
  readonly chance: Chance
  readonly steps: Step[] = []
  readonly open = new Set<number>()
  readonly polite: boolean
  private tagsGiven = 0
  /** Delivery tags that are likely outstanding, by channel, and the last one given. */
  private readonly tags = new Map<number, { last: number; out: number[] }>()
  private readonly worldSeed: number

  /** Talks of one `worldSeed` declare a queue alike, so that they rarely quarrel about its arguments. */
  constructor(actor: number, chance: Chance, worldSeed: number, polite: boolean) {
    this.polite = polite
    this.actor = actor
    this.chance = chance
    this.worldSeed = worldSeed
  }

  /** Draws that are mostly the same throughout the world for the same name. */
  usual(name: string): Chance {
    return this.chance.hit(90) ? new Chance(this.worldSeed, name) : this.chance
  }

  /** Foresees `count` deliveries on the channel. */
  expect(channel: number, count = 1): void {
    const tags = this.tags.get(channel) ?? { last: 0, out: [] }
    this.tags.set(channel, tags)
    for (let n = count; n > 0; n--) tags.out.push(++tags.last)
  }

  /** A tag to settle, mostly one that is outstanding; 0 when none is. */
  tag(channel: number): number {
    const out = this.tags.get(channel)?.out ?? []
    return out.splice(this.chance.int(out.length), 1)[0] ?? 0
  }

  bytes(bytes: Buffer): void {
    this.steps.push({ do: 'send', actor: this.actor, bytes, more: this.chance.hit(50) })
  }

  send<N extends MethodName>(channel: number, name: N, args: MethodArguments[N]): void {
    this.bytes(methodFrame(channel, name, args))
  }

  wait(ms: number): void {
    this.steps.push({ do: 'wait', ms })
  }

  /** The opening words, in one of the ways clients have. */
  connect(): void {
    const { chance } = this
    this.bytes(protocolHeader)
    const table = new Map<string, Field>([['product', { type: 'longstr', value: 'fuzz' }]])
    if (chance.hit(80))
      table.set('capabilities', { type: 'table', value: new Map(capabilities.map((name) => [name, yes])) })
    const plain = chance.hit(80)
    const password = chance.hit(97) ? 'guest' : 'wrong'
    const response = plain ? Buffer.from(`\0guest\0${password}`) : amqplain('guest', password)
    const mechanism = plain ? 'PLAIN' : 'AMQPLAIN'
    this.send(0, 'connectionStartOk', { clientProperties: table, mechanism, response, locale: 'en_US' })
    const channelMax = chance.hit(94) ? 2047 : chance.pick([10, 1])
    const frameMax = chance.pick([131_072, 131_072, 4096])
    this.send(0, 'connectionTuneOk', { channelMax, frameMax, heartbeat: chance.pick([0, 0, 60, 1]) })
    this.send(0, 'connectionOpen', { virtualHost: chance.hit(98) ? '/' : 'none' })
  }

  channel(): number {
    const { chance, open } = this
    const number = chance.hit(70) ? 1 : chance.between(1, 4)
    if (!open.has(number)) this.send(number, 'channelOpen', {})
    open.add(number)
    return number
  }

  closeChannel(channel: number): void {
    this.tags.delete(channel)
    if (this.open.delete(channel))
      this.send(channel, 'channelClose', { replyCode: 200, replyText: 'bye', classId: 0, methodId: 0 })
  }

  /** A consumer tag, mostly a new one. */
  consumerTag(): string {
    return this.chance.hit(90) ? `c${++this.tagsGiven}` : this.chance.pick(tags)
  }

  /** After an error that closes the channel on purpose. */
  closedByServer(channel: number): void {
    this.tags.delete(channel)
    if (this.polite) return
    this.send(channel, 'channelCloseOk', {})
    this.open.delete(channel)
  }

  declare(channel: number, queue: string, options: Partial<MethodArguments['queueDeclare']> = {}): void {
    const { chance } = this
    const usual = this.usual(queue)
    this.send(channel, 'queueDeclare', {
      queue,
      passive: false,
      durable: usual.hit(50),
      exclusive: chance.hit(4),
      autoDelete: usual.hit(8),
      nowait: chance.hit(10),
      arguments: usual.hit(40) ? emptyTable : queueArguments(usual),
      ...options,
    })
  }

  publish(
    channel: number,
    exchange: string,
    routingKey: string,
    properties: Properties = messageProperties(this.chance),
    body = this.body(),
  ): void {
    const { chance } = this
    this.send(channel, 'basicPublish', { exchange, routingKey, mandatory: chance.hit(15), immediate: false })
    for (const frame of contentFrames(channel, properties, body)) this.bytes(frame)
  }

  consume(channel: number, queue: string, consumerTag: string, args: Table = emptyTable): void {
    const { chance } = this
    this.send(channel, 'basicConsume', {
      queue,
      consumerTag,
      noLocal: false,
      noAck: chance.hit(30),
      exclusive: chance.hit(5),
      nowait: chance.hit(10),
      arguments: args,
    })
  }

  body(): Buffer {
    const { chance } = this
    const length = chance.weighted([
      [20, 0],
      [70, 12],
      [8, 300],
      [1, 9000],
      [0.2, 70_000],
    ])
    return Buffer.alloc(length, 'warren')
  }

  closeConnection(): void {
    this.send(0, 'connectionClose', { replyCode: 200, replyText: 'bye', classId: 0, methodId: 0 })
  }
}

/** LOGIN and PASSWORD as a field table without its length. */
function amqplain(login: string, password: string): Buffer {
  const pair = (name: string, value: string) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(value.length)
    return Buffer.concat([Buffer.from([name.length]), Buffer.from(`${name}S`), length, Buffer.from(value)])
  }
  return Buffer.concat([pair('LOGIN', login), pair('PASSWORD', password)])
}
