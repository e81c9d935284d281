// The ports of all nodes, plain and TLS: one listener each, open while its node runs. Made by `index`; it also brings new nodes
// to life beside the others, which takes a port before it takes a node.

import type { Member } from './cluster-member.ts'
import { Listener } from './listener.ts'
import type { TlsIdentity } from './listener-tls.ts'
import type { Live } from './live.ts'

/** Where node i listens: on `port` + i - 1, or on any free port when it is 0. */
export interface PortRange {
  readonly host: string
  readonly port: number
  readonly tls: { readonly identity: TlsIdentity; readonly port: number } | null
}

export class Ports {
  readonly plain: Listener[] = []
  readonly tls: Listener[] = []
  /** Further ports of a new node; a rejection leaves no such node behind. */
  onAdd: (member: Member) => Promise<void> = async () => {}
  private readonly live: Live
  private readonly range: PortRange
  /** New nodes come one at a time. */
  private adding: Promise<unknown> = Promise.resolve()

  constructor(live: Live, range: PortRange) {
    this.live = live
    this.range = range
  }

  /** Opens the ports of every node there is; rejects with the system's error when one is taken. */
  async open(): Promise<void> {
    const { cluster } = this.live
    for (const [i, member] of cluster.members.entries()) {
      this.plain.push(this.listener(member, i, null))
      if (this.range.tls !== null) this.tls.push(this.listener(member, i, this.range.tls))
    }
    for (const listener of this.all()) await listener.open()
    cluster.onState = (member) => {
      for (const listener of this.all()) if (listener.member === member) listener.memberChanged()
    }
  }

  /**
   * A new node, running and a cluster of its own until it joins another. Rejects with the system's error when its port is
   * taken; then there is no such node.
   */
  addNode(): Promise<Member> {
    const added = this.adding.then(() => this.add())
    this.adding = added.catch(() => {})
    return added
  }

  close(): void {
    for (const listener of this.all()) listener.close()
  }

  private async add(): Promise<Member> {
    const { cluster } = this.live
    const at = cluster.members.length
    const member = this.live.act(() => cluster.addMember())
    const plain = this.listener(member, at, null)
    const tls = this.range.tls && this.listener(member, at, this.range.tls)
    try {
      await plain.open()
      await tls?.open()
      await this.onAdd(member)
    } catch (error) {
      plain.close()
      tls?.close()
      this.live.act(() => cluster.dropMember(member))
      throw error
    }
    this.plain.push(plain)
    if (tls !== null) this.tls.push(tls)
    this.live.act(() => cluster.start(member.name))
    return member
  }

  private all(): Listener[] {
    return [...this.plain, ...this.tls]
  }

  private listener(member: Member, index: number, tls: PortRange['tls']): Listener {
    const { host, port } = this.range
    const first = tls?.port ?? port
    const listener = new Listener(this.live, member, host, first === 0 ? 0 : first + index, tls?.identity)
    listener.onError = (error) =>
      console.error(`warren: ${member.name} cannot listen again: ${error.message}`)
    return listener
  }
}
