// The clients of a scenario file, in PerfTest's words where it has them. Used by `parse`.

import {
  amount,
  choice,
  duration,
  either,
  list,
  made,
  maybe,
  name,
  optional,
  record,
  required,
  type Shape,
  table,
  text,
  whole,
  words,
  yesNo,
} from './shape.ts'
import { nodeRef } from './shape-nodes.ts'
import type { Consumers, Publishers, Reconnect, Workload } from './types.ts'

const most = 100_000_000

const delayPattern = /^(\d+(?:\.\d+)?) ?ms(?: to (\d+(?:\.\d+)?) ?ms)?$/

const delay = text('a time such as 500 ms, a range such as 250 ms to 1000 ms', delayPattern, (value) => {
  const [, min, max] = delayPattern.exec(value)!
  const [a, b] = [Number(min), Number(max ?? min)]
  return a <= b ? { min: a, max: b } : undefined
})

export const usual: Reconnect = { delayMs: { min: 250, max: 1000 }, order: 'same', heartbeatMs: 60_000 }

const reconnect: Shape<Reconnect> = either('never, or a mapping with delay, order and heartbeat', {
  text: text('never, or a mapping with delay, order and heartbeat', /^never$/, () => ({
    ...usual,
    delayMs: null,
  })),
  mapping: made(
    record('reconnect', {
      delay: optional(delay, usual.delayMs, 'How long a client waits before it dials again.'),
      order: optional(choice('same', 'next', 'random'), 'same', 'Which of its nodes it dials then.'),
      heartbeat: optional(
        text<number | null>('a time in whole seconds, or none', /^(none|\d+ ?s)$/, (value) =>
          value === 'none' ? null : 1000 * Number.parseInt(value, 10),
        ),
        usual.heartbeatMs,
        'Heartbeats as the client asks for them; without them a silent node is never noticed.',
      ),
    }),
    (read) => ({
      delayMs: read.delay,
      order: read.order,
      heartbeatMs: read.heartbeat,
    }),
  ),
})

const everybody = {
  name: optional(name, '', 'Unique; by default publisher or consumer and a number.'),
  node: maybe(nodeRef, 'Where it connects; by default node1.'),
  nodes: maybe(list('a list of nodes', nodeRef, 1), 'The list a client is configured with, instead of node.'),
  start: optional(duration, 0, "After the work's beginning."),
  stop: maybe(duration, "After the work's beginning."),
  reconnect: optional(reconnect, usual, 'What it does when its connection breaks; never: that is its end.'),
}

/** null: as fast as they go. */
const rate = either<number | null>('a rate per second, or unlimited', {
  number: amount('a rate per second', 0),
  text: text('a rate per second, or unlimited', /^unlimited$/, () => null),
})

const phases = list(
  'a list of rates',
  record('a phase', { rate: required(rate, 'Per second.'), for: required(duration, 'How long.') }),
  1,
)

const publishers = made(
  record('a publisher', {
    ...everybody,
    producers: optional(whole(1, 1000), 1, 'How many of them, a connection each.'),
    queue: maybe(name, 'The queue it publishes to, through the default exchange.'),
    exchange: maybe(words, 'Or the exchange.'),
    'routing-key': optional(words, '', 'With an exchange.'),
    rate: optional(rate, null, 'Messages per second of each producer; by default as fast as it goes.'),
    'variable-rate': optional(phases, [], 'Each rate in turn, the last one on; instead of rate.'),
    size: optional(whole(0, 128 * 1024 * 1024), 1000, 'Body size in bytes; 12 at least.'),
    flag: optional(list('a list of flags', choice('persistent', 'mandatory')), [], 'persistent, mandatory.'),
    confirm: maybe(whole(1, 1_000_000), 'Use confirms, with so many in flight per producer.'),
    pmessages: maybe(whole(1, most), 'How many messages each producer sends.'),
    time: maybe(duration, 'How long each producer sends.'),
    expiration: maybe(duration, "The messages' own TTL."),
    priority: maybe(whole(0, 255), "The messages' priority."),
    retry: maybe(
      list('a list', choice('nacked', 'returned', 'lost')),
      'What is sent again; by default, with confirms, what was nacked and what was unconfirmed when the connection broke.',
    ),
  }),
  (read, path, refuse): Publishers => {
    if ((read.queue === null) === (read.exchange === null))
      refuse(path, 'a publisher has either queue or exchange')
    if (read.pmessages === null && read.time === null) refuse(path, 'a publisher has pmessages or time')
    const steady = [{ rate: read.rate, forMs: null }]
    const varying = read['variable-rate'].map((phase) => ({ rate: phase.rate, forMs: phase.for }))
    return {
      ...common(read, path, refuse),
      producers: read.producers,
      exchange: read.exchange ?? '',
      routingKey: read.queue ?? read['routing-key'],
      rates: varying.length > 0 ? varying : steady,
      size: Math.max(12, read.size),
      persistent: read.flag.includes('persistent'),
      mandatory: read.flag.includes('mandatory'),
      confirm: read.confirm,
      messages: read.pmessages,
      timeMs: read.time,
      expirationMs: read.expiration,
      priority: read.priority,
      retry: read.retry ?? (read.confirm === null ? [] : ['nacked', 'lost']),
    }
  },
)

const crash = made(
  record('crash', {
    every: required(whole(1, most), 'After the work on each so many messages, before the acknowledgement.'),
    times: optional(whole(1, most), 1, 'How often in all.'),
    back: optional(duration, 500, 'After which time it comes back.'),
  }),
  ({ every, times, back }) => ({ every, times, backMs: back }),
)

const consumers = made(
  record('a consumer', {
    ...everybody,
    consumers: optional(whole(1, 1000), 1, 'How many of them, a connection each.'),
    queue: required(name, 'The queue it consumes.'),
    qos: optional(whole(0, 65_535), 0, 'Prefetch; 0: no limit.'),
    autoack: optional(yesNo, false, 'Acknowledged by being sent.'),
    'multi-ack-every': optional(whole(1, 65_535), 1, 'Acknowledges each so many with multiple.'),
    'consumer-latency': optional(duration, 0, 'Work on one message; one after the other.'),
    arguments: optional(table, {}, 'x-arguments of basic.consume.'),
    idempotent: optional(yesNo, false, 'It remembers what it has processed and takes no effect twice.'),
    crash: maybe(crash, 'It crashes after the work and before the acknowledgement.'),
  }),
  (read, path, refuse): Consumers => ({
    ...common(read, path, refuse),
    consumers: read.consumers,
    queue: read.queue,
    qos: read.qos,
    autoack: read.autoack,
    multiAckEvery: read['multi-ack-every'],
    latencyMs: read['consumer-latency'],
    arguments: read.arguments,
    idempotent: read.idempotent,
    crash: read.crash,
  }),
)

export const workload = made(
  record('workload', {
    publishers: required(list('a list of publishers', publishers, 1), 'Who publishes.'),
    consumers: optional(list('a list of consumers', consumers), [], 'Who consumes.'),
  }),
  (read, path, refuse): Workload => {
    const named = {
      publishers: read.publishers.map((one, i) => ({ ...one, name: one.name || numbered('publisher', i) })),
      consumers: read.consumers.map((one, i) => ({ ...one, name: one.name || numbered('consumer', i) })),
    }
    const taken = new Set<string>()
    for (const [kind, clients] of Object.entries(named))
      for (const [index, { name }] of clients.entries()) {
        if (taken.has(name)) refuse([...path, kind, index, 'name'], `${name} is the name of another client`)
        taken.add(name)
      }
    return named
  },
)

const numbered = (kind: string, index: number) => (index === 0 ? kind : `${kind}${index + 1}`)

type Common = {
  readonly [K in keyof typeof everybody]: (typeof everybody)[K] extends { shape: Shape<infer T> } ? T : never
}

function common(
  { name, node, nodes, start, stop, reconnect }: Common,
  path: readonly (string | number)[],
  refuse: (path: readonly (string | number)[], complaint: string) => never,
) {
  if (node !== null && nodes !== null) refuse([...path, 'nodes'], 'either node or nodes')
  if (/\s/.test(name)) refuse([...path, 'name'], 'a name of a client has no spaces')
  return { name, nodes: nodes ?? [node ?? 1], startMs: start, stopMs: stop, ...reconnect }
}
