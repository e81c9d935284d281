// The process's memory as seen from outside, for the cluster's memory alarm. Read whenever the cluster has grown enough,
// and while the alarm is on by a timer, which also collects garbage: what was drained would otherwise count for long.

import os from 'node:os'
import v8 from 'node:v8'
import vm from 'node:vm'
import type { Live } from './live.ts'
import { memoryLimitOf, type Watermark } from './memory.ts'

/** How often an alarm is looked at, in ms. */
const lookMs = 100
/** Resident memory that is no reason for an alarm while the heap has room, up to this share of the limit. */
const residentShare = 0.76
/** What code and stacks may grow by after the start, in bytes. */
const codeGrowth = 12_582_912
/** Share of the limit from which garbage is collected before it counts. */
const collectShare = 0.72
/** How long collecting rests, in multiples of the time it took: close to the limit, usually, after much was
 * drained, and without much hope. */
const closeRest = 1
const usualRest = 10
const drainedRest = 3
const longRest = 50

type Collect = (options?: { readonly type: 'minor' }) => void

/** The limit meant by bytes, a size with its unit, or a share of the machine's memory. Throws RangeError. */
export function memoryLimit(wanted: number | string): Watermark {
  const bytes = memoryLimitOf(String(wanted), machineMemory())
  if (bytes === null)
    throw new RangeError(`memoryLimit must be a size such as 512MB or a share such as 0.4, not ${wanted}`)
  return Number(wanted) <= 1 ? shareOfMemory(Number(wanted)) : { bytes, fraction: null }
}

/** `fraction` of the machine's memory. */
export function shareOfMemory(fraction: number): Watermark {
  return { bytes: Math.round(fraction * machineMemory()), fraction }
}

/** Another limit from now on; on every node an alarm may begin or end with it. */
export function limitMemory(live: Live, watermark: Watermark): void {
  const { loop, trace, memory } = live.cluster
  live.act(() => {
    trace.event(loop.now, 'memory-limit-set', '', '', watermark.bytes)
    memory.limitTo(watermark)
  })
}

/** In bytes. In a container less may be allowed than the machine has; without a bound that is 0 or beyond all memory. */
function machineMemory(): number {
  return Math.min(os.totalmem(), process.constrainedMemory() || Infinity)
}

export class LiveMemory {
  private readonly live: Live
  /** Resident memory outside the heap and its buffers. */
  private readonly code: number
  private readonly heapLimit = v8.getHeapStatistics().heap_size_limit
  private collect: Collect | null = null
  private collectedAt = -Infinity
  private collectMs = 0
  private resident = 0
  private timer: NodeJS.Timeout | null = null

  constructor(live: Live, watermark: Watermark) {
    this.live = live
    const { rss, heapTotal, external } = process.memoryUsage()
    this.code = rss - heapTotal - external + codeGrowth
    const { memory } = live.cluster
    memory.read = () => this.read()
    live.cluster.onAlarm = () => this.watch()
    memory.limitTo(watermark)
    this.watch()
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.live.cluster.onAlarm = null
  }

  /** What is used, after a collection if it is much. */
  private read(): number {
    const { limit } = this.live.cluster.memory
    const used = this.look()
    const close = this.resident >= limit * residentShare
    if (!close && used < limit * collectShare) return used
    return this.collected(close ? closeRest : usualRest) ? this.look() : used
  }

  /**
   * Freed memory is not always given back to the system, but it is used again: resident memory counts up to what heap
   * and buffers have, or in full where it comes near the limit. A heap near its own limit is as bad.
   */
  private look(): number {
    const { limit, alarm } = this.live.cluster.memory
    const { rss, heapTotal, heapUsed, external } = process.memoryUsage()
    this.resident = rss
    const needed = Math.min(rss, this.code + heapTotal + external)
    return Math.max(
      rss >= limit * residentShare && !alarm ? rss : needed,
      (heapUsed / this.heapLimit) * limit,
    )
  }

  /** Looks again and again until the alarm is over. */
  private watch(): void {
    const { memory } = this.live.cluster
    if (!memory.alarm || this.timer !== null) return
    this.timer = setTimeout(() => {
      this.timer = null
      this.live.act(() => {
        const drained = memory.held() <= memory.heldAtAlarm / 2
        this.collected(drained ? drainedRest : longRest)
        memory.report(this.look())
      })
      this.watch()
    }, lookMs)
  }

  /** Collects garbage unless that was done too lately: `rest` is how much longer than it took ago it must be. */
  private collected(rest: number): boolean {
    const began = performance.now()
    if (began < this.collectedAt + rest * this.collectMs) return false
    if (this.collect === null) {
      v8.setFlagsFromString('--expose-gc')
      this.collect = vm.runInNewContext('gc') as Collect
    }
    this.collect()
    // Buffers found dead are given back by the collection that follows.
    this.collect({ type: 'minor' })
    this.collectedAt = performance.now()
    this.collectMs = this.collectedAt - began
    return true
  }
}
