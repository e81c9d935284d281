// Which combinations of fault, policy, partition handling and queue kind a run has met: a counter for each cell. A cell counts
// when the fault was done while a queue of that kind was there under that policy. Merged over seeds, printed at the end.

import { faultRows } from './faults.ts'
import { handlings, policies, queueKinds } from './kinds.ts'
import type { World } from './world.ts'

const dimensions = () => [faultRows.length, policies.length, handlings.length, queueKinds.length] as const

export class Cells {
  readonly counts: Uint32Array

  constructor(counts?: Uint32Array) {
    const [faults, rules, ways, kinds] = dimensions()
    this.counts = counts ?? new Uint32Array(faults * rules * ways * kinds)
  }

  /** `fault` has just been done to `world`. */
  met(fault: string, world: World): void {
    const row = faultRows.findIndex(({ name }) => name === fault)
    const way = handlings.indexOf(world.plan.handling)
    const there = new Set(
      world.cluster.islands.flatMap(({ definitions }) =>
        [...definitions.queues.values()].map(({ name }) => name),
      ),
    )
    for (const { name, kind, half } of world.plan.queues) {
      if (!there.has(name)) continue
      const policy = half === 'a' ? world.policy : 'none'
      const rule = policies.findIndex((one) => one.name === policy)
      this.counts[this.cell(row, rule, way, queueKinds.indexOf(kind))]!++
    }
  }

  merge(counts: Uint32Array): void {
    for (let i = 0; i < counts.length; i++) this.counts[i]! += counts[i]!
  }

  get empty(): number {
    return this.counts.filter((count) => count === 0).length
  }

  /** Some of the cells that nothing has met, in words. */
  missing(most: number): string[] {
    const found: string[] = []
    for (const [f, fault] of faultRows.entries())
      for (const [r, rule] of policies.entries())
        for (const [w, way] of handlings.entries())
          for (const [k, kind] of queueKinds.entries())
            if (this.counts[this.cell(f, r, w, k)] === 0 && found.length < most)
              found.push(`${fault.name} × ${rule.name} × ${way.name} × ${kind.name}`)
    return found
  }

  /** The table: a row for each fault and policy, a column for each kind, summed over the ways of handling partitions. */
  lines(): string[] {
    const width = Math.max(...queueKinds.map(({ name }) => name.length)) + 1
    const head = queueKinds.map(({ name }) => name.padStart(width)).join('')
    const lines = [`${'fault × policy'.padEnd(40)}${head}`]
    for (const [f, fault] of faultRows.entries())
      for (const [r, rule] of policies.entries()) {
        const cells = queueKinds.map((_kind, k) => {
          const ways = handlings.map((_way, w) => this.counts[this.cell(f, r, w, k)]!)
          return `${Math.min(...ways)}`.padStart(width)
        })
        lines.push(`${`${fault.name} × ${rule.name}`.padEnd(40)}${cells.join('')}`)
      }
    lines.push(`(each number is the least of ${handlings.map(({ name }) => name).join(', ')})`)
    return lines
  }

  private cell(fault: number, rule: number, way: number, kind: number): number {
    const [, rules, ways, kinds] = dimensions()
    return ((fault * rules + rule) * ways + way) * kinds + kind
  }
}
