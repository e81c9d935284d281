// Carries out a scenario's faults: by the clock, when something is so, or after another fault. Roles are looked up at the moment
// itself. Used by `run`; it must never decide what a fault does.

import type { Journal } from './journal.ts'
import type { Moment } from './result.ts'
import { describeAction } from './shape-faults.ts'
import type { PlainAction, Target } from './target.ts'
import type { Condition, FaultAction, NodeNumber, NodeRef, PlannedFault } from './types.ts'

/** A fault that was carried out, for those who reckon from it. */
export interface Struck {
  readonly fault: number
  /** By the target's clock. */
  readonly at: number
  readonly action: PlainAction
}

export class Faults {
  readonly struck: Struck[] = []
  readonly moments: Moment[] = []
  private readonly planned: readonly PlannedFault[]
  private readonly target: Target
  private readonly journal: Journal
  private readonly nodes: number
  /** How many are due at a known time, or being carried out. */
  due = 0
  /** Carried out, left out, or given up. */
  private readonly settled = new Set<number>()
  private readonly followers = new Map<number, (() => void)[]>()

  constructor(planned: readonly PlannedFault[], target: Target, journal: Journal, nodes: number) {
    this.planned = planned
    this.target = target
    this.journal = journal
    this.nodes = nodes
  }

  /** The work begins now. */
  arm(): void {
    for (const [index, { trigger }] of this.planned.entries()) {
      if (trigger.kind === 'after') this.follow(trigger.fault, () => this.later(trigger.delayMs, index))
      if (trigger.kind === 'when' && trigger.since !== undefined)
        this.follow(trigger.since, () => this.await(trigger.condition, trigger.delayMs, index, true))
    }
    for (const [index, { trigger }] of this.planned.entries()) {
      if (trigger.kind === 'at') this.later(trigger.atMs, index)
      if (trigger.kind === 'when' && trigger.since === undefined)
        this.await(trigger.condition, trigger.delayMs, index)
    }
  }

  private follow(fault: number, then: () => void): void {
    this.followers.set(fault, [...(this.followers.get(fault) ?? []), then])
  }

  /** `isDue`: the run does not end while it is waited for. */
  private await(condition: Condition, delayMs: number, index: number, isDue = false): void {
    if (isDue) this.due++
    const then = () => {
      if (isDue) this.due--
      this.later(delayMs, index)
    }
    if (condition.is === 'count') this.journal.when(condition.of, condition.atLeast, then)
    else this.target.watch(condition, then)
  }

  /** Every fault has been carried out, or will not be. */
  get done(): boolean {
    return this.settled.size === this.planned.length
  }

  /** Faults whose condition never came. */
  get missed(): PlannedFault[] {
    return this.planned.filter((_, index) => !this.settled.has(index))
  }

  private later(delayMs: number, index: number): void {
    this.due++
    if (delayMs === 0) this.strike(index)
    else this.target.clock.after(delayMs, () => this.strike(index))
  }

  private strike(index: number): void {
    const { action } = this.planned[index]!
    this.resolve(action, (plain) => {
      if (typeof plain === 'string') this.note(`left out: ${describeAction(action)} (${plain})`)
      else {
        this.note(describeAction(plain))
        this.struck.push({ fault: index, at: this.target.clock.now, action: plain })
        return this.target.inflict(plain, () => this.settle(index))
      }
      this.settle(index)
    })
  }

  private settle(index: number): void {
    this.settled.add(index)
    for (const follow of this.followers.get(index) ?? []) follow()
    this.due--
  }

  private note(text: string): void {
    this.moments.push({ atMs: this.target.clock.now - this.journal.beganAt, who: 'fault', where: '', text })
  }

  /** The action with nodes by number, or why it cannot be. */
  private resolve(action: FaultAction, then: (plain: PlainAction | string) => void): void {
    const refs = refsOf(action)
    const found = new Map<NodeRef, NodeNumber>()
    const next = (i: number): void => {
      const ref = refs[i]
      if (ref === undefined) return then(withNumbers(action, found))
      this.number(ref, (number) => {
        if (typeof number === 'string') return then(number)
        found.set(ref, number)
        next(i + 1)
      })
    }
    next(0)
  }

  private number(ref: NodeRef, then: (number: NodeNumber | string) => void): void {
    if (typeof ref === 'number') return then(ref <= this.nodes ? ref : `there is no node${ref}`)
    const queue = 'leaderOf' in ref ? ref.leaderOf : ref.mirrorOf
    this.target.look(queue, (state) => {
      const number = 'leaderOf' in ref ? state?.leader : state?.mirrors[0]
      then(number ?? `${queue} has no ${'leaderOf' in ref ? 'leader' : 'mirror'}`)
    })
  }
}

function refsOf(action: FaultAction): NodeRef[] {
  switch (action.do) {
    case 'cut':
    case 'silence':
      return action.groups.flat()
    case 'cut-link':
    case 'delay-link':
      return [...action.between]
    case 'deafen':
      return [action.node, ...action.to]
    case 'heal':
    case 'sync':
    case 'cancel-sync':
      return []
    default:
      return [action.node]
  }
}

function withNumbers(action: FaultAction, found: ReadonlyMap<NodeRef, NodeNumber>): PlainAction {
  const number = (ref: NodeRef) => found.get(ref)!
  switch (action.do) {
    case 'cut':
    case 'silence':
      return { do: action.do, groups: action.groups.map((group) => group.map(number)) }
    case 'cut-link':
      return { do: action.do, between: [number(action.between[0]), number(action.between[1])] }
    case 'deafen':
      return { do: action.do, node: number(action.node), to: action.to.map(number) }
    case 'delay-link':
    case 'heal':
    case 'sync':
    case 'cancel-sync':
      return action
    default:
      return { do: action.do, node: number(action.node) }
  }
}
