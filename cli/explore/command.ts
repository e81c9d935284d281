// `warren explore`: reads a scenario, searches schedules of faults in threads with a line of progress, and prints the first that
// breaks each variant as a story, with a scenario file that tells it again. Called by cli.ts; the only file of the room that prints.

import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { Findings, planOf, simplify } from '../../compare/explore/explore.ts'
import { type MoveKind, moveKinds, usualKinds } from '../../compare/explore/moves.ts'
import { type Plan, Shared } from '../../compare/explore/search.ts'
import { type Found, reproduction, reproductionText, story } from '../../compare/explore/story.ts'
import { assertionOf, player } from '../../compare/explore/trial.ts'
import type { Assertion, Scenario } from '../../compare/scenario/types.ts'
import { exitCodes, Failure } from '../failure.ts'
import { readScenario } from '../scenario-file.ts'
import { searchInThreads } from './threads.ts'

export interface ExploreOptions {
  /** How many schedules. */
  readonly seeds: number
  /** The first. */
  readonly seed: number
  /** By default one a processor. */
  readonly threads?: number
  readonly mostFaults: number
  readonly kinds?: readonly string[]
  readonly assert?: readonly string[]
  readonly variant?: readonly string[]
  /** The folder for what is found. */
  readonly out: string
}

/** After Ctrl-C a finding is made simple with at most so many trials. */
const hurriedTrials = 60

export async function explore(file: string, options: ExploreOptions): Promise<void> {
  const { scenario: whole, path, readFile } = readScenario(file)
  const scenario = chosen(whole, options.variant)
  const plan = planOf(
    scenario,
    options.seeds,
    options.seed,
    { kinds: kindsOf(options.kinds), mostMoves: options.mostFaults },
    assertionsOf(options.assert),
  )
  const shared = new Shared(scenario.variants.length)
  const findings = new Findings()
  const interruption = new Interruption(() => shared.stop())
  const threads = options.threads ?? availableParallelism()
  process.stdout.write(`${heading(plan)}\n`)
  const progress = new Progress(plan, findings)
  try {
    await searchInThreads(threads, plan, path, shared, (report) => findings.take(report))
    progress.stop()
    process.stdout.write(`${summary(plan, findings, interruption.came).join('\n')}\n`)
    for (const [variant, first] of [...findings.first].sort(([a], [b]) => a - b)) {
      let left = interruption.came ? hurriedTrials : Number.POSITIVE_INFINITY
      const found = await simplify(plan, variant, first, player(readFile), async () => {
        await setImmediate()
        return left-- > 0 && !interruption.again
      })
      process.stdout.write(`\n${story(found).join('\n')}\n${write(found, options.out)}\n`)
    }
  } finally {
    progress.stop()
    interruption.over()
  }
  if (interruption.came) throw new Failure(exitCodes.interrupted, '')
  if (findings.first.size > 0 || findings.failed.length > 0) throw new Failure(exitCodes.failed, '')
}

const usage = (text: string) => new Failure(exitCodes.usage, `error: ${text}`)

/** The scenario with the named variants only. */
function chosen(scenario: Scenario, names: readonly string[] = []): Scenario {
  const known = scenario.variants.map(({ name }) => name)
  for (const name of names)
    if (!known.includes(name)) throw usage(`there is no variant ${name}; they are ${known.join(', ')}`)
  if (names.length === 0) return scenario
  return { ...scenario, variants: scenario.variants.filter(({ name }) => names.includes(name)) }
}

function kindsOf(words: readonly string[] = usualKinds): MoveKind[] {
  return words.map((word) => {
    const kind = moveKinds.find((one) => one === word)
    if (kind === undefined) throw usage(`${word} is no kind of fault; they are ${moveKinds.join(', ')}`)
    return kind
  })
}

function assertionsOf(texts: readonly string[] = []): Assertion[] {
  try {
    return texts.map(assertionOf)
  } catch (error) {
    if (error instanceof RangeError) throw usage(error.message)
    throw error
  }
}

/** The scenario file beside the story. */
function write(found: Found, folder: string): string {
  const path = join(folder, `${reproduction(found).name}.yaml`)
  try {
    writeFileSync(path, reproductionText(found))
  } catch (error) {
    throw new Failure(exitCodes.failed, `warren: ${path} cannot be written: ${(error as Error).message}`)
  }
  const { seed } = found.trial
  return `\n  Run it again: warren compare ${path}${seed === 1 ? '' : ` --seed ${seed}`}`
}

const heading = ({ schedules, firstSeed, drawing, scenario }: Plan): string =>
  `${schedules} schedules of ${drawing.kinds.join(', ')} from seed ${firstSeed} on ${scenario.variants.map(({ name }) => name).join(', ')}`

function summary(
  { scenario, assertions, schedules }: Plan,
  findings: Findings,
  interrupted: boolean,
): string[] {
  const width = Math.max(...scenario.variants.map(({ name }) => name.length))
  const played = `${findings.schedules} of ${schedules} schedules, ${findings.runs} runs`
  const lines = scenario.variants.map(({ name }, variant) => {
    const first = findings.first.get(variant)
    const texts = assertions[variant]!.map(({ text }) => text).join(', ')
    const verdict =
      first === undefined
        ? `held in every schedule played: ${texts}`
        : `broken by seed ${first.seed}: ${first.broken.join(', ')}`
    return `  ${name.padEnd(width)}  ${verdict}`
  })
  const failed = findings.failed
    .slice(0, 3)
    .map(
      ({ variant, seed, reason }) =>
        `  seed ${seed} could not be played on ${scenario.variants[variant]!.name}: ${reason}`,
    )
  return [`${interrupted ? 'Interrupted after ' : ''}${played}`, ...lines, ...failed]
}

/** The first Ctrl-C asks for an end, the second for one at once, the third ends the process. */
class Interruption {
  private count = 0
  private readonly listener: () => void

  constructor(first: () => void) {
    this.listener = () => {
      this.count++
      if (this.count === 1) first()
      if (this.count > 2) process.exit(130)
    }
    process.on('SIGINT', this.listener)
    process.on('SIGTERM', this.listener)
  }

  get came(): boolean {
    return this.count > 0
  }

  get again(): boolean {
    return this.count > 1
  }

  over(): void {
    process.off('SIGINT', this.listener)
    process.off('SIGTERM', this.listener)
  }
}

/** A line on a terminal that is written over, or one every ten seconds in a file; on standard error. */
class Progress {
  private readonly timer: NodeJS.Timeout
  private readonly began = performance.now()
  private readonly plan: Plan
  private readonly findings: Findings

  constructor(plan: Plan, findings: Findings) {
    this.plan = plan
    this.findings = findings
    this.timer = setInterval(() => this.show(), process.stderr.isTTY ? 500 : 10_000)
  }

  stop(): void {
    clearInterval(this.timer)
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  }

  private show(): void {
    const { schedules, first } = this.findings
    const seconds = (performance.now() - this.began) / 1000
    const rate = schedules / seconds
    const left = rate === 0 ? '' : `, about ${Math.ceil((this.plan.schedules - schedules) / rate)} s to go`
    const broken = [...first.keys()].map((variant) => this.plan.scenario.variants[variant]!.name)
    const found = broken.length === 0 ? 'nothing found' : `broken: ${broken.join(', ')}`
    const line = `${schedules} of ${this.plan.schedules} schedules, ${rate.toFixed(0)}/s, ${found}${left}`
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`)
  }
}
