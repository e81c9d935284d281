// How much this process itself had to do between two looks: whether the tool, and not the broker, is what a run measures.
// Used by run.ts.

import { type EventLoopUtilization, performance } from 'node:perf_hooks'
import type { Busy } from './report.ts'

export class Busyness {
  #loop: EventLoopUtilization = performance.eventLoopUtilization()
  #cpu = process.cpuUsage()
  #at = performance.now()

  /** Since the last look, or since this was made. */
  look(): Busy {
    const loop = performance.eventLoopUtilization()
    const at = performance.now()
    const { user, system } = process.cpuUsage(this.#cpu)
    const busy = {
      loop: performance.eventLoopUtilization(loop, this.#loop).utilization,
      processor: Math.min(1, (user + system) / 1000 / (at - this.#at)),
    }
    this.#loop = loop
    this.#cpu = process.cpuUsage()
    this.#at = at
    return busy
  }
}
