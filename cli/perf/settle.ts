// From options to a plan: defaults that depend on one another, and what cannot be asked at once, each refused in one sentence.
// Called by command.ts; reads the files that options name and nothing else.

import { readFileSync } from 'node:fs'
import { emptyTable } from '../../nodes/amqp/fields.ts'
import { exitCodes, Failure } from '../failure.ts'
import { parseAddress } from './address.ts'
import { monotonic, wallClock } from './clock.ts'
import type { ConnectionOptions } from './connection.ts'
import type { Flags } from './options.ts'
import { always, type Rate, valueAt } from './pace.ts'
import type { ConsumingPlan, Plan, PublishingPlan, TopologyPlan } from './plan.ts'

const wrong = (text: string) => new Failure(exitCodes.usage, `warren perf: ${text}`)

/** Throws Failure. `unique` makes the default id. */
export function settle(flags: Flags, unique: string): Plan {
  refuse(flags)
  const { uri, uris, useMillis } = flags
  return {
    id: flags.id ?? `test-${unique}`,
    addresses: uris ?? [uri ?? parseAddress('amqp://localhost')],
    connection: {
      clock: useMillis ? wallClock : monotonic,
      heartbeat: flags.heartbeat,
      frameMax: flags.framemax,
      tls: tlsOf(flags),
    },
    recoverySeconds: flags.disableConnectionRecovery ? null : flags.connectionRecoveryInterval,
    producers: flags.producers,
    producerChannels: flags.producerChannelCount,
    consumers: flags.consumers,
    consumerChannels: flags.consumerChannelCount,
    publishing: publishingOf(flags),
    consuming: consumingOf(flags),
    topology: topologyOf(flags),
    seconds: flags.time ?? null,
    intervalSeconds: flags.interval,
    shutdownSeconds: flags.shutdownTimeout,
  }
}

function refuse(flags: Flags): void {
  const { producers, consumers, qos, globalQos, multiAckEvery, autoack } = flags
  if (flags.uri !== undefined && flags.uris !== undefined) throw wrong('--uri and --uris exclude each other.')
  if (producers + consumers === 0) throw wrong('without producers and consumers there is nothing to do.')
  const rates = [flags.rate, flags.variableRate, flags.publishingInterval].filter(
    (rate) => rate !== undefined,
  )
  if (rates.length > 1) throw wrong('--rate, --variable-rate and --publishing-interval exclude one another.')
  if (flags.queue !== undefined && flags.queuePattern !== undefined)
    throw wrong('--queue and --queue-pattern exclude each other.')
  if (flags.queuePatternTo < flags.queuePatternFrom)
    throw wrong('--queue-pattern-to must not be below --queue-pattern-from.')
  if (flags.exclusive && (flags.queue !== undefined || flags.queuePattern !== undefined))
    throw wrong('exclusive queues are named by the broker: leave out --queue and --queue-pattern.')
  const windows = [qos, globalQos].filter((window) => window > 0)
  if (!autoack && multiAckEvery > Math.min(...windows))
    throw wrong('--multi-ack-every above the prefetch would leave the consumer waiting for ever.')
  if ((flags.tlsCert === undefined) !== (flags.tlsKey === undefined))
    throw wrong('--tls-cert and --tls-key go together.')
  if (flags.predeclared && flags.exchange === undefined && !named(flags) && flags.routingKey === undefined)
    throw wrong('--predeclared needs --queue, --queue-pattern, or --exchange and --routing-key.')
}

const named = ({ queue, queuePattern }: Flags) => queue !== undefined || queuePattern !== undefined

function publishingOf(flags: Flags): PublishingPlan {
  const { flag = [], messageProperties = {} } = flags
  // As PerfTest's, without a flag and without --message-properties there are no properties at all.
  const persistent = flag.includes('persistent') ? { deliveryMode: 2 } : {}
  return {
    rate: rateOf(flags),
    sizes: flags.variableSize ?? always(flags.size),
    confirm: flags.confirm ?? null,
    mandatory: flag.includes('mandatory'),
    properties: { ...persistent, ...messageProperties },
    count: flags.pmessages ?? null,
  }
}

function rateOf({ rate, variableRate, publishingInterval }: Flags): Rate {
  if (variableRate !== undefined) return (seconds) => valueAt(variableRate, seconds)
  const fixed = rate ?? (publishingInterval === undefined ? Number.POSITIVE_INFINITY : 1 / publishingInterval)
  return () => fixed
}

function consumingOf(flags: Flags): ConsumingPlan {
  const { consumerRate = Number.POSITIVE_INFINITY, consumerLatency = 0, variableLatency } = flags
  const latencies = variableLatency ?? always(consumerLatency)
  const unlimited = consumerRate === Number.POSITIVE_INFINITY && latencies.every(({ value }) => value === 0)
  return {
    // No work takes no time, but a rate that varies has to be a finite one throughout.
    rate: unlimited
      ? () => Number.POSITIVE_INFINITY
      : (seconds) => Math.min(consumerRate, 1e6 / Math.max(0.1, valueAt(latencies, seconds))),
    autoAck: flags.autoack,
    ackEvery: flags.multiAckEvery,
    prefetch: flags.qos,
    channelPrefetch: flags.globalQos,
    arguments: flags.consumerArgs ?? emptyTable,
    count: flags.cmessages ?? null,
  }
}

function topologyOf(flags: Flags): TopologyPlan {
  const { exchange, predeclared } = flags
  const through = exchange === 'amq.default' ? '' : (exchange ?? (predeclared ? '' : 'direct'))
  const queues = flags.queuePattern === undefined ? (flags.queue ?? []) : patterned(flags, flags.queuePattern)
  if (through === '' && !named(flags) && flags.routingKey === undefined)
    throw wrong('through the default exchange, messages need --queue, --queue-pattern or --routing-key.')
  return {
    exchange: through,
    type: flags.type,
    queues,
    routingKey: flags.routingKey ?? null,
    predeclared,
    bind: !flags.skipBindingQueues,
    durable: flags.flag?.includes('persistent') ?? false,
    autoDelete: flags.autoDelete,
    exclusive: flags.exclusive,
    queueArguments: flags.queueArgs ?? emptyTable,
  }
}

/** `%d` is the number, `%05d` the number with zeros in front. */
function patterned({ queuePatternFrom, queuePatternTo }: Flags, pattern: string): string[] {
  const width = Number(/%0*(\d*)d/.exec(pattern)?.[1] || 0)
  return Array.from({ length: queuePatternTo - queuePatternFrom + 1 }, (_, i) =>
    pattern.replace(/%\d*d/, String(queuePatternFrom + i).padStart(width, '0')),
  )
}

function tlsOf({ tlsCa, tlsCert, tlsKey }: Flags): ConnectionOptions['tls'] {
  const read = (option: string, file: string) => {
    try {
      return readFileSync(file)
    } catch (error) {
      throw new Failure(exitCodes.failed, `warren perf: ${option} ${file}: ${(error as Error).message}`)
    }
  }
  return {
    ...(tlsCa !== undefined && { ca: read('--tls-ca', tlsCa) }),
    ...(tlsCert !== undefined && { cert: read('--tls-cert', tlsCert) }),
    ...(tlsKey !== undefined && { key: read('--tls-key', tlsKey) }),
  }
}
