// The thread for all that is not in virtual time: conversations over real sockets against a live cluster with its listeners,
// HTTP requests to its admin port, and texts for the parser of policy files. It rests between its rounds, so that the
// worlds in virtual time keep most of the machine.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import { Chance } from './chance.ts'
import { fuzzFiles } from './files.ts'
import { fuzzHttp } from './http.ts'
import { LiveTarget } from './sockets.ts'
import type { WorkerPlan } from './worker.ts'

export interface OutsideReport {
  readonly sockets: number
  readonly requests: number
  readonly files: number
  readonly firstHeap: number
  readonly lastHeap: number
}

export type OutsideMessage =
  | { readonly kind: 'round'; readonly round: number }
  | { readonly kind: 'report'; readonly report: OutsideReport }
  | { readonly kind: 'finding'; readonly what: string; readonly how: string; readonly json: string }

/** Conversations, requests and texts of one round. */
const perRound = { sockets: 60, requests: 40, files: 40 }

/** After a round it rests this many times as long as the round took. */
const rest = 2

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** One round after another until told to stop; `tell` hears of each and of what is found. */
export async function goOutside(
  { seed, shared }: WorkerPlan,
  tell: (message: OutsideMessage) => void,
): Promise<void> {
  let target = await LiveTarget.open(seed)
  let [sockets, requests, files, firstHeap] = [0, 0, 0, 0]
  for (let round = 0; Atomics.load(shared, 1) === 0; round++) {
    const began = performance.now()
    tell({ kind: 'round', round })
    const chance = new Chance(seed, `outside ${round}`)
    try {
      sockets += await target.converse(chance, perRound.sockets)
      await target.check()
      requests += await fuzzHttp(target, chance, perRound.requests)
      files += fuzzFiles(chance, perRound.files)
      if (target.disturbed) {
        target.checkBugs()
        await target.close()
        target = await LiveTarget.open(seed + round)
      } else await target.check()
    } catch (error) {
      const { message, stack } = error as Error
      const json = `${JSON.stringify({ what: message, stack, seed, round, recent: target.recent }, null, 1)}\n`
      tell({ kind: 'finding', what: message, how: `round ${round} of seed ${seed} over sockets`, json })
      await target.close()
      target = await LiveTarget.open(seed + round)
    }
    if (round % 10 === 4) {
      collect()
      const lastHeap = process.memoryUsage().heapUsed
      // The first rounds fill caches.
      if (round <= 24) firstHeap = lastHeap
      tell({ kind: 'report', report: { sockets, requests, files, firstHeap, lastHeap } })
    }
    const pause = Math.min(2000, (performance.now() - began) * rest)
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
  collect()
  const lastHeap = process.memoryUsage().heapUsed
  tell({ kind: 'report', report: { sockets, requests, files, firstHeap, lastHeap } })
  await Promise.race([target.close(), new Promise((resolve) => setTimeout(resolve, 2000))])
}

if (parentPort !== null) {
  const port = parentPort
  await goOutside(workerData as WorkerPlan, (message) => port.postMessage(message))
}
