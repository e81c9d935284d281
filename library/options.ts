// What `startCluster` may be told, and what becomes of it before the cluster is there. Mistakes are thrown here.

import type { ChangedPolicy } from '../admin-ui/policy-verbs.ts'
import type { PartitionHandling, PauseIfAllDown } from '../nodes/membership.ts'
import { immediate, netTick, type Timings } from '../nodes/timings.ts'

/** A policy as in a policy file or the body of a PUT, with its name; `operator`: limits that applications cannot exceed. */
export type PolicyInput = ChangedPolicy

/** Nodes pause while they reach none of `nodes`. */
export interface PauseIfAllDownInput extends Partial<Pick<PauseIfAllDown, 'recover'>> {
  readonly mode: PauseIfAllDown['mode']
  readonly nodes: readonly (number | string)[]
}

/** A second port of every node, for TLS. */
export interface TlsOptions {
  /** PEM text of the certificate and its key; both absent: throw-away ones are made, with a CA of their own. */
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  /** PEM text of the CAs that may vouch for clients' certificates; clients are asked for one only when it is given. */
  readonly ca?: string | Buffer
  /** The admin port speaks HTTPS, with the same certificate. */
  readonly admin?: boolean
  /** Of the first node; 0: any free ports. 5671 with one node, 5681 with several, 0 when the AMQP port is 0. */
  readonly port?: number
}

export interface StartOptions {
  /** How many nodes, 1 to 64; 3 by default. */
  readonly nodes?: number
  /** AMQP port of the first node, node i listens on port + i - 1; 0: any free ports. 5672 by default. */
  readonly port?: number
  /** Port of the admin page and HTTP API; 0: any free port; null: none. 15672 by default, any when `port` is 0. */
  readonly adminPort?: number | null
  /** How often rates and graphs of the admin port are brought up to date, in ms (collect_statistics_interval). 5 s by default. */
  readonly statisticsMs?: number
  /**
   * Prometheus port of the first node, node i on prometheusPort + i - 1; 0: any free ports; null: none. 15692 by default, any when
   * `port` or `adminPort` is 0, none when `adminPort` is null.
   */
  readonly prometheusPort?: number | null
  /** Address to listen on; loopback, IPv4 and IPv6, by default. */
  readonly host?: string
  readonly policies?: readonly PolicyInput[]
  /**
   * A definitions.json of RabbitMQ 3.10 or of Warren, as text or decoded, to start with. As on a real node its users and
   * vhosts are there instead of guest and /, not beside them; `policies` come after it.
   */
  readonly definitions?: string | object
  /**
   * What nodes do when they lose sight of each other: `ignore` by default, `pause_minority`, `autoheal`, or
   * `{ mode: 'pause_if_all_down', nodes: [1, 2], recover: 'autoheal' }` with nodes by number or name; recover `ignore` by default.
   */
  readonly partitionHandling?: PartitionHandling | PauseIfAllDownInput
  /** How long nodes take to notice that a link has fallen silent, a quarter more or less, in ms (net_ticktime). 60 s by default. */
  readonly netTickMs?: number
  /** Opens TLS ports; true: with throw-away certificates. None by default. */
  readonly tls?: TlsOptions | boolean
  /** How long a delivery may stay unacknowledged before its channel is closed, in ms; 0: for ever. 30 minutes by default. */
  readonly consumerTimeoutMs?: number
  /**
   * Memory of this process, as seen from outside, that the cluster stays below by no longer reading publishers: bytes, text
   * such as `512MB` or `1GiB`, or a share of the machine's memory up to 1. 0.4 by default.
   */
  readonly memoryLimit?: number | string
  /** How fast mirrors are filled at most, in bytes a second (mirroring_sync_max_throughput); as fast as RabbitMQ by default. */
  readonly syncThroughput?: number
  /** Of the random streams (placement, names). */
  readonly seed?: number
  /**
   * What is recorded: faults and the like, or the steps of every message too, the last 65,536 of them
   * (`cluster.trace.messages`), which costs some of the speed. Events by default.
   */
  readonly trace?: 'events' | 'messages'
}

export function timingsOf({ netTickMs, syncThroughput }: StartOptions): Timings {
  const { sync } = immediate
  const bytesPerMs = Math.min(sync.bytesPerMs, (syncThroughput ?? Infinity) / 1000)
  return {
    ...immediate,
    sync: { ...sync, bytesPerMs },
    ...(netTickMs !== undefined && { netTick: netTick(netTickMs) }),
  }
}

export function handlingOf(handling: PartitionHandling | PauseIfAllDownInput): PartitionHandling {
  if (typeof handling === 'string') return handling
  const { mode, nodes, recover = 'ignore' } = handling
  const nameOf = (node: number | string) => (typeof node === 'number' ? `rabbit@node${node}` : node)
  return { mode, nodes: nodes.map(nameOf), recover }
}
