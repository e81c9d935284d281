// Fixed bounds of the broker, RabbitMQ's defaults. Read by connection and channel; a client meets them as errors or as a
// socket that is not read for a while, never as growth without end.

export const limits = {
  /** Largest message body in bytes (max_message_size). */
  messageBytes: 134_217_728,
  frameMax: 131_072,
  /** Smallest frame size a client may ask for (AMQP 0-9-1 frame-min-size). */
  frameMin: 4096,
  channelMax: 2047,
  heartbeatSeconds: 60,
  handshakeMs: 10_000,
  /** How long a delivery may stay unacknowledged (consumer_timeout). */
  consumerTimeoutMs: 1_800_000,
  /** How often a channel looks for such deliveries (channel_tick_interval). */
  channelTickMs: 60_000,
  /** How long a close may stay unanswered. */
  closingMs: 30_000,
  /** Silence before a failed login is closed, for clients that cannot read the reason (docs/observed.md §5.1). */
  silenceMs: 3000,
  /** Unsent output of one connection at which its consumers are fed no more, and its socket is read no more. */
  outputHighBytes: 1_048_576,
  outputLowBytes: 262_144,
  /** Frames held for channels that wait for a queue, at which the socket is read no more. */
  heldBytes: 1_048_576,
} as const
