// The workloads, one row each: what the load generator is asked to do and which of its numbers are kept. Read by run.ts
// and printed by its --help. A row never names a host or a port: those belong to the target.

export type Unit = 'msg/s' | 'us' | 'ms' | 'MB' | 'bytes' | 'ns' | 'factor' | 'cores' | '/s'

/** One number of a workload. `from` is the generator's name for it, `name` the one that is printed and stored. */
export interface Metric {
  readonly name: string
  readonly from: string
  readonly unit: Unit
}

/** One call of the generator. `seconds` and `count` runs differ in what ends them. */
export interface Step {
  readonly options: readonly string[]
  readonly metrics: readonly Metric[]
  /** Messages that must have been delivered at the end of a step that only consumes. */
  readonly expectDelivered?: number
}

export interface Workload {
  readonly name: string
  readonly about: string
  /** Where it runs: one node, or a cluster of three with publisher, consumer and queue on a node each. */
  readonly place: 'single' | 'remote' | 'mirrored'
  readonly steps: readonly Step[]
}

/** Seconds measured and seconds of warm-up before them, and messages of `fill`. */
export interface Length {
  readonly seconds: number
  readonly warmupSeconds: number
  readonly fillMessages: number
  /** Of the memory step. */
  readonly connections: number
}

const rate: Metric = { name: 'rate', from: 'del_s', unit: 'msg/s' }
const p50: Metric = { name: 'p50', from: 'lat_p50', unit: 'us' }
const p99: Metric = { name: 'p99', from: 'lat_p99', unit: 'us' }
const confirm50: Metric = { name: 'confirm p50', from: 'clat_p50', unit: 'us' }
const confirm99: Metric = { name: 'confirm p99', from: 'clat_p99', unit: 'us' }

const words = (options: string) => options.split(' ')

/** All workloads in the order they run. */
export function workloads({ seconds, warmupSeconds, fillMessages }: Length): readonly Workload[] {
  const timed = ['-t', String(seconds), '-U', String(warmupSeconds)]
  const one = (
    name: string,
    about: string,
    options: string,
    metrics: readonly Metric[],
    place: Workload['place'] = 'single',
  ): Workload => ({ name, about, place, steps: [{ options: [...words(options), ...timed], metrics }] })
  const confirmed = '-s 1024 -d -p -w 100 -k 50 -f 100'
  return [
    one('auto100', '100 B, transient, no acknowledgements, one publisher, one consumer', '-s 100', [rate]),
    one('auto1k', 'the same with 1 kB', '-s 1024', [rate]),
    one(
      'ack100',
      '100 B, confirms (1,000 in flight), prefetch 1,000, ack every 50',
      '-s 100 -w 1000 -k 50 -f 1000',
      [rate, confirm50],
    ),
    one(
      'conf1k',
      '1 kB durable and persistent, confirms (100 in flight), prefetch 100, ack every 50',
      confirmed,
      [rate, confirm50, confirm99],
    ),
    one('multi10', '100 B through 10 queues, 10 publishers, 10 consumers', '-s 100 -q 10 -P 10 -C 10', [
      rate,
    ]),
    one(
      'fan5',
      '100 B fanned out to 5 queues (deliveries counted)',
      '-s 100 -q 5 -P 1 -C 5 -e benchfan:fanout',
      [rate],
    ),
    one('lat2k', 'publish to delivery of 100 B at 2,000/s', '-s 100 -r 2000', [p50, p99]),
    one(
      'latd2k',
      'the same with 1 kB, persistent, confirmed, each acknowledged',
      '-s 1024 -d -p -w 2000 -k 1 -f 100 -r 2000',
      [p50, p99, confirm50, confirm99],
    ),
    fill(fillMessages),
    one(
      'remote-auto100',
      'auto100 with publisher, consumer and queue on three nodes',
      '-s 100',
      [rate],
      'remote',
    ),
    one('mirrored-auto100', 'the same, queue mirrored to all three', '-s 100', [rate], 'mirrored'),
    one(
      'mirrored-conf1k',
      'conf1k, queue mirrored to all three',
      confirmed,
      [rate, confirm50, confirm99],
      'mirrored',
    ),
  ]
}

/** Publish only, with confirms so that the end is the broker's; then consume only; then delete the queue. */
function fill(messages: number): Workload {
  return {
    name: 'fill',
    about: `${messages.toLocaleString('en')} messages of 100 B into a queue, then out of it`,
    place: 'single',
    steps: [
      {
        options: words(`-s 100 -C 0 -w 5000 -n ${messages} -K`),
        metrics: [{ name: 'in', from: 'conf_s', unit: 'msg/s' }],
      },
      {
        options: words(`-s 100 -P 0 -C 1 -n ${messages} -K -g 10`),
        metrics: [{ name: 'out', from: 'del_s', unit: 'msg/s' }],
        expectDelivered: messages,
      },
      { options: words('-s 24 -n 10 -t 1'), metrics: [] },
    ],
  }
}

/** Addresses (host:port) of the nodes to load; one or three. */
export type Addresses = readonly string[]

/** The generator's options for where a workload connects and how its queues are called. */
export function placement(workload: Workload, nodes: Addresses): string[] {
  const [first, second = first, third = first] = nodes
  if (first === undefined) throw new Error('a workload needs at least one node')
  if (workload.place === 'single') return ['-A', first, '-Q', 'bench']
  return ['-A', first, '-B', second!, '-D', third!, '-Q', workload.place]
}
