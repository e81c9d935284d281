// The command line of the differential harness: `npm run test:oracle -- --seeds N …` and its likes come here by way of run.sh,
// which also stops the real nodes, however this ends. Ends with status 1 when a difference was found.

import { anew } from './anew.ts'
import { catalogue } from './catalogue/index.ts'
import { groupSize } from './generator.ts'
import { Hunt } from './hunt.ts'
import { batches, RealCluster } from './real.ts'

const help = `npm run test:oracle [-- OPTIONS | -- FILTER...]

Without options: the specification in test/broker on Warren and on a real RabbitMQ, then a few minutes of both of the below.
With filters: only those test files, on both.

  --seeds N        N generated scenarios on a real cluster of three and on Warren; what differs is asked again, made as small
                   as it gets and written to test/oracle/catalogue/found with its recording
  --seed S         the first seed (default: of a group among the first 150, another one every other day)
  --no-shrink      only say what differs, and do not ask again for what hung on the real one
  --catalogue      ask the real cluster again for everything that is recorded
  --sample K/N     ask it for the K-th of N parts; \`today\`: for another part every day
  --minutes M      begin no further batch of recorded scenarios after so many minutes
  --help           this

ORACLE_DIR and ORACLE_SHIFT say where the real nodes live (test/oracle/cluster.sh). Ctrl-C stops them.`

/** So many batches are a day's part of the catalogue. */
const dailyBatches = 2
/** From how many groups of seeds, the first ones, a day takes its own. */
const dailyGroups = 6

interface Asked {
  seeds: number
  seed: number | null
  shrink: boolean
  catalogue: boolean
  sample: { part: number; of: number } | null
  /** Whether a sample was asked for, be it today's. */
  sampled: boolean
  minutes: number
}

function parsed(words: readonly string[]): Asked {
  const asked: Asked = {
    seeds: 0,
    seed: null,
    shrink: true,
    catalogue: false,
    sample: null,
    sampled: false,
    minutes: Number.POSITIVE_INFINITY,
  }
  const rest = [...words]
  const number = (option: string, least: number): number => {
    const value = Number(rest.shift())
    if (!Number.isInteger(value) || value < least) fail(`${option} wants a whole number from ${least}`)
    return value
  }
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--seeds') asked.seeds = number(word, 1)
    else if (word === '--seed') asked.seed = number(word, 0)
    else if (word === '--no-shrink') asked.shrink = false
    else if (word === '--catalogue') asked.catalogue = true
    else if (word === '--minutes') asked.minutes = number(word, 0)
    else if (word === '--sample') {
      asked.sampled = true
      asked.sample = sampleOf(rest.shift())
    } else if (word === '--help') fail(help, 0)
    else fail(`unknown option '${word}'\n${help}`)
  }
  return asked
}

function sampleOf(text = ''): { part: number; of: number } | null {
  if (text === 'today') return null
  const [, k, n] = /^(\d+)\/(\d+)$/.exec(text) ?? []
  if (k === undefined || Number(k) < 1 || Number(k) > Number(n))
    fail(`--sample wants K/N or 'today', not '${text}'`)
  return { part: Number(k) - 1, of: Number(n) }
}

function fail(text: string, status = 2): never {
  console.log(text)
  process.exit(status)
}

const say = (line: string) => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`)
const asked = parsed(process.argv.slice(2))
if (!asked.catalogue && !asked.sampled && asked.seeds === 0) fail(help)
const today = Math.floor(Date.now() / 86_400_000)
const real = new RealCluster(say)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

let wrong = 0
if (asked.catalogue || asked.sampled) {
  // An odd number: whoever asks every second day meets all of them as well.
  const parts = Math.ceil(batches(catalogue).length / dailyBatches) | 1
  const sample = asked.catalogue ? { part: 0, of: 1 } : (asked.sample ?? { part: today % parts, of: parts })
  const forMs = asked.minutes * 60_000
  const failures = await anew(real, { scenarios: catalogue, sample, forMs, now: Date.now, say })
  for (const failure of failures) console.log(`NOT AS RECORDED ${failure}`)
  wrong += failures.length
}
if (asked.seeds > 0) {
  const { seeds: count, shrink } = asked
  // Every other day the next group, and the next part of it when its turn comes again.
  const turn = Math.floor(today / 2)
  const part = (Math.floor(turn / dailyGroups) * count) % groupSize
  const first = asked.seed ?? (turn % dailyGroups) * groupSize + part
  const found = await new Hunt(real, { first, count, shrink, say }).run()
  say(`${count} seeds from ${first}: ${found.length} undeclared differences`)
  wrong += found.length
}
process.exit(wrong === 0 ? 0 : 1)
