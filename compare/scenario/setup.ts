// Declares a scenario's topology through clients, one per leader's node, and fetches at the end what queues still hold. Over AMQP,
// so that it is the same on every target. Used by `run`.

import { tableFromPlain } from '../../nodes/amqp/fields.ts'
import type { MethodArguments, MethodName } from '../../nodes/amqp/methods.ts'
import { readBody } from '../body.ts'
import { Client, type ClientEvents, type Habits } from '../client.ts'
import type { Clock, Network } from '../line.ts'
import type { Arguments, Topology } from './types.ts'
import { nodeName } from './variants.ts'

/** One request of a script, and what answers it. */
interface Ask {
  send(client: Client): void
}

const ask = <N extends MethodName>(name: N, args: MethodArguments[N]): Ask => ({
  send: (client) => client.send(name, args),
})

const habits = (node: string): Habits => ({
  nodes: [node],
  delayMs: { min: 100, max: 300 },
  order: 'same',
  heartbeatMs: 60_000,
})

const nothing = () => {}

/** Questions under way while a queue is emptied: a real broker takes its time for each. */
const getsAtOnce = 100

/** Sends one request after the other; a refusal fails the run with the broker's words. */
class Script implements ClientEvents {
  readonly client: Client
  private readonly asks: Ask[]
  private readonly over: (refusal: string | null) => void

  constructor(
    node: string,
    asks: Ask[],
    network: Network,
    clock: Clock,
    over: (refusal: string | null) => void,
  ) {
    this.asks = asks
    this.over = over
    this.client = new Client(`setup ${node}`, habits(node), network, clock, this)
    this.client.connect()
  }

  opened(): void {
    this.next()
  }

  answered(): void {
    this.asks.shift()
    this.next()
  }

  channelClosed(code: number, text: string): void {
    this.client.stop()
    this.over(`the broker refuses the topology: ${code} ${text}`)
  }

  readonly lost = nothing
  readonly confirmed = nothing
  readonly delivered = nothing
  readonly cancelled = nothing

  private next(): void {
    const [first] = this.asks
    if (first !== undefined) return first.send(this.client)
    this.client.stop()
    this.over(null)
  }
}

const table = (args: Arguments) => tableFromPlain(args)

/** `done` is called when all is declared, with the broker's words when it refuses something. */
export function declareTopology(
  topology: Topology,
  nodes: number,
  network: Network,
  clock: Clock,
  done: (refusal: string | null) => void,
): void {
  const exchanges = topology.exchanges.map(({ name, type, durable, internal, arguments: args }) =>
    ask('exchangeDeclare', {
      ...{ exchange: name, type, durable, internal },
      ...{ passive: false, autoDelete: false, nowait: false, arguments: table(args) },
    }),
  )
  const bindings = topology.bindings.map(({ exchange, to, key, arguments: args }) =>
    'queue' in to
      ? ask('queueBind', {
          ...{ queue: to.queue, exchange, routingKey: key },
          ...{ nowait: false, arguments: table(args) },
        })
      : ask('exchangeBind', {
          ...{ destination: to.exchange, source: exchange, routingKey: key },
          ...{ nowait: false, arguments: table(args) },
        }),
  )
  const steps: (readonly [node: string, asks: Ask[]])[] = [
    [nodeName(1), exchanges],
    ...topology.queues.map(({ name, leader, durable, arguments: args }): [string, Ask[]] => [
      nodeName(leader <= nodes ? leader : 1),
      [
        ask('queueDeclare', {
          ...{ queue: name, durable, passive: false, exclusive: false, autoDelete: false },
          ...{ nowait: false, arguments: table(args) },
        }),
      ],
    ]),
    [nodeName(1), bindings],
  ]
  const next = (refusal: string | null) => {
    const step = refusal === null ? steps.shift() : undefined
    if (step === undefined) return done(refusal)
    if (step[1].length === 0) return next(null)
    new Script(step[0], step[1], network, clock, next)
  }
  next(null)
}

/** Fetches all that `queue` holds through `node`; `each` is told the numbers, `done` called at its end or when it is out of reach. */
export function drainQueue(
  queue: string,
  node: string,
  network: Network,
  clock: Clock,
  each: (message: number) => void,
  done: () => void,
): void {
  let over = false
  const end = () => {
    if (over) return
    over = true
    client.stop()
    done()
  }
  const get = () => client.send('basicGet', { queue, noAck: true })
  const begin = () => {
    for (let i = 0; i < getsAtOnce; i++) get()
  }
  const client: Client = new Client(`drain ${queue}`, habits(node), network, clock, {
    opened: begin,
    fetched: (_tag, _redelivered, body) => {
      each(readBody(body).message)
      get()
    },
    // basic.get-empty is the only plain answer; those behind it are answered so as well.
    answered: end,
    channelClosed: end,
    lost: nothing,
    confirmed: nothing,
    delivered: nothing,
    cancelled: nothing,
  })
  client.connect()
}
