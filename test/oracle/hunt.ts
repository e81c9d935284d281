// Looks for differences: generated scenarios, group by group, on Warren and on the real cluster. What differs is asked again,
// since the real one varies; what still differs is made as small as it gets and kept for the catalogue. Called by `differential`.

import type { Outcome } from '../../compare/outcome.ts'
import type { Scenario } from '../../compare/steps.ts'
import { runOnWarren } from './catalogue.ts'
import { type Difference, told, undeclared } from './differ.ts'
import { keepFound } from './found.ts'
import { generate, groups } from './generator.ts'
import { hung } from './open.ts'
import { batches, type RealCluster } from './real.ts'
import { record } from './recorder.ts'
import { fewerFaults, smaller, smallerForms, together, truncated } from './shrink.ts'

export interface HuntOptions {
  readonly first: number
  readonly count: number
  /** Make what is found smaller and keep it. */
  readonly shrink: boolean
  readonly say: (line: string) => void
}

interface Finding {
  readonly scenario: Scenario
  readonly differences: readonly Difference[]
}

/** A difference counts when the real cluster does not show Warren's answer in so many runs. */
const runs = 3
/** How often the real cluster may fail in a row before that is the result. */
const attempts = 3
/** How many Warrens run at a time. */
const warrens = 6
/** How often all steps of a scenario are tried for being left out. */
const rounds = 6

export class Hunt {
  private readonly real: RealCluster
  private readonly options: HuntOptions

  constructor(real: RealCluster, options: HuntOptions) {
    this.real = real
    this.options = options
  }

  /** Runs all seeds; gives those that differ, in their smallest form when they were shrunk. */
  async run(): Promise<Finding[]> {
    const { first, count, shrink, say } = this.options
    const findings: Finding[] = []
    let done = 0
    for (const seeds of groups(first, count)) {
      const found = await this.settled(seeds.map(generate))
      done += seeds.length
      say(`${done} of ${count} seeds: ${found.length} of seeds ${seeds[0]}-${seeds.at(-1)} differ`)
      for (const finding of found) {
        say(`== ${finding.scenario.name}\n${finding.differences.map(told).join('\n')}`)
        findings.push(shrink ? await this.kept(finding) : finding)
      }
    }
    return findings
  }

  /** The scenarios that differ in every run. */
  private async settled(scenarios: readonly Scenario[]): Promise<Finding[]> {
    const { say } = this.options
    const theirs = new Map<Scenario, Outcome[]>()
    const earlier = new Map<Scenario, Outcome>()
    let suspects = [...scenarios]
    let found: Finding[] = []
    for (let run = 1; run <= runs && suspects.length > 0; run++) {
      const mine = await onWarren(suspects)
      found = []
      for (const batch of batches(suspects)) {
        say(`run ${run}: ${batch.length} like '${batch[0]!.name}'`)
        const outcomes = await this.ask(batch)
        for (const [i, scenario] of batch.entries()) {
          const known = [...(theirs.get(scenario) ?? []), outcomes[i]!]
          theirs.set(scenario, known)
          const differences = undeclared(known, mine.get(scenario)!, scenario.open)
          if (differences.length > 0) found.push({ scenario, differences })
          else this.sayWhatVaried(scenario, known, earlier.get(scenario))
          earlier.set(scenario, mine.get(scenario)!)
        }
        if (found.some(({ differences }) => differences.some(looksHung))) this.real.distrust()
      }
      suspects = found.map(({ scenario }) => scenario)
    }
    return found
  }

  /** Two runs agree in the end: was it the real one that varied, or what Warren showed `before`? */
  private sayWhatVaried(scenario: Scenario, theirs: readonly Outcome[], before: Outcome | undefined): void {
    if (before === undefined) return
    const left = undeclared(theirs, before, scenario.open)
    const who = left.length === 0 ? 'the real one varies' : `Warren varied\n${left.map(told).join('\n')}`
    this.options.say(`${scenario.name}: ${who}`)
  }

  /**
   * A run that met a bug of the real one, or a cluster that was not ready, says nothing of Warren: it is asked again. In the short
   * form, without shrinking, what hung is not: most of it hangs each time, for minutes.
   */
  private async ask(batch: readonly Scenario[]): Promise<Outcome[]> {
    const answers = new Map<Scenario, Outcome>()
    let left = [...batch]
    for (let attempt = 0; attempt < attempts && left.length > 0; attempt++) {
      const outcomes = await this.real.ask(left)
      for (const [i, outcome] of (outcomes ?? []).entries()) answers.set(left[i]!, outcome)
      left = left.filter(
        (one) => !answers.has(one) || (this.options.shrink && hung(answers.get(one)!, one.open)),
      )
      if (left.length === 0 || outcomes === null) continue
      this.options.say(`hung or not ready, once more: ${left.map(({ name }) => name).join(', ')}`)
      this.real.distrust()
    }
    if (answers.size < batch.length) throw new Error(`the real cluster failed ${attempts} times in a row`)
    return batch.map((scenario) => answers.get(scenario)!)
  }

  /** Of smaller forms, those that still differ in one run. */
  private async differing(forms: readonly Scenario[]): Promise<Set<Scenario>> {
    const mine = await onWarren(forms)
    const still = new Set<Scenario>()
    for (const batch of batches(forms)) {
      const outcomes = await this.ask(batch)
      let hung = false
      for (const [i, scenario] of batch.entries()) {
        const differences = undeclared([outcomes[i]!], mine.get(scenario)!, scenario.open)
        if (differences.length > 0) still.add(scenario)
        hung ||= differences.some(looksHung)
      }
      if (hung) this.real.distrust()
    }
    return still
  }

  /** The smallest form, recorded and written for the catalogue. */
  private async kept(finding: Finding): Promise<Finding> {
    const { say } = this.options
    const small = await this.smallest(finding)
    const [last] = await this.settled([small])
    if (last === undefined) {
      say(`${small.name}: its small form no longer differs; the whole is not kept`)
      return finding
    }
    const file = keepFound(small)
    await record(this.real, { scenarios: [small], runs, add: false, say })
    say(`${file}: ${small.steps.length} steps\n${last.differences.map(told).join('\n')}`)
    return last
  }

  private async smallest({ scenario, differences }: Finding): Promise<Scenario> {
    const { say } = this.options
    let best = scenario
    const try_ = async (forms: readonly Scenario[]) => {
      const still = await this.differing(forms)
      for (const form of still) best = smaller(best, form)
      return still
    }
    const places = differences.flatMap(({ step }) => (step === null ? [] : [step]))
    if (places.length > 0) await try_([truncated(best, Math.min(...places))])
    await try_(fewerFaults(best))
    for (let round = 0; round < rounds; round++) {
      const before = best
      const forms = smallerForms(before)
      const still = await try_(forms.map((form) => form.scenario))
      const droppable = forms.flatMap((form) =>
        form.place !== null && still.has(form.scenario) ? [form.place] : [],
      )
      await try_(together(before, droppable))
      say(`${scenario.name}: ${best.steps.length} steps`)
      if (best === before) break
    }
    return best
  }
}

const looksHung = ({ expected }: Difference) => /=> (no answer|not reached)/.test(expected.at(-1)!)

/** Each on a Warren of its own, a few at a time. */
async function onWarren(scenarios: readonly Scenario[]): Promise<Map<Scenario, Outcome>> {
  const outcomes = new Map<Scenario, Outcome>()
  const left = [...scenarios]
  const worker = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift())
      outcomes.set(next, await runOnWarren(next))
  }
  await Promise.all(Array.from({ length: warrens }, worker))
  return outcomes
}
