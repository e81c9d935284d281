// Metrics as tables: a family has objects (queues, channels, …), labels for each, and a column for each metric. Read when
// Prometheus asks, straight from the core's counters; nothing is kept here, and nothing is counted on the way of a message.

import type { Live } from '../../nodes/live.ts'
import type { Node } from '../../nodes/node.ts'

/** The node that is asked, and the cluster around it. */
export interface Asked {
  readonly live: Live
  readonly node: Node
}

export type MetricType = 'counter' | 'gauge' | 'untyped'

export interface Column<T> {
  /** Without the prefix. */
  readonly name: string
  readonly type: MetricType
  readonly help: string
  readonly value: (of: T, asked: Asked) => number
  /** Told for each object only: a sum makes no sense. */
  readonly each?: true
}

export interface Family<T> {
  /** As RabbitMQ's /metrics/detailed?family= names it. */
  readonly name: string
  readonly objects: (asked: Asked) => Iterable<T>
  /** Text between the braces; '' for an object that is the only one. */
  readonly labels: (of: T) => string
  readonly columns: readonly Column<T>[]
  /** The vhost of an object, where it has one: for vhost=. */
  readonly vhost?: (of: T) => string
  /** Where the prefix is not the endpoint's. */
  readonly prefix?: string
  /** Its objects are told one by one everywhere. */
  readonly always?: true
}

/** `type` and names of metrics as RabbitMQ has them; the helps are ours. */
export const counter = <T>(name: string, help: string, value: Column<T>['value']): Column<T> => ({
  name,
  type: 'counter',
  help,
  value,
})
export const gauge = <T>(name: string, help: string, value: Column<T>['value']): Column<T> => ({
  name,
  type: 'gauge',
  help,
  value,
})

/** One label, escaped as the text format wants it. */
export const label = (name: string, value: string): string =>
  `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`

export interface Telling {
  readonly prefix: string
  /** One line for each object; otherwise one with their sum. */
  readonly each: boolean
  /** Only objects of these vhosts; null: of all. */
  readonly vhosts: ReadonlySet<string> | null
}

/** The family as text of the Prometheus exposition format 0.0.4. */
export function textOf<T>(family: Family<T>, asked: Asked, { prefix, each, vhosts }: Telling): string {
  const wanted = (object: T) =>
    vhosts === null || family.vhost === undefined || vhosts.has(family.vhost(object))
  const objects = [...family.objects(asked)].filter(wanted)
  const one = each || family.always === true
  const labels = one ? objects.map((object) => braced(family.labels(object))) : []
  const lines: string[] = []
  for (const { name, type, help, value, each: onlyEach } of family.columns) {
    const full = `${family.prefix ?? prefix}${name}`
    lines.push(`# TYPE ${full} ${type}`, `# HELP ${full} ${help}`)
    if (one)
      for (const [i, object] of objects.entries()) lines.push(`${full}${labels[i]} ${value(object, asked)}`)
    else if (!onlyEach)
      lines.push(`${full} ${objects.reduce((sum, object) => sum + value(object, asked), 0)}`)
  }
  return `${lines.join('\n')}\n`
}

const braced = (labels: string) => (labels === '' ? '' : `{${labels}}`)
