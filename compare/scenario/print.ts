// A scenario written back as a file that `parse` reads equal: policies of all modes are spelt out, what is as usual is left out.
// `explore` writes what it finds so, and the HTML report shows what was run. It must never write a path: a calibration file's
// is kept as it was given.

import { dump } from 'js-yaml'
import { entriesOf } from '../../policies/file-entries.ts'
import { sortedDefinition } from '../../policies/policy.ts'
import { nodeText } from './shape-faults.ts'
import { wholeCluster } from './shape-nodes.ts'
import { usual } from './shape-workload.ts'
import type {
  ClusterShape,
  Condition,
  Consumers,
  FaultAction,
  LinkShape,
  NodeNumber,
  PartitionHandling,
  PlannedFault,
  Publishers,
  Reconnect,
  Scenario,
  Topology,
  Variant,
} from './types.ts'

type Entry = Record<string, unknown>

/** The text of a scenario file, in YAML; equal scenarios give equal text. */
export function printScenario(scenario: Scenario): string {
  const { name, question, about, cluster, topology, variants, workload, faults, afterwards } = scenario
  const file = {
    name,
    ...unless('', { question, about }),
    ...some('cluster', clusterEntry(cluster)),
    topology: topologyEntry(topology),
    variants: variants.map((variant) => variantEntry(variant, scenario)),
    workload: {
      publishers: workload.publishers.map(publisherEntry),
      ...some('consumers', workload.consumers.map(consumerEntry)),
    },
    ...some(
      'faults',
      faults.map((fault, index) => faultEntry(fault, index, faults)),
    ),
    ...some(
      'assertions',
      scenario.assertions.map(({ text, variants: of }) => (of === null ? text : { [of.join(', ')]: text })),
    ),
    ...some('needs', scenario.needs),
    ...some('afterwards', {
      ...unless(true, { repair: afterwards.repair, drain: afterwards.drain }),
      ...unless('2 min', { patience: time(afterwards.patienceMs) }),
    }),
  }
  return dump(file, { noRefs: true, lineWidth: 120, flowLevel: 3 })
}

/** A time as files have it: `5 s`, `200 ms`, `2 min`. */
export function time(ms: number): string {
  if (ms > 0 && ms % 60_000 === 0) return `${ms / 60_000} min`
  if (ms > 0 && ms % 1000 === 0) return `${ms / 1000} s`
  return `${decimal(ms)} ms`
}

/** Without an exponent, which files do not know; to a nanosecond. */
const decimal = (value: number) =>
  Number.isInteger(value) ? String(value) : value.toFixed(6).replace(/\.?0+$/, '')

/** The pairs that have another value than the usual one. */
const unless = (usually: unknown, pairs: Entry): Entry =>
  Object.fromEntries(Object.entries(pairs).filter(([, value]) => value !== usually))

/** The pair, unless there is nothing in it. */
const some = (key: string, value: Entry | readonly unknown[]): Entry =>
  (Array.isArray(value) ? value.length : Object.keys(value).length) === 0 ? {} : { [key]: value }

const maybeTime = (ms: number | null) => (ms === null ? null : time(ms))

// ---- cluster, topology, variants

function clusterEntry({ nodes, partitionHandling, netTickMs, links, disk, costs }: ClusterShape): Entry {
  return {
    ...unless(wholeCluster.nodes, { nodes }),
    ...unless('ignore', { 'partition-handling': handlingEntry(partitionHandling) }),
    ...unless(time(wholeCluster.netTickMs), { 'net-ticktime': time(netTickMs) }),
    ...some('links', {
      ...linkEntry(links),
      ...some(
        'pairs',
        links.pairs.map((pair) => ({ between: pair.between.map(nodeText), ...linkEntry(pair) })),
      ),
    }),
    ...some('disk', unless(null, { flush: maybeTime(disk.flushMs) })),
    ...unless('none', { costs }),
  }
}

const handlingEntry = (handling: PartitionHandling) =>
  typeof handling === 'string' ? handling : { ...handling, nodes: handling.nodes.map(nodeText) }

const linkEntry = ({ delayMs, bandwidth }: LinkShape): Entry =>
  unless(null, {
    delay: maybeTime(delayMs),
    bandwidth: bandwidth === null ? null : `${decimal(bandwidth)} B/s`,
  })

function topologyEntry({ exchanges, queues, bindings }: Topology): Entry {
  return {
    ...some(
      'exchanges',
      exchanges.map(({ name, type, durable, internal, arguments: args }) => ({
        name,
        type,
        ...unless(true, { durable }),
        ...unless(false, { internal }),
        ...some('arguments', args),
      })),
    ),
    queues: queues.map(({ name, leader, durable, arguments: args }) => ({
      name,
      leader: nodeText(leader),
      ...unless(true, { durable }),
      ...some('arguments', args),
    })),
    ...some(
      'bindings',
      bindings.map(({ exchange, to, key, arguments: args }) => ({
        exchange,
        ...('queue' in to ? { queue: to.queue } : { 'to-exchange': to.exchange }),
        ...unless('', { key }),
        ...some('arguments', args),
      })),
    ),
  }
}

/** Its policies in place, whatever mode or file they came from. */
function variantEntry(
  { name, mode, nodes, partitionHandling, ...kinds }: Variant,
  { cluster }: Scenario,
): Entry {
  const entries = entriesOf(kinds).map((entry) => ({
    ...entry,
    definition: sortedDefinition(entry.definition),
  }))
  // `single` says nodes: 1 by itself, and stays the one word that people look for.
  if ((mode === 'single' && nodes === 1) || (mode === 'ordinary' && nodes === cluster.nodes))
    if (entries.length === 0 && partitionHandling === cluster.partitionHandling)
      return name === mode ? { mode } : { name, mode }
  return {
    name,
    ...(mode === 'single' || mode === 'ordinary' ? { mode } : {}),
    ...unless(mode === 'single' ? 1 : cluster.nodes, { nodes }),
    ...(partitionHandling === cluster.partitionHandling
      ? {}
      : { 'partition-handling': handlingEntry(partitionHandling) }),
    ...some('policies', entries),
  }
}

// ---- clients

function clientEntry(client: Publishers | Consumers): Entry {
  const { name, nodes, startMs, stopMs } = client
  return {
    name,
    ...(nodes.length === 1 ? unless('node1', { node: nodeText(nodes[0]!) }) : { nodes: nodes.map(nodeText) }),
    ...unless('0 ms', { start: time(startMs) }),
    ...unless(null, { stop: maybeTime(stopMs) }),
    ...reconnectEntry(client),
  }
}

function reconnectEntry({ delayMs, order, heartbeatMs }: Reconnect): Entry {
  if (delayMs === null) return { reconnect: 'never' }
  const heartbeat = heartbeatMs === null ? 'none' : `${heartbeatMs / 1000} s`
  return some('reconnect', {
    ...unless('250 ms to 1000 ms', { delay: `${decimal(delayMs.min)} ms to ${decimal(delayMs.max)} ms` }),
    ...unless(usual.order, { order }),
    ...unless('60 s', { heartbeat }),
  })
}

const rateEntry = (rate: number | null) => rate ?? 'unlimited'

function publisherEntry(publisher: Publishers): Entry {
  const { rates, exchange, routingKey, confirm, retry, persistent, mandatory } = publisher
  const steady = rates.length === 1 && rates[0]!.forMs === null
  const flags = [...(persistent ? ['persistent'] : []), ...(mandatory ? ['mandatory'] : [])]
  const usually = confirm === null ? [] : ['nacked', 'lost']
  return {
    ...clientEntry(publisher),
    ...unless(1, { producers: publisher.producers }),
    ...(exchange === '' ? { queue: routingKey } : { exchange, ...unless('', { 'routing-key': routingKey }) }),
    ...(steady
      ? unless('unlimited', { rate: rateEntry(rates[0]!.rate) })
      : {
          'variable-rate': rates.map(({ rate, forMs }) => ({ rate: rateEntry(rate), for: time(forMs ?? 0) })),
        }),
    ...unless(1000, { size: publisher.size }),
    ...some('flag', flags),
    ...unless(null, {
      confirm,
      pmessages: publisher.messages,
      time: maybeTime(publisher.timeMs),
      expiration: maybeTime(publisher.expirationMs),
      priority: publisher.priority,
    }),
    ...(String(retry) === String(usually) ? {} : { retry }),
  }
}

function consumerEntry(consumer: Consumers): Entry {
  const { queue, qos, autoack, multiAckEvery, latencyMs, idempotent, crash } = consumer
  return {
    ...clientEntry(consumer),
    ...unless(1, { consumers: consumer.consumers }),
    queue,
    ...unless(0, { qos }),
    ...unless(false, { autoack, idempotent }),
    ...unless(1, { 'multi-ack-every': multiAckEvery }),
    ...unless('0 ms', { 'consumer-latency': time(latencyMs) }),
    ...some('arguments', consumer.arguments),
    ...(crash === null
      ? {}
      : {
          crash: {
            every: crash.every,
            ...unless(1, { times: crash.times }),
            ...unless('500 ms', { back: time(crash.backMs) }),
          },
        }),
  }
}

// ---- faults

function faultEntry(
  { name, trigger, action }: PlannedFault,
  index: number,
  all: readonly PlannedFault[],
): Entry {
  return { ...unless('', { name }), ...triggerEntry(trigger, index, all), ...actionEntry(action) }
}

function triggerEntry(trigger: PlannedFault['trigger'], index: number, all: readonly PlannedFault[]): Entry {
  if (trigger.kind === 'at') return { at: time(trigger.atMs) }
  if (trigger.kind === 'when') {
    const since = trigger.since === undefined ? {} : { of: all[trigger.since]!.name }
    const delay = unless('0 ms', { delay: time(trigger.delayMs) })
    return { when: conditionText(trigger.condition), ...since, ...delay }
  }
  const of = trigger.fault === index - 1 ? {} : { of: all[trigger.fault]!.name }
  return { after: time(trigger.delayMs), ...of }
}

/** As a file has it: `500 confirmed`, `promoted work`, `work holds 100`, `node1 down`. */
export function conditionText(condition: Condition): string {
  switch (condition.is) {
    case 'count':
      return `${condition.atLeast} ${condition.of}`
    case 'holds':
      return `${condition.queue} holds ${condition.atLeast}`
    case 'running':
    case 'down':
      return `node${condition.node} ${condition.is}`
    default:
      return `${condition.is} ${condition.queue}`
  }
}

function actionEntry(action: FaultAction): Entry {
  switch (action.do) {
    case 'cut':
    case 'silence':
      return { [action.do]: action.groups.map((group) => group.map(nodeText)) }
    case 'cut-link':
      return { [action.do]: action.between.map(nodeText) }
    case 'delay-link':
      return {
        [action.do]: action.between.map((node: NodeNumber) => nodeText(node)),
        to: time(action.delayMs),
      }
    case 'deafen':
      return { deafen: nodeText(action.node), to: action.to.map(nodeText) }
    case 'heal':
      return { heal: true }
    case 'sync':
    case 'cancel-sync':
      return { [action.do]: action.queue }
    default:
      return { [action.do]: nodeText(action.node) }
  }
}
