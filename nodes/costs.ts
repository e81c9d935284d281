// What a real cluster's links carry besides message bodies, in bytes, as measured on RabbitMQ 3.10.8 (docs/costs.md §3, §4).
// Used by senders when they meter a link; it must never influence what is sent or when.

import type { Message } from './message.ts'
import type { QueueOperation } from './protocol.ts'

/** Of a message's own: its names, and its properties, which travel both encoded and decoded. */
const carried = (names: number, properties: number) => names + 2 * properties

/** A channel to a replica off its node, without the body; several queues there share one message. */
export const publishBytes = (confirm: boolean, names: number, properties: number, queues: number) =>
  (confirm ? 169 : 165) + carried(names, properties) + 38 * queues

/** Several confirms of one replica in one packet to a channel's node. */
export const confirmBytes = (count: number) => 106 + 5 * count

/** A delivery to the consumer's node, without the body; names are exchange and key. */
export const deliverBytes = (ack: boolean, names: number, properties: number, queueLength: number) =>
  (ack ? 281 : 277) + carried(names, properties) + 2 * queueLength

/** Acknowledgements of one channel to one leader in one packet. */
export const ackBytes = (count: number) => 77 + 5 * count

/** A consumer's node gives its leader credit for as many deliveries at a time. */
export const deliveriesPerCredit = 50
export const creditBytes = 80

/** One operation on the ring between a leader and its mirrors, per hop, without packets and bodies. */
export const ringBytes = {
  publish: (names: number, properties: number) => 159 + carried(names, properties),
  /** A message leaves the ready ones, to be acknowledged or for good. */
  fetch: 25,
  /** It is acknowledged, rejected or requeued. */
  settle: 37,
  /** One operation, however many there were. */
  purge: 0,
  discard: 49,
} as const

/** A batch on the ring costs two packets a hop: the batch, then its acknowledgement. */
export const ringPackets = 2
export const ringPacketBytes = 120

/** A synchronised message beyond its body. */
export const syncBytes = 139

/** A request to a leader elsewhere, and its answer without a message. */
const plain = { there: 290, back: 90 }
export const requestBytes: Readonly<Record<QueueOperation['op'], { there: number; back: number }>> = {
  create: plain,
  declare: { there: 235, back: 87 },
  consume: { there: 428, back: 243 },
  cancel: { there: 337, back: 243 },
  get: { there: 268, back: 80 },
  purge: plain,
  delete: plain,
  sync: plain,
  'cancel-sync': plain,
}
/** The answer to a request, with the body that basic.get has taken. */
export function replyBytes(operation: QueueOperation, message: Message | undefined): number {
  const { back } = requestBytes[operation.op]
  if (message === undefined) return back
  const noAck = operation.op === 'get' && operation.noAck
  return back + (noAck ? 182 : 322) + message.size
}

/** A channel-wide prefetch: the leader asks before each delivery, the channel grants. */
export const limiterBytes = { ask: 278, grant: 95 } as const

/** A change of the definitions, from the node where it was made to each other, back, and between two others. */
export const definitionBytes = {
  queue: { there: 960, back: 404, among: 92 },
  /** Not durable, or exclusive. */
  transientQueue: { there: 460, back: 223, among: 0 },
  queueDelete: { there: 940, back: 465, among: 98 },
  mirroredQueueDelete: { there: 2820, back: 1400, among: 300 },
  exchange: { there: 905, back: 409, among: 97 },
  exchangeDelete: { there: 2155, back: 1020, among: 97 },
  binding: { there: 2010, back: 640, among: 95 },
  /** To an exchange of type topic, which keeps a tree of words. */
  topicBinding: { there: 3308, back: 887, among: 95 },
  policy: { there: 940, back: 445, among: 0 },
  /** A mirror that joins a queue. */
  mirror: { there: 5500, back: 4250, among: 600 },
  vhost: { there: 8700, back: 4000, among: 0 },
  /** A user, permission or limit. */
  access: { there: 400, back: 193, among: 0 },
} as const
export type DefinitionChange = keyof typeof definitionBytes
