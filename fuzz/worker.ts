// One thread of a run: takes the next world's number from a counter that all share, runs it, shrinks what it finds, and
// reports every so often. It must never keep anything of a world that is over: its heap is measured.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import { planWorld, runWorldFast } from './campaign.ts'
import { Coverage, type CoverageData } from './coverage.ts'
import { type Finding, findingToJson } from './input.ts'
import { shrink } from './shrink.ts'

export interface WorkerPlan {
  readonly seed: number
  /** The next world's number, and 1 once the run is to end. */
  readonly shared: Int32Array
}

export interface WorkerReport {
  readonly entered: number
  readonly worlds: number
  readonly slowestMs: number
  /** Bytes of the heap after a collection. */
  readonly heap: number
  readonly coverage: CoverageData
}

export type WorkerMessage =
  | { readonly kind: 'report'; readonly report: WorkerReport }
  | { readonly kind: 'finding'; readonly world: number; readonly what: string; readonly json: string }
  | { readonly kind: 'done' }

/** Worlds between two reports. */
const worldsPerReport = 50

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function main({ seed, shared }: WorkerPlan): void {
  const post = (message: WorkerMessage) => parentPort!.postMessage(message)
  while (Atomics.load(shared, 1) === 0) {
    const coverage = new Coverage()
    let [entered, worlds, slowestMs] = [0, 0, 0]
    while (worlds < worldsPerReport && Atomics.load(shared, 1) === 0) {
      const number = Atomics.add(shared, 0, 1)
      const outcome = runWorldFast(planWorld(seed, number), coverage)
      worlds++
      entered += outcome.entered
      slowestMs = Math.max(slowestMs, outcome.slowestMs)
      if (outcome.finding !== null) report(number, outcome.finding, post)
    }
    collect()
    const heap = process.memoryUsage().heapUsed
    post({ kind: 'report', report: { entered, worlds, slowestMs, heap, coverage: coverage.data() } })
  }
  post({ kind: 'done' })
}

function report(world: number, finding: Finding, post: (message: WorkerMessage) => void): void {
  const small = shrink(finding)
  post({ kind: 'finding', world, what: finding.what, json: findingToJson(small) })
}

if (parentPort !== null) main(workerData as WorkerPlan)
