// One thread of `warren explore`: plays schedules until there are no more, it is told to stop, or every variant is broken. Started
// by `threads`; it must never print.

import { parentPort, workerData } from 'node:worker_threads'
import { type Plan, type Report, Shared, search } from '../../compare/explore/search.ts'
import { player } from '../../compare/explore/trial.ts'
import { besideReader } from '../scenario-file.ts'

export interface WorkerPlan {
  readonly plan: Plan
  readonly cells: Int32Array
  /** The scenario file, for what it names by paths beside itself. */
  readonly file: string
}

/** Reports go together, so that messages cost little. */
const atOnce = 10

async function main({ plan, cells, file }: WorkerPlan): Promise<void> {
  let [schedules, runs] = [0, 0]
  const post = (report: Report) => parentPort!.postMessage(report)
  const flush = () => {
    if (schedules > 0) post({ kind: 'played', schedules, runs })
    schedules = runs = 0
  }
  await search(plan, new Shared(cells), player(besideReader(file)), (report) => {
    if (report.kind !== 'played') return post(report)
    schedules += report.schedules
    runs += report.runs
    if (schedules >= atOnce) flush()
  })
  flush()
}

if (parentPort !== null) await main(workerData as WorkerPlan)
