// The work that every variant is given: one publisher with confirms, one consumer with manual acknowledgements, one durable
// queue. Numbers and their defaults; `run` sets it going. It must be the same for every variant of a comparison.

import { Client } from './client.ts'
import { Consumer } from './consumer.ts'
import type { Clock, Network } from './line.ts'
import { Publisher } from './publisher.ts'
import type { Recorder } from './recorder.ts'

export interface Workload {
  readonly queue: string
  readonly messages: number
  /** From the first to the last message handed over; the interval follows from the count. */
  readonly durationMs: number
  readonly bodyBytes: number
  readonly window: number
  readonly prefetch: number
  readonly workMs: number
}

export const defaultWorkload: Workload = {
  queue: 'work',
  messages: 4000,
  durationMs: 32_000,
  bodyBytes: 1000,
  window: 100,
  prefetch: 100,
  workMs: 20,
}

/** On which nodes the two clients and the queue's leader are. */
export interface Placement {
  readonly publisher: string
  readonly leader: string
  readonly consumer: string
}

/** Declares the workload's queue through `node`, so that its leader is there; it takes some virtual milliseconds. */
export function declareQueue(queue: string, node: string, network: Network, clock: Clock): void {
  const nothing = () => {}
  const client: Client = new Client('declarer', node, network, clock, {
    opened: () => client.declareQueue(queue),
    answered: () => client.stop(),
    lost: nothing,
    channelClosed: nothing,
    confirmed: nothing,
    delivered: nothing,
    cancelled: nothing,
  })
  client.connect()
}

/** The two clients of a workload, connected; `publisher.start` begins the work. */
export function connectClients(
  workload: Workload,
  placement: Placement,
  network: Network,
  clock: Clock,
  recorder: Recorder,
): { publisher: Publisher; consumer: Consumer } {
  const { queue, messages, durationMs, bodyBytes, window, prefetch, workMs } = workload
  const intervalMs = durationMs / messages
  const publishing = { node: placement.publisher, queue, messages, intervalMs, bodyBytes, window }
  const consuming = { node: placement.consumer, queue, prefetch, workMs }
  const publisher = new Publisher(publishing, network, clock, recorder)
  const consumer = new Consumer(consuming, network, clock, recorder)
  publisher.client.connect()
  consumer.client.connect()
  return { publisher, consumer }
}
