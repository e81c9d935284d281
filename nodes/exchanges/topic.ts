// The topic exchange: patterns of words parted by dots, where `*` is one word and `#` is zero or more. Patterns form a
// trie that is walked with the key's words, so a message costs what it nearly matches and not what is bound; results
// are remembered up to a bound. The empty key has no words (only `#` and the empty pattern match it), and the key `.`
// has two empty ones (docs/observed.md §10).
import { append, Destinations } from './destinations.ts'
import type { Binding, Router } from './router.ts'

/** Most destinations remembered over all cached keys; each key counts as one more. */
const cacheBudget = 65_536

/** One word of the patterns that share the words before it. */
interface Branch<D> {
  readonly words: Map<string, Branch<D>>
  star: Branch<D> | null
  hash: Branch<D> | null
  /** `#` stays where it is on every further word. */
  readonly repeats: boolean
  /** Destinations of the pattern that ends here. */
  readonly ends: Destinations<D>
  /** The last step that reached this branch: a pattern with several `#` leads to it by many ways. */
  reachedAt: number
}

function branch<D>(repeats: boolean): Branch<D> {
  return { words: new Map(), star: null, hash: null, repeats, ends: new Destinations(), reachedAt: 0 }
}

function wordsOf(key: string): readonly string[] {
  return key === '' ? [] : key.split('.')
}

export class TopicRouter<D> implements Router<D> {
  readonly needsHeaders = false
  readonly #root: Branch<D> = branch(false)
  readonly #results = new Map<string, readonly D[]>()
  #budget = cacheBudget
  #step = 0
  #size = 0
  #version = 0

  get size(): number {
    return this.#size
  }

  get version(): number {
    return this.#version
  }

  bind({ routingKey, destination }: Binding<D>): void {
    let at = this.#root
    for (const word of wordsOf(routingKey)) at = childOf(at, word) ?? grow(at, word)
    at.ends.add(destination)
    this.#size++
    this.#changed()
  }

  unbind({ routingKey, destination }: Binding<D>): void {
    const words = wordsOf(routingKey)
    const path = [this.#root]
    for (const word of words) {
      const next = childOf(path[path.length - 1]!, word)
      if (!next) return
      path.push(next)
    }
    if (!path[path.length - 1]!.ends.remove(destination)) return
    for (let i = words.length; i > 0 && bare(path[i]!); i--) prune(path[i - 1]!, words[i - 1]!)
    this.#size--
    this.#changed()
  }

  route(routingKey: string, _headers: unknown, into: D[]): void {
    if (this.#size === 0) return
    let found = this.#results.get(routingKey)
    if (!found) {
      found = this.#match(wordsOf(routingKey))
      this.#remember(routingKey, found)
    }
    append(found, into)
  }

  /** Walks all patterns at once: `here` holds every branch that the words so far lead to, each once. */
  #match(words: readonly string[]): readonly D[] {
    let here: Branch<D>[] = []
    this.#step++
    this.#reach(this.#root, here)
    for (const word of words) {
      const next: Branch<D>[] = []
      this.#step++
      for (const at of here) {
        const exact = at.words.get(word)
        if (exact) this.#reach(exact, next)
        if (at.star) this.#reach(at.star, next)
        if (at.repeats) this.#reach(at, next)
      }
      if (next.length === 0) return []
      here = next
    }
    return union(here)
  }

  /** Adds a branch and, because `#` may stand for no word at all, the `#` that follows it. */
  #reach(at: Branch<D>, reached: Branch<D>[]): void {
    for (let next: Branch<D> | null = at; next && next.reachedAt !== this.#step; next = next.hash) {
      next.reachedAt = this.#step
      reached.push(next)
    }
  }

  #remember(key: string, found: readonly D[]): void {
    const cost = 1 + found.length
    if (cost > cacheBudget / 16) return
    if (cost > this.#budget) this.#forget()
    this.#results.set(key, found)
    this.#budget -= cost
  }

  #forget(): void {
    this.#results.clear()
    this.#budget = cacheBudget
  }

  #changed(): void {
    this.#version++
    this.#forget()
  }
}

function childOf<D>(at: Branch<D>, word: string): Branch<D> | null {
  if (word === '*') return at.star
  if (word === '#') return at.hash
  return at.words.get(word) ?? null
}

function grow<D>(at: Branch<D>, word: string): Branch<D> {
  const child = branch<D>(word === '#')
  if (word === '*') at.star = child
  else if (word === '#') at.hash = child
  else at.words.set(word, child)
  return child
}

function prune<D>(at: Branch<D>, word: string): void {
  if (word === '*') at.star = null
  else if (word === '#') at.hash = null
  else at.words.delete(word)
}

function bare<D>(at: Branch<D>): boolean {
  return at.ends.empty && at.words.size === 0 && !at.star && !at.hash
}

/** The destinations of all these branches, each once. One branch's list is handed on as it is. */
function union<D>(branches: readonly Branch<D>[]): readonly D[] {
  const ending = branches.filter((at) => !at.ends.empty)
  if (ending.length === 0) return []
  if (ending.length === 1) return ending[0]!.ends.list
  const all = new Set<D>()
  for (const at of ending) for (const destination of at.ends.list) all.add(destination)
  return [...all]
}
