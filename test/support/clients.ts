// amqplib as tests want it: refusals, deliveries and confirms as promises that fail with what is missing.
// Used by every test that speaks AMQP over a socket; it knows neither Warren nor which broker is at the other
// end, and never sleeps for a result. The raw connection, for what amqplib would not send, is broker/wire.ts.

import {
  connect as amqpConnect,
  type Channel,
  type ChannelModel,
  type ConfirmChannel,
  type ConsumeMessage,
  type GetMessage,
  type Message,
  type Options,
} from 'amqplib'

export type { Channel, ChannelModel, ConfirmChannel, ConsumeMessage, GetMessage, Message, Options }

/** How long anything that must happen may take before the test fails, in ms. */
const PATIENCE_MS = 10_000

/** What a broker says when it closes a channel or a connection. */
export interface Refusal {
  readonly code: number
  readonly text: string
  readonly classId: number
  readonly methodId: number
}

/** Resolves as `promise` does, or fails after 10 s with `missing()` as the message. */
export async function within<T>(promise: Promise<T>, missing: () => string, ms = PATIENCE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${missing()} (waited ${ms} ms)`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Lets readers wait for a condition on what an event handler collects; the handler rings after each change. */
export class Bell {
  #waiting: (() => void)[] = []

  ring(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }

  /** Resolves once `done()` is true; fails after 10 s, or `ms`, with `missing()` as the message. */
  async until(done: () => boolean, missing: () => string, ms = PATIENCE_MS): Promise<void> {
    const ended = Date.now() + ms
    while (!done()) {
      const rung = new Promise<void>((resolve) => this.#waiting.push(resolve))
      await within(rung, missing, Math.max(1, ended - Date.now()))
    }
  }
}

/** Asks `condition` every 20 ms until it gives something truthy, which is returned; fails after 250 times. */
export async function until<T>(what: string, condition: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (let attempt = 0; attempt < 250; attempt++) {
    const got = await condition()
    if (got) return got
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`never came true: ${what}`)
}

/** A connection whose errors reject what waits for them and are otherwise silent. */
export async function connect(
  url: string,
  query: Record<string, string | number> = {},
): Promise<ChannelModel> {
  const target = new URL(url)
  for (const [key, value] of Object.entries(query)) target.searchParams.set(key, String(value))
  const connection = await amqpConnect(target.href, { noDelay: true })
  connection.on('error', () => {})
  return connection
}

const replyText = (message: string): string => /with message "(.*)"$/s.exec(message)?.[1] ?? message

/** Resolves when the broker closes `channel`, with its reason. */
export function refusal(channel: Channel): Promise<Refusal> {
  const refused = new Promise<Refusal>((resolve, reject) => {
    channel.once('error', (error: Error & Omit<Refusal, 'text'>) => {
      const { code, classId, methodId } = error
      resolve({ code, text: replyText(error.message), classId, methodId })
    })
    channel.once('close', () => reject(new Error('the channel closed, but not by a channel error')))
  })
  return within(refused, () => 'the broker did not close the channel')
}

/** Opens a channel, lets `act` use it and resolves with the error by which the broker closes that channel. */
export async function channelError(
  connection: ChannelModel,
  act: (channel: Channel) => unknown,
): Promise<Refusal> {
  const channel = await connection.createChannel()
  const [refused] = await Promise.all([refusal(channel), tolerated(act, channel)])
  return refused
}

/** Opens a connection, lets `act` use it and resolves with the error by which the broker closes it. */
export async function connectionError(
  url: string,
  act: (channel: Channel, connection: ChannelModel) => unknown,
): Promise<{ code: number; text: string }> {
  const connection = await connect(url)
  const closed = new Promise<{ code: number; text: string }>((resolve) => {
    connection.once('error', (error: Error & { code: number }) =>
      resolve({ code: error.code, text: replyText(error.message) }),
    )
  })
  const channel = await connection.createChannel()
  channel.on('error', () => {})
  const waiting = within(closed, () => 'the broker did not close the connection')
  const [refused] = await Promise.all([waiting, tolerated((c: Channel) => act(c, connection), channel)])
  return refused
}

/** The request that was refused rejects too, which is expected; what amqplib itself refuses to send is not. */
async function tolerated(act: (channel: Channel) => unknown, channel: Channel): Promise<void> {
  try {
    await act(channel)
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw error
  }
}

/** What one consumer has been sent, in order. */
export class Deliveries {
  tag = ''
  readonly messages: ConsumeMessage[] = []
  readonly #bell = new Bell()
  #taken = 0
  #cancelled = false

  /** The consumer callback: `null` is the broker's basic.cancel. */
  readonly receive = (message: ConsumeMessage | null): void => {
    if (message) this.messages.push(message)
    else this.#cancelled = true
    this.#bell.ring()
  }

  /** The next `count` messages, waiting for them; fails saying how many came. */
  async take(count: number): Promise<ConsumeMessage[]> {
    const from = this.#taken
    await this.#bell.until(
      () => this.messages.length >= from + count,
      () => {
        const got = this.messages.slice(from)
        return `waited for ${count} deliveries, got ${got.length}: ${marks(got).join(' ')}`
      },
    )
    this.#taken = from + count
    return this.messages.slice(from, from + count)
  }

  /** The next message. */
  async one(): Promise<ConsumeMessage> {
    return (await this.take(1))[0]!
  }

  /** Resolves when the broker has cancelled the consumer. */
  cancelled(): Promise<void> {
    return this.#bell.until(
      () => this.#cancelled,
      () => `consumer ${this.tag} was not cancelled`,
    )
  }

  get isCancelled(): boolean {
    return this.#cancelled
  }
}

/** Starts a consumer and collects what it is sent. */
export async function consume(
  channel: Channel,
  queue: string,
  options: Options.Consume = {},
): Promise<Deliveries> {
  const deliveries = new Deliveries()
  deliveries.tag = (await channel.consume(queue, deliveries.receive, options)).consumerTag
  return deliveries
}

/** Body texts; a redelivered message is marked with `*`. */
export function marks(messages: readonly Message[]): string[] {
  return messages.map((m) => `${m.content}${(m.fields as { redelivered: boolean }).redelivered ? '*' : ''}`)
}

export type Outcome = 'ack' | 'nack'

/** Publishes one message and resolves with the broker's confirm. */
export function publish(
  channel: ConfirmChannel,
  exchange: string,
  key: string,
  body: string | Buffer,
  options: Options.Publish = {},
): Promise<Outcome> {
  const confirmed = new Promise<Outcome>((resolve, reject) => {
    channel.publish(exchange, key, Buffer.from(body), options, (error: Error | null) => {
      if (error && error.message !== 'message nacked') reject(error)
      else resolve(error ? 'nack' : 'ack')
    })
  })
  return within(confirmed, () => `no confirm for '${body}'`)
}

/** Publishes `bodies` to a queue in one burst and waits for all confirms. */
export function put(channel: ConfirmChannel, queue: string, ...bodies: string[]): Promise<Outcome[]> {
  return Promise.all(bodies.map((body) => publish(channel, '', queue, body)))
}

/** Takes every ready message off a queue by basic.get without acknowledgement. */
export async function drain(channel: Channel, queue: string): Promise<GetMessage[]> {
  const messages: GetMessage[] = []
  for (;;) {
    const message = await channel.get(queue, { noAck: true })
    if (!message) return messages
    messages.push(message)
  }
}

/** basic.get of a message that must be there. */
export async function getOne(channel: Channel, queue: string, options?: Options.Get): Promise<GetMessage> {
  const message = await channel.get(queue, options)
  if (!message) throw new Error(`queue ${queue} is empty`)
  return message
}

/** Number of ready messages; may be asked out of turn, before acknowledgements sent earlier take effect. */
export async function ready(channel: Channel, queue: string): Promise<number> {
  return (await channel.checkQueue(queue)).messageCount
}

/**
 * Waits until whatever a queue has sent to this channel so far has arrived: the first answer comes from the
 * queue, the second shows that the channel has passed on what the queue sent before. Confirmed publishes are
 * dealt with by then; acknowledgements need not be, for RabbitMQ answers a passive declare out of turn.
 */
export async function settled(channel: Channel, queue: string): Promise<void> {
  await channel.checkQueue(queue)
  await channel.checkQueue(queue)
}

/** Whether a passive declare finds the queue; the probing channel is the test's to lose. */
export async function queueExists(connection: ChannelModel, queue: string): Promise<boolean> {
  return exists(connection, (channel) => channel.checkQueue(queue))
}

/** Whether a passive declare finds the exchange. */
export async function exchangeExists(connection: ChannelModel, exchange: string): Promise<boolean> {
  return exists(connection, (channel) => channel.checkExchange(exchange))
}

async function exists(
  connection: ChannelModel,
  ask: (channel: Channel) => Promise<unknown>,
): Promise<boolean> {
  const channel = await connection.createChannel()
  channel.on('error', () => {})
  try {
    await ask(channel)
  } catch (error) {
    if ((error as { code?: number }).code === 404) return false
    throw error
  }
  await channel.close()
  return true
}
