// Where the HTTP API of Warren shows other keys or other JSON types than a real RabbitMQ 3.10.8 did in the same situation, and
// why. Read by shapes.test.ts, which fails for a difference that is not here and for one that is here and is none.

export interface Difference {
  /** Recordings it is in, by the beginning of their names. */
  readonly of: readonly string[]
  readonly path: RegExp
  readonly reason: string
}

export const differences: readonly Difference[] = [
  {
    of: ['queues', 'm.sync', 'channels', 'connections_one_channels'],
    path: /\bidle_since$/,
    reason:
      'is there only while nothing happens, which was not so of every queue and channel that was recorded',
  },
  {
    of: ['overview'],
    path: /^\.(listeners|contexts)\[\](\.socket_opts)?\.protocol$/,
    reason:
      'only the listeners of Prometheus say so there, and those of Warren are listed without their options',
  },
  {
    of: ['overview'],
    path: /^\.listeners\[\]\.socket_opts$/,
    reason: 'the listener between nodes has a list of no options; nodes of one process have no such listener',
  },
  {
    of: ['nodes'],
    path: /contexts\[\]\.protocol$/,
    reason: 'only the context of Prometheus says so',
  },
  {
    of: ['nodes'],
    path: /\.(log_files|config_files)\[\]$/,
    reason: 'an emulated node writes no log and reads no configuration file',
  },
  {
    of: ['queues', 'm.sync'],
    path: /backing_queue_status\.target_ram_count$/,
    reason: 'a number in a real node whose memory is under pressure; Warren keeps everything in memory',
  },
]
