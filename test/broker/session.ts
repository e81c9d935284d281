// What every specification file starts with: a broker, a connection for the file, a fresh confirm channel for
// each test, and names nobody else uses. Whatever is declared through it is gone afterwards, so that the same
// broker can be used again. It asserts nothing itself.

import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { type Broker, broker } from '../support/broker.ts'
import {
  type Channel,
  type ChannelModel,
  type ConfirmChannel,
  channelError,
  connect,
  type Options,
} from '../support/clients.ts'
import { type Introduction, Wire } from './wire.ts'

export class Session {
  #broker!: Broker
  #connection!: ChannelModel
  #lost: Error | undefined
  #channel!: ConfirmChannel
  #others: ChannelModel[] = []
  #wires: Wire[] = []
  #queues: string[] = []
  #exchanges: string[] = []
  #count = 0
  readonly #prefix: string

  constructor(prefix: string) {
    this.#prefix = `${prefix}-${process.pid}`
  }

  get url(): string {
    return this.#broker.url
  }
  /** The file's connection; a test must not let it be closed. */
  get connection(): ChannelModel {
    return this.#connection
  }
  /** The test's own channel, in confirm mode; a test may let it be closed. */
  get channel(): ConfirmChannel {
    return this.#channel
  }

  /** A name not used before. */
  name(label = 'n'): string {
    return `${this.#prefix}-${++this.#count}-${label}`
  }

  /** Declares a queue, exclusive to the file's connection unless told otherwise, and returns its name. */
  async queue(args: Record<string, unknown> = {}, options: Options.AssertQueue = {}): Promise<string> {
    const name = this.name('q')
    this.#queues.push(name)
    await this.#channel.assertQueue(name, { durable: false, exclusive: true, ...options, arguments: args })
    return name
  }

  /** Declares a durable queue that every connection may use. */
  sharedQueue(args: Record<string, unknown> = {}, options: Options.AssertQueue = {}): Promise<string> {
    return this.queue(args, { durable: true, exclusive: false, ...options })
  }

  /** Declares an exchange and returns its name. */
  async exchange(type: string, options: Options.AssertExchange = {}): Promise<string> {
    const name = this.name(type)
    this.#exchanges.push(name)
    await this.#channel.assertExchange(name, type, { durable: false, ...options })
    return name
  }

  /** A second client. */
  async connect(query: Record<string, string | number> = {}): Promise<ChannelModel> {
    const connection = await connect(this.url, query)
    this.#others.push(connection)
    return connection
  }

  /** A raw connection with channel 1 open. */
  async wire(introduction: Introduction = {}): Promise<Wire> {
    const wire = await Wire.open(this.url, introduction)
    this.#wires.push(wire)
    return wire
  }

  /** A raw connection to which nothing has been sent. */
  async socket(): Promise<Wire> {
    const wire = await Wire.connect(this.url)
    this.#wires.push(wire)
    return wire
  }

  /** The channel error that `act` brings about on a new channel: code, class.method and text. */
  async refused(act: (channel: Channel) => unknown): Promise<[code: number, method: string, text: string]> {
    const { code, classId, methodId, text } = await channelError(this.#connection, act)
    return [code, `${classId}.${methodId}`, text]
  }

  async start(): Promise<void> {
    this.#broker = await broker()
    await this.#reconnect()
  }

  async #reconnect(): Promise<void> {
    this.#lost = undefined
    this.#connection = await connect(this.url)
    this.#connection.once('close', (reason?: Error) => {
      this.#lost = reason ?? new Error('closed by the test')
    })
  }

  async begin(): Promise<void> {
    this.#channel = await this.#connection.createConfirmChannel()
    this.#channel.on('error', () => {})
  }

  /** Closes what the test opened, then deletes what it declared; deleting what is gone already is no error. */
  async finish(): Promise<void> {
    for (const wire of this.#wires.splice(0)) wire.destroy()
    for (const other of this.#others.splice(0)) await other.close().catch(() => {})
    await this.#channel.close().catch(() => {}) // a test may have lost it
    const lost = this.#lost
    if (lost) await this.#reconnect() // one test's fault must not spoil the next ones
    const channel = await this.#connection.createChannel()
    for (const queue of this.#queues.splice(0)) await channel.deleteQueue(queue)
    for (const exchange of this.#exchanges.splice(0)) await channel.deleteExchange(exchange)
    await channel.close()
    if (lost) throw new Error(`the connection of the file was lost: ${lost.message}`)
  }

  async stop(): Promise<void> {
    await this.#connection.close()
    await this.#broker.stop()
  }
}

/** The session of one test file, begun and finished around each of its tests. */
export function session(prefix: string): Session {
  const made = new Session(prefix)
  beforeAll(() => made.start())
  beforeEach(() => made.begin())
  afterEach(() => made.finish())
  afterAll(() => made.stop())
  return made
}
