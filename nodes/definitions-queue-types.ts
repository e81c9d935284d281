// Which arguments and properties each queue type of RabbitMQ takes. Asked when a queue is declared; also for the types that
// Warren does not emulate, so that a declaration that is wrong anywhere is refused alike.

export type QueueType = 'classic' | 'quorum' | 'stream'

const common = ['x-queue-type', 'x-max-length-bytes', 'x-queue-leader-locator']
const lengths = ['x-expires', 'x-message-ttl', 'x-max-length', 'x-overflow']
const lettersAndConsumers = [
  'x-dead-letter-exchange',
  'x-dead-letter-routing-key',
  'x-single-active-consumer',
]

/** By type, in RabbitMQ 3.10. Arguments in no list are nobody's: every type ignores them. */
const arguments_: Readonly<Record<QueueType, ReadonlySet<string>>> = {
  classic: new Set([
    'x-queue-type',
    'x-max-length-bytes',
    ...lengths,
    ...lettersAndConsumers,
    'x-max-priority',
    'x-queue-mode',
    'x-queue-version',
  ]),
  quorum: new Set([
    ...common,
    ...lengths,
    ...lettersAndConsumers,
    'x-max-in-memory-length',
    'x-max-in-memory-bytes',
    'x-delivery-limit',
    'x-dead-letter-strategy',
    'x-quorum-initial-group-size',
  ]),
  stream: new Set([...common, 'x-max-age', 'x-stream-max-segment-size-bytes', 'x-initial-cluster-size']),
}

const known = new Set(Object.values(arguments_).flatMap((names) => [...names]))

/** False for an argument that only other queue types take. */
export function takes(type: QueueType, argument: string): boolean {
  return arguments_[type].has(argument) || !known.has(argument)
}

/** What a queue that is not classic may not be, in RabbitMQ's words; null when nothing is wrong. */
export function unfitProperty(properties: {
  durable: boolean
  exclusive: boolean
  autoDelete: boolean
}): string | null {
  if (!properties.durable) return 'non-durable'
  if (properties.autoDelete) return 'auto-delete'
  return properties.exclusive ? 'exclusive-owner' : null
}
