// One million messages through three modes in virtual time: how long that takes and how much memory, and that nothing is lost.
// `npm run bench:million`; each mode in a worker thread of its own, as whole clusters share nothing.

import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { parseScenario } from '../compare/scenario/parse.ts'
import { runScenario } from '../compare/scenario/run.ts'
import { openEmulated } from '../compare/targets/emulated-scenario.ts'

const messages = Number(process.env['MESSAGES'] ?? 1_000_000)

const text = `name: million
topology: { queues: [{ name: work, leader: node1 }] }
variants: [single, ordinary, mirrored-all]
workload:
  publishers: [{ node: node2, queue: work, pmessages: ${messages}, size: 100, flag: [persistent], confirm: 1000 }]
  consumers: [{ node: node3, queue: work, qos: 1000 }]
`

const scenario = parseScenario(text, 'million.yaml')

/** What a worker tells of its run. */
interface Told {
  readonly variant: string
  readonly delivered: number
  readonly lost: number
  readonly bodiesPerMessage: number
  readonly virtualSeconds: number
  readonly cpuSeconds: number
}

async function runVariant(name: string): Promise<Told> {
  const variant = scenario.variants.find((one) => one.name === name)!
  const began = process.cpuUsage()
  const { metrics } = await runScenario(scenario, variant, openEmulated, 1)
  const { user, system } = process.cpuUsage(began)
  return {
    variant: name,
    delivered: metrics['delivered'] ?? 0,
    lost: metrics['lost'] ?? 0,
    bodiesPerMessage: metrics['bodies-per-message'] ?? 0,
    virtualSeconds: metrics['duration'] ?? 0,
    cpuSeconds: (user + system) / 1e6,
  }
}

async function main(): Promise<void> {
  const began = performance.now()
  const told = await Promise.all(
    scenario.variants.map(
      ({ name }) =>
        new Promise<Told>((resolve, reject) => {
          new Worker(new URL(import.meta.url), { workerData: name })
            .on('message', resolve)
            .on('error', reject)
        }),
    ),
  )
  const seconds = (performance.now() - began) / 1000
  for (const one of told)
    console.log(
      `${one.variant}: ${one.delivered} delivered, ${one.lost} lost, ${one.bodiesPerMessage} bodies over links each, ` +
        `${one.virtualSeconds.toFixed(1)} s of virtual time`,
    )
  const { user, system } = process.cpuUsage()
  const peak = process.resourceUsage().maxRSS / 1024
  console.log(
    `${messages} messages through ${told.length} modes: ${seconds.toFixed(1)} s (${((user + system) / 1e6).toFixed(1)} s of processor), ` +
      `${Math.round(peak)} MB at most`,
  )
  if (told.some(({ delivered, lost }) => delivered !== messages || lost !== 0)) process.exitCode = 1
}

if (isMainThread) await main()
else parentPort?.postMessage(await runVariant(workerData as string))
