// What the page reads of the HTTP and control APIs' answers: the members it shows and no more.

export interface NodeState {
  readonly name: string
  readonly state: string
  readonly port: number
  readonly island: readonly string[]
  readonly partitions: readonly string[]
  readonly connections: number
  readonly leaders: number
  readonly mirrors: number
}

export interface Meter {
  readonly packets: number
  readonly bodies: number
  readonly bytes: number
}

/** One direction; `meters` count since the start. */
export interface LinkState {
  readonly from: string
  readonly to: string
  readonly state: string
  readonly delay_ms: number
  readonly meters: Readonly<Record<string, Meter>>
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

export interface Events {
  readonly next: number
  readonly dropped: number
  readonly events: readonly TraceEvent[]
}
