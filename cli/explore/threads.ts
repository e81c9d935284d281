// The threads of `warren explore`: started, listened to, and waited for. Used by `command`; one that fails ends the whole search with
// its error, and none outlives it.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Plan, Report, Shared } from '../../compare/explore/search.ts'
import type { WorkerPlan } from './worker.ts'

/** The command is bundled: its own folder is not always this file's. */
const places = [
  join(import.meta.dirname, 'worker.js'),
  join(import.meta.dirname, 'cli', 'explore', 'worker.js'),
  join(import.meta.dirname, '..', 'cli', 'explore', 'worker.js'),
]

/** Resolves when all threads have ended. */
export async function searchInThreads(
  threads: number,
  plan: Plan,
  file: string,
  shared: Shared,
  report: (report: Report) => void,
): Promise<void> {
  const place = places.find((path) => existsSync(path))
  if (place === undefined) throw new Error('the worker of warren explore is not built: npm run build')
  const workerData: WorkerPlan = { plan, cells: shared.cells, file }
  const workers = Array.from({ length: threads }, () => new Worker(place, { workerData }))
  try {
    await Promise.all(
      workers.map(
        (worker) =>
          new Promise<void>((resolve, reject) => {
            worker.on('message', report)
            worker.on('error', reject)
            worker.on('exit', () => resolve())
          }),
      ),
    )
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}
