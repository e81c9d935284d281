// The comparisons that were asked for over HTTP: one runs at a time, in a thread, the others wait; what has ended is kept for a while.
// Made by `server` and asked by `comparison-routes`. It must never let a comparison slow the served cluster's own thread down.

import type { Comparison } from '../../compare/scenario/result.ts'
import { type ComparisonOrder, type FromWorker, startComparison } from './comparison-thread.ts'

export interface ComparisonState {
  readonly id: number
  /** The scenario's. */
  readonly name: string
  readonly question: string
  readonly seed: number
  readonly state: 'waiting' | 'running' | 'done' | 'failed'
  /** Why it failed; null when it did not. */
  readonly reason: string | null
  readonly variants: readonly VariantProgress[]
}

export interface VariantProgress {
  readonly name: string
  /** From 0 to 1. */
  readonly done: number
  readonly published: number
}

/** What is known of a scenario beside the order itself. */
export interface Named {
  readonly name: string
  readonly question: string
}

interface Entry {
  readonly order: ComparisonOrder
  state: ComparisonState
  comparison: Comparison | null
  stop: (() => Promise<unknown>) | null
}

/** Ended ones that are kept, and ones that may wait. */
const keptMost = 20
const waitingMost = 20

export class Comparisons {
  private readonly entries = new Map<number, Entry>()
  private lastId = 0

  /** Newest first. */
  list(): ComparisonState[] {
    return [...this.entries.values()].map(({ state }) => state).reverse()
  }

  state(id: number): ComparisonState | undefined {
    return this.entries.get(id)?.state
  }

  /** Null until it is done. */
  result(id: number): Comparison | null {
    return this.entries.get(id)?.comparison ?? null
  }

  /** Undefined when too many wait already. */
  add(order: ComparisonOrder, { name, question }: Named): ComparisonState | undefined {
    if (this.list().filter(({ state }) => state === 'waiting').length >= waitingMost) return undefined
    const id = ++this.lastId
    const entry: Entry = {
      order,
      state: {
        ...{ id, name, question, seed: order.seed, state: 'waiting', reason: null },
        variants: order.variants.map((variant) => ({ name: variant, done: 0, published: 0 })),
      },
      comparison: null,
      stop: null,
    }
    this.entries.set(id, entry)
    this.next()
    this.forgetOld()
    return entry.state
  }

  /** Stops it when it runs, and forgets it. False when there is none. */
  async remove(id: number): Promise<boolean> {
    const entry = this.entries.get(id)
    if (entry === undefined) return false
    this.entries.delete(id)
    await entry.stop?.()
    this.next()
    return true
  }

  /** Stops all; to be called once, when the port closes. */
  async close(): Promise<void> {
    const all = [...this.entries.values()]
    this.entries.clear()
    await Promise.all(all.map(({ stop }) => stop?.()))
  }

  private next(): void {
    const all = [...this.entries.values()]
    if (all.some(({ state }) => state.state === 'running')) return
    const entry = all.find(({ state }) => state.state === 'waiting')
    if (entry === undefined) return
    entry.state = { ...entry.state, state: 'running' }
    try {
      entry.stop = startComparison(entry.order, (word) => this.hear(entry, word))
    } catch (error) {
      this.hear(entry, { kind: 'failed', reason: (error as Error).message })
    }
  }

  private hear(entry: Entry, word: FromWorker): void {
    const { state } = entry
    if (word.kind === 'progress' || word.kind === 'ran') {
      const change = (one: VariantProgress): VariantProgress => {
        if (one.name !== word.variant) return one
        if (word.kind === 'ran') return { ...one, done: 1 }
        // The end comes when all has come to rest, some time after the work.
        return { ...one, done: Math.min(0.95, word.atMs / word.ofMs), published: word.published }
      }
      entry.state = { ...state, variants: state.variants.map(change) }
      return
    }
    entry.stop = null
    if (word.kind === 'done') {
      entry.comparison = word.comparison
      entry.state = { ...state, state: 'done' }
    } else entry.state = { ...state, state: 'failed', reason: word.reason }
    this.next()
  }

  private forgetOld(): void {
    const ended = [...this.entries.values()].filter(({ state }) => ['done', 'failed'].includes(state.state))
    for (const { state } of ended.slice(0, -keptMost)) this.entries.delete(state.id)
  }
}
