// `npm run compare:library [-- --seed N] [--variant NAME] [WORD…]`: every scenario of examples/scenarios (those whose names contain
// one of the words) on the emulator and on a real RabbitMQ that it starts; both must come to the same verdict and hold what is asserted.
// Those that a real cluster on this machine cannot be given are named and left out. Ctrl-C leaves nothing running.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { agrees } from '../../compare/agreement.ts'
import { bothText } from '../../compare/agreement-text.ts'
import { openDifferences } from '../../compare/open.ts'
import { allHold, compareVariants } from '../../compare/scenario/comparison.ts'
import { parseScenario } from '../../compare/scenario/parse.ts'
import type { Comparison } from '../../compare/scenario/result.ts'
import { openEmulated } from '../../compare/targets/emulated-scenario.ts'
import { OwnClusters } from '../../compare/targets/real-own.ts'

const folder = 'examples/scenarios'
const words = process.argv.slice(2)
/** The value of an option, taken out of the words. */
function option(name: string): string | undefined {
  const at = words.indexOf(name)
  return at < 0 ? undefined : words.splice(at, 2)[1]
}
const seed = Number(option('--seed') ?? 1)
const variant = option('--variant')

const scenarios = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .map((name) =>
    parseScenario(readFileSync(join(folder, name), 'utf8'), name, (path) =>
      readFileSync(join(folder, path), 'utf8'),
    ),
  )
  .map((one) => ({
    ...one,
    variants: one.variants.filter(({ name }) => variant === undefined || name === variant),
  }))
  .filter(({ variants }) => variants.length > 0)
// Equal clusters after each other, so that they are kept.
const handling = (one: (typeof scenarios)[number]) => JSON.stringify(one.cluster.partitionHandling)
const possible = scenarios
  .filter(({ needs }) => needs.length === 0)
  .sort((a, b) => (handling(a) < handling(b) ? 1 : handling(a) > handling(b) ? -1 : 0))

const own = new OwnClusters()
const done: Comparison[] = []
let stopped = false
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, async () => {
    stopped = true
    await own.close()
    summary()
    process.exit(signal === 'SIGINT' ? 130 : 143)
  })

const began = performance.now()
const seconds = () => `${Math.round((performance.now() - began) / 1000)} s`

try {
  for (const scenario of possible) {
    if (stopped) break
    console.error(`[${seconds()}] ${scenario.name}`)
    const comparison = await compareVariants(scenario, {
      seed,
      targets: [
        ['emulated', openEmulated],
        ['rabbitmq', own.open],
      ],
      stopped: () => stopped,
    })
    done.push(comparison)
    console.log(bothText(comparison, openDifferences))
  }
} finally {
  await own.close()
}
summary()
process.exitCode = done.length > 0 && done.length === possible.length && done.every(good) ? 0 : 1

/** Both come to the same verdict and hold what is asserted. */
function good(comparison: Comparison): boolean {
  return agrees(comparison, openDifferences) && allHold(comparison)
}

function summary(): void {
  const agreed = done.filter(good)
  const left = scenarios.filter(({ needs }) => needs.length > 0)
  console.log(`\n${agreed.length} of ${possible.length} scenarios agree, in ${seconds()}.`)
  for (const { scenario } of done.filter((one) => !good(one))) console.log(`  not: ${scenario.name}`)
  for (const { name, needs } of left)
    console.log(`  not on this real cluster: ${name} (needs ${needs.join(', ')})`)
}
