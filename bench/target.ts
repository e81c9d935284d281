// What is measured: a broker with one or three nodes, be it a Warren of our own, a RabbitMQ of our own, or one that somebody
// else runs. Fulfilled by warren.ts and rabbitmq.ts; the steps of a run know nothing else of it.
import type { ProcessUse } from './machine.ts'

export interface Target {
  /** host:port of each node. */
  readonly addresses: readonly string[]
  /** From starting it to the last AMQP port accepting, in ms; null where that was not to be seen. */
  readonly startMs: number | null
  /** Of all its processes now; null where they are out of sight. */
  use(): ProcessUse | null
  stop(): Promise<void>
}

/** Somebody else's broker: it can be loaded, and no more. */
export function foreign(addresses: readonly string[]): Target {
  return { addresses, startMs: null, use: () => null, stop: async () => {} }
}
