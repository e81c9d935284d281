// Makes a finding small: first the inputs that are needed at all, then their steps, then the bytes of each. A candidate
// counts when the same thing goes wrong with it. Bounded by attempts and by time, for a hang costs its limit each time.

import { least, settle } from '../compare/least.ts'
import { replay } from './campaign.ts'
import type { Finding, Input, Step } from './input.ts'

/** Sentences that differ only in numbers, names in quotes and bytes are about the same thing. */
const sameness = (what: string) =>
  what
    .replace(/\d+/g, 'N')
    .replace(/'[^']*'/g, 'X')
    .replace(/<<.*>>/g, 'B')

class Shrinker {
  private readonly finding: Finding
  private readonly wanted: string
  private readonly until: number
  private readonly limitMs: number

  constructor(finding: Finding, budgetMs: number) {
    this.finding = finding
    this.wanted = sameness(finding.what)
    this.until = performance.now() + budgetMs
    this.limitMs = finding.what.startsWith('no end within') ? 5000 : 20_000
  }

  fails(inputs: readonly Input[]): boolean {
    if (performance.now() > this.until) return false
    const what = replay({ setup: this.finding.setup, inputs }, this.limitMs)
    return what !== null && sameness(what) === this.wanted
  }

  run(): readonly Input[] {
    const last = this.finding.inputs.slice(-1)
    let inputs = this.fails(last) ? last : settle(least(this.finding.inputs), (list) => this.fails(list))
    for (let i = 0; i < inputs.length; i++) {
      const put = (steps: readonly Step[]) =>
        inputs.map((input, j) => (i === j ? { ...input, steps } : input))
      const steps = settle(least(inputs[i]!.steps), (list) => this.fails(put(list)))
      inputs = put(steps)
      for (let s = 0; s < steps.length; s++) {
        const step = inputs[i]!.steps[s]!
        if (step.do !== 'send') continue
        const withBytes = (bytes: readonly number[]) =>
          put(inputs[i]!.steps.map((other, o) => (o === s ? { ...step, bytes: Buffer.from(bytes) } : other)))
        const bytes = settle(least([...step.bytes]), (list) => this.fails(withBytes(list)))
        if (bytes.length < step.bytes.length) inputs = withBytes(bytes)
      }
    }
    return inputs
  }
}

/** A smaller finding of the same kind; the given one when it does not happen again. */
export function shrink(finding: Finding, budgetMs = 30_000): Finding {
  const shrinker = new Shrinker(finding, budgetMs)
  if (!shrinker.fails(finding.inputs)) return finding
  return { ...finding, inputs: shrinker.run() }
}
