// The exchange, queues and bindings of a run: declares them before anything is published, again after a reconnection, and
// takes away at the end what would be left. Called by run.ts and, for each consumer's own queues, by the consumer.

import { emptyTable } from '../../nodes/amqp/fields.ts'
import type { Address } from './address.ts'
import { type ChannelUser, Connection, type ConnectionOptions, Ended } from './connection.ts'
import type { TopologyPlan } from './plan.ts'

const nobody: ChannelUser = {
  deliver() {},
  header() {},
  body() {},
  settled() {},
  returned() {},
  cancelled() {},
  closed() {},
  turn() {},
}

export class Topology {
  readonly #plan: TopologyPlan
  readonly #id: string
  readonly #open: () => Promise<Connection>
  /** The exchange was not there and is ours to delete. */
  #madeExchange = false
  readonly #madeQueues: string[] = []

  constructor(plan: TopologyPlan, id: string, address: Address, options: ConnectionOptions) {
    this.#plan = plan
    this.#id = id
    this.#open = () => Connection.open(address, options)
  }

  /** The key of each queue of the plan, or the one key of all. */
  get keys(): readonly string[] {
    const { queues, routingKey } = this.#plan
    if (routingKey !== null) return [routingKey]
    return queues.length > 0 ? queues : [this.#id]
  }

  /** Declares all but the queues that the broker names. Rejects with Ended in the broker's words. */
  async declare(): Promise<void> {
    if (this.#plan.predeclared) return
    const connection = await this.#open()
    try {
      this.#madeExchange = await this.#makeExchange(connection)
      await connection.channel(2, nobody)
      for (const queue of this.#plan.queues) {
        await this.#makeQueue(connection, 2, queue)
        this.#madeQueues.push(queue)
      }
    } finally {
      await connection.close()
    }
  }

  /** The exchange, declared again if it went with its last queue. */
  async forProducer(connection: Connection, channel: number): Promise<void> {
    if (this.#madeExchange) await this.#declareExchange(connection, channel)
  }

  /** The queues of one consumer, declared (again, if the broker lost them). `own` is empty for one that the broker names. */
  async forConsumer(connection: Connection, channel: number, own: readonly string[]): Promise<string[]> {
    const { predeclared, queues } = this.#plan
    if (predeclared && queues.length > 0) return [...own]
    await this.forProducer(connection, channel)
    const names: string[] = []
    for (const queue of own.length > 0 ? own : [''])
      names.push(await this.#makeQueue(connection, channel, queue))
    return names
  }

  /** Deletes what auto-deletion leaves: queues that never had a consumer and the exchange, unless somebody else uses them. */
  async remove(): Promise<void> {
    if (!this.#plan.autoDelete || (this.#madeQueues.length === 0 && !this.#madeExchange)) return
    const connection = await this.#open()
    try {
      for (const queue of this.#madeQueues) await this.#deleteQueue(connection, queue)
      if (this.#madeExchange) await this.#deleteExchange(connection)
    } finally {
      await connection.close()
    }
  }

  /** True when it was not there. One that is there is used as it is. */
  async #makeExchange(connection: Connection): Promise<boolean> {
    const { exchange, type } = this.#plan
    if (exchange === '') return false
    const flags = { durable: false, autoDelete: false, internal: false, nowait: false }
    const asked = { exchange, type, passive: true, ...flags, arguments: emptyTable }
    try {
      await connection.channel(1, nobody)
      await connection.call(1, 'exchangeDeclare', asked)
      return false
    } catch (error) {
      if (!(error instanceof Ended) || error.code !== 404) throw error
    }
    await connection.channel(1, nobody)
    await this.#declareExchange(connection, 1)
    return true
  }

  /** As durable as the queues, and gone with the last of them when they go. */
  async #declareExchange(connection: Connection, channel: number): Promise<void> {
    const { exchange, type, autoDelete, durable } = this.#plan
    const flags = { passive: false, durable, autoDelete, internal: false, nowait: false }
    await connection.call(channel, 'exchangeDeclare', { exchange, type, ...flags, arguments: emptyTable })
  }

  /** Returns its name, which the broker chooses when it is empty. */
  async #makeQueue(connection: Connection, channel: number, name: string): Promise<string> {
    const { durable, exclusive, autoDelete, queueArguments, exchange, bind, routingKey } = this.#plan
    const flags = { passive: false, durable, exclusive, autoDelete, nowait: false }
    const asked = { queue: name, ...flags, arguments: queueArguments }
    const { queue } = await connection.call(channel, 'queueDeclare', asked)
    if (exchange !== '' && bind) {
      const key = routingKey ?? (name === '' ? this.#id : name)
      const binding = { queue, exchange, routingKey: key, nowait: false, arguments: emptyTable }
      await connection.call(channel, 'queueBind', binding)
    }
    return queue
  }

  /** A refusal closes the channel, and says that somebody else uses it. */
  async #deleteQueue(connection: Connection, queue: string): Promise<void> {
    try {
      await connection.channel(1, nobody)
      await connection.call(1, 'queueDelete', { queue, ifUnused: true, ifEmpty: false, nowait: false })
      await closeChannel(connection)
    } catch (error) {
      if (!(error instanceof Ended) || error.code === 0) throw error
    }
  }

  async #deleteExchange(connection: Connection): Promise<void> {
    try {
      await connection.channel(1, nobody)
      await connection.call(1, 'exchangeDelete', {
        exchange: this.#plan.exchange,
        ifUnused: true,
        nowait: false,
      })
    } catch (error) {
      if (!(error instanceof Ended) || error.code === 0) throw error
    }
  }
}

async function closeChannel(connection: Connection): Promise<void> {
  await connection.call(1, 'channelClose', { replyCode: 200, replyText: '', classId: 0, methodId: 0 })
}
