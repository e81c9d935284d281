// What a real cluster's links carry besides message bodies, in bytes, as measured on RabbitMQ 3.10.8 (docs/costs.md §3).
// Used by senders when they meter a link; it must never influence what is sent or when.

/** A channel to a replica off its node, without the body. */
export const publishBytes = (confirm: boolean, nameLength: number) => (confirm ? 225 : 221) + nameLength - 4

/** Several confirms in one packet to a channel's node. */
export const confirmBytes = (count: number) => 103 + 8 * count

/** A delivery to the consumer's node, without the body; names are exchange, key and queue. */
export const deliverBytes = (ack: boolean, nameLength: number, queueLength: number) =>
  (ack ? 307 : 303) + (nameLength - 4) + 2 * (queueLength - 4)

/** Acknowledgements of one channel to one leader in one packet. */
export const ackBytes = (count: number) => 80 + 4 * count

/** One operation on the ring between a leader and its mirrors, per hop, without packets and bodies. */
export const ringBytes = {
  publish: (persistent: boolean, nameLength: number) => (persistent ? 181 : 161) + nameLength - 4,
  settle: 67,
  discard: 31,
} as const

/** A batch on the ring costs two packets a hop: the batch, then its acknowledgement. */
export const ringPackets = 2
export const ringPacketBytes = 129

/** A synchronised message beyond its body. */
export const syncBytes = 139

/** A request to a leader elsewhere and its answer (passive declare, consume, cancel). */
export const requestBytes = 243
export const replyBytes = 235

/** A change of the definitions, from the node where it was made to each other, and back. */
export const definitionBytes = {
  queue: { there: 906, back: 404 },
  queueDelete: { there: 874, back: 460 },
  exchange: { there: 838, back: 409 },
  exchangeDelete: { there: 2041, back: 1017 },
  binding: { there: 1974, back: 642 },
  policy: { there: 926, back: 446 },
  mirror: { there: 5000, back: 4000 },
  /** A vhost, user, permission or limit: taken to be like a policy, not measured. */
  access: { there: 926, back: 446 },
} as const
export type DefinitionChange = keyof typeof definitionBytes
