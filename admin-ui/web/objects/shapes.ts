// What the pages of queues, exchanges, connections and channels read of the HTTP API: the members they show and no more.

export interface Rated {
  readonly rate: number
}

/** Counters since the start; each has a `…_details` with its rate. */
export type MessageStats = Readonly<Record<string, number | Rated | undefined>>

export type Table = Readonly<Record<string, unknown>>

/** Down and waiting queues have no counters. */
export interface QueueRow {
  readonly vhost: string
  readonly name: string
  readonly node: string
  readonly type: string
  readonly durable: boolean
  readonly auto_delete: boolean
  readonly exclusive: boolean
  readonly arguments: Table
  readonly state?: string
  readonly slave_nodes?: readonly string[]
  readonly synchronised_slave_nodes?: readonly string[]
  readonly messages?: number
  readonly messages_ready?: number
  readonly messages_unacknowledged?: number
  readonly message_stats?: MessageStats
  readonly policy?: string | null
  readonly operator_policy?: string | null
}

export interface Consumer {
  readonly consumer_tag: string
  readonly ack_required: boolean
  readonly exclusive: boolean
  readonly active: boolean
  readonly activity_status: string
  readonly prefetch_count: number
  readonly arguments: Table
  readonly queue: { readonly vhost: string; readonly name: string }
  /** An empty list when the channel is gone. */
  readonly channel_details: { readonly name?: string; readonly node?: string; readonly user?: string }
}

export interface QueueEntry extends QueueRow {
  readonly consumers?: number
  readonly consumer_details: readonly Consumer[]
  readonly effective_policy_definition?: Table
  readonly memory?: number
  readonly message_bytes?: number
  readonly message_bytes_ready?: number
  readonly message_bytes_unacknowledged?: number
  readonly message_bytes_persistent?: number
  readonly messages_persistent?: number
  readonly consumer_utilisation?: number
  readonly sync_messages?: number
}

/** Of the control API: also of queues that are down. */
export interface QueuePlaces {
  readonly state: string
  readonly leader: string | null
  readonly home: string
  readonly mirrors: readonly Mirror[]
  readonly messages: number
  readonly policy: string | null
  readonly operatorPolicy: string | null
}

export interface Mirror {
  readonly node: string
  readonly synced: boolean
  readonly missing?: number
}

export interface Exchange {
  readonly vhost: string
  readonly name: string
  readonly type: string
  readonly durable: boolean
  readonly auto_delete: boolean
  readonly internal: boolean
  readonly arguments: Table
  readonly policy?: string
  readonly message_stats?: MessageStats
}

export interface Binding {
  readonly source: string
  readonly vhost: string
  readonly destination: string
  readonly destination_type: string
  readonly routing_key: string
  readonly arguments: Table
  readonly properties_key: string
}

export interface Connection {
  readonly name: string
  readonly node: string
  readonly vhost: string
  readonly user: string
  readonly state: string
  readonly ssl: boolean
  readonly protocol: string
  readonly channels: number
  readonly peer_host: string
  readonly peer_port: number
  readonly host: string
  readonly port: number
  readonly connected_at: number
  readonly timeout: number
  readonly frame_max: number
  readonly channel_max: number
  readonly auth_mechanism: string
  readonly client_properties: Table
  readonly recv_oct: number
  readonly send_oct: number
  readonly recv_oct_details?: Rated
  readonly send_oct_details?: Rated
  readonly user_provided_name?: string
}

export interface Channel {
  readonly name: string
  readonly number: number
  readonly node: string
  readonly vhost: string
  readonly user: string
  readonly state: string
  readonly confirm: boolean
  readonly transactional: boolean
  readonly prefetch_count: number
  readonly global_prefetch_count: number
  readonly messages_unacknowledged: number
  readonly messages_unconfirmed: number
  readonly messages_uncommitted: number
  readonly consumer_count: number
  readonly message_stats?: MessageStats
  readonly connection_details?: { readonly name: string }
}

/** The rate of a counter, or undefined where it is not kept. */
export function rateOf(stats: MessageStats | undefined, counter: string): number | undefined {
  return (stats?.[`${counter}_details`] as Rated | undefined)?.rate
}
