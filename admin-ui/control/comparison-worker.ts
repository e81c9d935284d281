// One comparison, in a thread of its own, so that the cluster that is served does not stand still meanwhile. Started by
// `comparison-thread` with an order; it tells how far it is, and at the end all of it. It touches nothing but its own memory.

import { parentPort, workerData } from 'node:worker_threads'
import { parseScenario } from '../../compare/scenario/parse.ts'
import type { Comparison } from '../../compare/scenario/result.ts'
import { runScenario } from '../../compare/scenario/run.ts'
import { weigh } from '../../compare/scenario/weigh.ts'
import { openEmulated } from '../../compare/targets/emulated-scenario.ts'
import type { ComparisonOrder, FromWorker } from './comparison-thread.ts'

/** Between two words on how far it is, in ms. */
const pauseMs = 100

const port = parentPort
if (port === null) throw new Error('comparison-worker runs in a worker thread only')
const tell = (word: FromWorker) => port.postMessage(word)

async function compare({ text, variants, seed }: ComparisonOrder): Promise<Comparison> {
  const scenario = parseScenario(text, 'scenario', nobodyReads)
  const runs: Comparison['runs'][number][] = []
  const failures: Comparison['failures'][number][] = []
  for (const variant of scenario.variants.filter(({ name }) => variants.includes(name))) {
    let told = 0
    try {
      runs.push(
        await runScenario(scenario, variant, openEmulated, seed, {
          readFile: nobodyReads,
          progress: ({ published, atMs, ofMs }) => {
            const now = performance.now()
            if (now - told < pauseMs) return
            told = now
            tell({ kind: 'progress', variant: variant.name, published, atMs, ofMs })
          },
        }),
      )
      tell({ kind: 'ran', variant: variant.name })
    } catch (error) {
      failures.push({ variant: variant.name, target: 'emulated', reason: (error as Error).message })
      tell({ kind: 'ran', variant: variant.name })
    }
  }
  return { scenario, seed, runs, weighed: weigh(scenario.assertions, runs), failures }
}

/** A scenario that somebody sends must not make this process read its disk. */
function nobodyReads(path: string): string {
  throw new Error(`${path}: a scenario on the page holds its policies itself and names no files`)
}

compare(workerData as ComparisonOrder).then(
  (comparison) => tell({ kind: 'done', comparison }),
  (error: Error) => tell({ kind: 'failed', reason: error.message }),
)
