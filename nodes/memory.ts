// The memory watermark of the whole cluster, which is one process: how much is used, and whether that is an alarm, under
// which connections that publish are not read. Used by every node; whoever can look at the process from outside gives
// `read` a better answer than the bytes the cluster knows it holds. It must never look itself.

/** Share of the limit at which the alarm begins, so that what is under way then still fits below the limit. */
const beginsAt = 0.72
/** Share of the limit below which it ends. */
const endsAt = 0.6
/** Part of the limit by which the cluster may have grown before it is looked at again. */
const lookEvery = 1 / 64

/** What a message costs in one queue or mirror besides its body, in bytes; measured, properties and names included. */
export const entryBytes = 320

/** A limit of memory in bytes, and the share of the machine's that it was given as; null: it was given in bytes. */
export interface Watermark {
  readonly bytes: number
  readonly fraction: number | null
}

export class Memory {
  /** In bytes; Infinity: no alarm ever. Changed by `limitTo` alone. */
  limit: number
  /** As in the watermark that the limit is of. */
  fraction: number | null = null
  /** As last read, in bytes. */
  used = 0
  /** Connections that publish are to be read no more. */
  alarm = false
  /** What was held when the alarm began, in bytes. */
  heldAtAlarm = 0
  /** The memory in use, in bytes: what the cluster holds, until somebody knows better. */
  read: () => number
  /** What queues, mirrors and connections hold, in bytes. */
  readonly held: () => number
  private readonly changed: (alarm: boolean) => void
  private grown = 0

  /** `changed` is told when the alarm begins and ends. */
  constructor(limit: number, held: () => number, changed: (alarm: boolean) => void) {
    this.limit = limit
    this.held = held
    this.read = held
    this.changed = changed
  }

  /** Another limit from now on, under which an alarm may begin or end. */
  limitTo({ bytes, fraction }: Watermark): void {
    this.limit = bytes
    this.fraction = fraction
    this.report(this.read())
  }

  /** Something of `bytes` came in, went out or was made. What it adds up to decides when to look, not how much is used. */
  grew(bytes: number): void {
    this.grown += bytes
    if (this.grown < this.limit * lookEvery) return
    const used = this.read()
    this.grown = 0
    // An alarm never ends in the midst of a turn's work.
    if (!this.alarm) this.report(used)
  }

  /** The memory in use is `bytes`. */
  report(bytes: number): void {
    this.used = bytes
    this.grown = 0
    if (this.alarm ? bytes >= this.limit * endsAt : bytes < this.limit * beginsAt) return
    this.alarm = !this.alarm
    if (this.alarm) this.heldAtAlarm = this.held()
    this.changed(this.alarm)
  }
}

/** RabbitMQ's units of vm_memory_high_watermark.absolute. */
const units: Readonly<Record<string, number>> = {
  '': 1,
  k: 1024,
  kib: 1024,
  kb: 1000,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  mb: 1000 ** 2,
  g: 1024 ** 3,
  gib: 1024 ** 3,
  gb: 1000 ** 3,
}

/** Bytes meant by `512MB`, `1GiB`, a number of bytes, or a share up to 1 of `total`; null when it is none of these. */
export function memoryLimitOf(text: string, total: number): number | null {
  const found = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim())
  const unit = units[found?.[2]?.toLowerCase() ?? '?']
  if (found === null || unit === undefined) return null
  const value = Number(found[1])
  return Math.round(found[2] === '' && value <= 1 ? value * total : value * unit)
}
