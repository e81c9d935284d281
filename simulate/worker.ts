// One thread of a run: takes the next seed from a counter that all share, plays it, and reports every so often. It must never
// keep anything of a seed that is over.

import { createHash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { Cells } from './coverage.ts'
import { runSeed } from './seed.ts'

export interface WorkerPlan {
  /** The next seed, and 1 once the run is to end. */
  readonly shared: Int32Array
  /** The last seed. */
  readonly last: number
}

export interface Tally {
  seeds: number
  operations: number
  disturbances: number
  /** CPU time of this thread, in ms. */
  busyMs: number
  readonly causes: Record<string, number>
}

export type WorkerMessage =
  | { readonly kind: 'failed'; readonly seed: number; readonly violations: readonly string[] }
  | { readonly kind: 'tally'; readonly tally: Tally; readonly cells: Uint32Array; readonly digest: string }

const seedsPerReport = 20

const noTally = (): Tally => ({ seeds: 0, operations: 0, disturbances: 0, busyMs: 0, causes: {} })

/** An order in which seeds are played must not matter: the digests of all are added up. */
export function addDigests(a: string, b: string): string {
  const words = (text: string) => [0, 8].map((at) => Number.parseInt(text.slice(at, at + 8) || '0', 16))
  const [x, y] = [words(a), words(b)]
  return x.map((word, i) => ((word + y[i]!) >>> 0).toString(16).padStart(8, '0')).join('')
}

function main({ shared, last }: WorkerPlan): void {
  const post = (message: WorkerMessage) => parentPort!.postMessage(message)
  const next = () => (Atomics.load(shared, 1) === 0 ? Atomics.add(shared, 0, 1) : Number.POSITIVE_INFINITY)
  for (let seed = next(); seed <= last; ) {
    const tally = noTally()
    const cells = new Cells()
    let digest = '0'.repeat(16)
    const began = process.cpuUsage()
    for (; tally.seeds < seedsPerReport && seed <= last; seed = next()) {
      const outcome = runSeed(seed)
      tally.seeds++
      tally.operations += outcome.operations
      tally.disturbances += outcome.disturbances
      cells.merge(outcome.cells)
      for (const [cause, count] of outcome.causes) tally.causes[cause] = (tally.causes[cause] ?? 0) + count
      const named = createHash('sha256').update(`${seed} ${outcome.hash}`).digest('hex')
      digest = addDigests(digest, named.slice(0, 16))
      if (outcome.violations.length > 0) post({ kind: 'failed', seed, violations: outcome.violations })
    }
    tally.busyMs = process.cpuUsage(began).user / 1000
    post({ kind: 'tally', tally, cells: cells.counts, digest })
  }
}

if (parentPort !== null) main(workerData as WorkerPlan)
