// What takes time in RabbitMQ without being work, in one table: noticing a lost peer, promotion, restarts. A simulation
// uses the observed values; a live cluster waits for nobody. Read by whoever schedules such an event, changed by nobody.

export interface Range {
  readonly minMs: number
  readonly maxMs: number
}

/** What filling mirrors costs (docs/observed.md §20). */
export interface SyncPace {
  readonly batchMs: number
  readonly messageMs: number
  readonly bytesPerMs: number
}

export interface Timings {
  /** From the fall of a link to the survivors' reaction, when both ends can see it. */
  readonly notice: Range
  /** From a link's falling silent to its ends' noticing it (net_ticktime, a quarter more or less; docs/observed.md §19). */
  readonly netTick: Range
  /** From noticing to the new leader of a mirrored queue (docs/observed.md §4.1). */
  readonly promotion: Range
  /** From the order to stop cleanly to the end of the process. */
  readonly stop: Range
  /** From `start` to AMQP being served by a node that rejoins a cluster (docs/observed.md §2). */
  readonly restart: Range
  /** Between one mirror's start and the next (docs/observed.md §3.1). */
  readonly mirrorStart: Range
  /** Filling mirrors: a batch, a message and its bytes. The queue does nothing else meanwhile. */
  readonly sync: SyncPace
  /** From a store's append to its being durable: one group commit. */
  readonly commit: Range
  /** Acknowledgements reach the disk this much later, so that a kill may bring acked messages back (§0.6). */
  readonly ackFlushMs: number
  /** One direction of a link between nodes. */
  readonly linkDelayMs: number
  /** How long an operation waits for a queue without leader (§4.6). */
  readonly operationDeadlineMs: number
  /** Between a cluster member's attempts to find the nodes it saw running last (§4.9). */
  readonly tableWaitMs: number
  readonly tableWaitRetries: number
}

/** The range within which a net tick of `ms` (net_ticktime) notices silence. */
export const netTick = (ms: number): Range => ({ minMs: 0.75 * ms, maxMs: 1.25 * ms })

const none: Range = { minMs: 0, maxMs: 0 }

/** As observed on a real cluster of three on loopback. */
export const observed: Timings = {
  notice: { minMs: 5, maxMs: 30 },
  netTick: netTick(60_000),
  promotion: { minMs: 130, maxMs: 250 },
  stop: { minMs: 40, maxMs: 80 },
  restart: { minMs: 3500, maxMs: 4300 },
  mirrorStart: { minMs: 4, maxMs: 8 },
  sync: { batchMs: 0.06, messageMs: 0.01, bytesPerMs: 200_000 },
  commit: { minMs: 0.5, maxMs: 0.7 },
  ackFlushMs: 200,
  linkDelayMs: 0.05,
  operationDeadlineMs: 63_000,
  tableWaitMs: 30_000,
  tableWaitRetries: 10,
}

/** A live cluster: nothing takes time that need not; what a client could measure by design stays as observed. */
export const immediate: Timings = {
  ...observed,
  notice: none,
  promotion: none,
  stop: none,
  restart: none,
  mirrorStart: none,
  commit: none,
  linkDelayMs: 0,
}

/** A draw from `range` with the stream `chance`. */
export function pick(range: Range, chance: () => number): number {
  return range.minMs === range.maxMs ? range.minMs : range.minMs + (range.maxMs - range.minMs) * chance()
}
