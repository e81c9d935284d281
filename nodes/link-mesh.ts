// All links of a cluster, found by their ends. Asked for every message between nodes, so that names are looked up one by
// one instead of being joined to a key. Kept by `cluster`; it must never change a link.

import type { Carried, Link } from './link.ts'

export class Mesh<M extends Carried> {
  private readonly outgoing = new Map<string, Map<string, Link<M>>>()

  find(from: string, to: string): Link<M> | undefined {
    return this.outgoing.get(from)?.get(to)
  }

  add(link: Link<M>): void {
    const others = this.outgoing.get(link.from)
    if (others === undefined) this.outgoing.set(link.from, new Map([[link.to, link]]))
    else others.set(link.to, link)
  }

  /** Forgets all links from and to `name`. */
  drop(name: string): void {
    this.outgoing.delete(name)
    for (const others of this.outgoing.values()) others.delete(name)
  }

  *[Symbol.iterator](): IterableIterator<Link<M>> {
    for (const others of this.outgoing.values()) yield* others.values()
  }
}
