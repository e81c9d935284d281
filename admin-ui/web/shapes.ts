// What the page reads of the HTTP and control APIs' answers: the members it shows and no more.

export interface NodeState {
  readonly name: string
  readonly state: string
  /** amqp:// URL for clients on this machine. */
  readonly url: string
  readonly port: number
  readonly island: readonly string[]
  /** The nodes it knows as members of its cluster. */
  readonly cluster: readonly string[]
  readonly partitions: readonly string[]
  readonly connections: number
  readonly leaders: number
  readonly mirrors: number
}

/** One direction. */
export interface LiveLink {
  readonly from: string
  readonly to: string
  readonly state: 'up' | 'cut' | 'silent'
  readonly delay_ms: number
  /** Null: as many as come. */
  readonly bytes_per_second: number | null
  /** Since the cluster began. */
  readonly bytes: number
  readonly bodies: number
  /** Bytes a second by kind; what stands still is absent. */
  readonly rates: Readonly<Record<string, number>>
}

export interface LiveMirror {
  readonly node: string
  readonly synchronised: boolean
  /** Messages that it lacks. */
  readonly missing: number
}

/** As one side of a partition sees it; `side` is the first node of that side. */
export interface LiveQueue {
  readonly side: string
  readonly vhost: string
  readonly name: string
  readonly state: 'running' | 'syncing' | 'down' | 'waiting'
  readonly leader: string
  readonly mirrors: readonly LiveMirror[]
  readonly mode: 'single' | 'ordinary' | 'mirrored'
  readonly policy: string | null
  readonly messages: number
  readonly ready: number
  readonly unacknowledged: number
  readonly consumers: number
  readonly publish_rate: number
  readonly deliver_rate: number
  readonly ack_rate: number
}

export interface LiveClient {
  readonly id: number
  readonly name: string
  readonly given_name: string
  readonly product: string
  readonly node: string
  readonly user: string
  readonly vhost: string
  readonly channels: number
  readonly state: string
  readonly received_rate: number
  readonly sent_rate: number
}

export interface Clock {
  /** Ms since the epoch: the cluster's time, and the real one. */
  readonly now: number
  readonly real: number
  readonly speed: number
  readonly paused: boolean
}

export interface Totals {
  readonly queues: number
  /** That match the selection, shown or not. */
  readonly selected: number
  readonly without_leader: number
  readonly mirrored: number
  readonly not_synchronised: number
  readonly messages: number
  readonly connections: number
  readonly channels: number
  readonly consumers: number
  readonly publish_rate: number
  readonly deliver_rate: number
  readonly ack_rate: number
}

/** Down queues have a state but no counters, waiting ones neither. */
export interface QueueEntry {
  readonly vhost: string
  readonly name: string
  readonly node: string
  readonly state?: string
  readonly slave_nodes?: readonly string[]
  readonly synchronised_slave_nodes?: readonly string[]
  readonly messages?: number
  readonly messages_ready?: number
  readonly messages_unacknowledged?: number
  readonly policy?: string | null
}

/** One page of a list of the HTTP API. */
export interface ListPage<T> {
  readonly items: readonly T[]
  readonly total_count: number
  readonly filtered_count: number
}

export interface PolicyEntry {
  readonly vhost: string
  readonly name: string
  readonly pattern: string
  readonly 'apply-to': string
  readonly priority: number
  readonly definition: Readonly<Record<string, unknown>>
}

export interface TraceEvent {
  readonly number: number
  /** In ms since the epoch. */
  readonly at: number
  readonly kind: string
  readonly node: string
  readonly subject: string
  readonly value: number
}
