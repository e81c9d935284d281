// Starts the worker of a comparison and says what becomes of it, whatever ends it. Used by `comparisons`.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Comparison } from '../../compare/scenario/result.ts'

export interface ComparisonOrder {
  /** A scenario file that reads. */
  readonly text: string
  /** Names of variants of it. */
  readonly variants: readonly string[]
  readonly seed: number
}

export type FromWorker =
  | {
      readonly kind: 'progress'
      readonly variant: string
      readonly published: number
      readonly atMs: number
      readonly ofMs: number
    }
  | { readonly kind: 'ran'; readonly variant: string }
  | { readonly kind: 'done'; readonly comparison: Comparison }
  | { readonly kind: 'failed'; readonly reason: string }

/** In MB: more is a comparison that would take the served cluster's memory too. */
const memoryMost = 2048

/** Where the worker is: compiled beside this file, beside the bundled command, beside what it loads, and when this runs from source. */
const places = ['.', 'admin-ui/control', '../admin-ui/control', '../../dist/admin-ui/control'].map((folder) =>
  join(import.meta.dirname, folder, 'comparison-worker.js'),
)

/** `tell` hears of it until a `done` or `failed`, which comes exactly once unless it is stopped. The answer stops it. */
export function startComparison(
  order: ComparisonOrder,
  tell: (word: FromWorker) => void,
): () => Promise<unknown> {
  const file = places.find((place) => existsSync(place))
  if (file === undefined) throw new Error('the comparison worker is not built: run npm run build')
  const worker = new Worker(file, {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: memoryMost },
  })
  let ended = false
  const end = (reason: string) => {
    if (ended) return
    ended = true
    tell({ kind: 'failed', reason })
  }
  worker.on('message', (word: FromWorker) => {
    if (ended) return
    ended = word.kind === 'done' || word.kind === 'failed'
    tell(word)
  })
  worker.on('error', (error: NodeJS.ErrnoException) =>
    end(
      error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? `It needs more than ${memoryMost} MB of memory: take fewer messages.`
        : error.message,
    ),
  )
  worker.on('exit', () => end('It ended without a result.'))
  return () => {
    ended = true
    return worker.terminate()
  }
}
