// The doors of a node where work takes time: what links and clients bring waits until its machine comes to it. Links get theirs
// from `cluster` in the member's place, whoever simulates clients makes one for each connection. It must never let anything
// in that was meant for the node's life before.

import type { Member } from './cluster-member.ts'
import type { LinkEnd } from './link.ts'
import type { PeerMessage } from './protocol.ts'
import { type Machines, Pipe, type Processor } from './work.ts'

export class MemberDoor implements LinkEnd<PeerMessage> {
  private readonly member: Member
  private readonly processor: Processor
  private readonly pipe = new Pipe()

  constructor(member: Member, machines: Machines) {
    this.member = member
    this.processor = machines.of(member.name)
  }

  receive(from: string, message: PeerMessage): void {
    const { member } = this
    const { node } = member
    if (node === null) return
    if ('message' in message) message.message.keep()
    this.processor.enter(this.pipe, () => {
      if (member.node !== node) return
      if (node.still === null) member.receive(from, message)
      else node.still.push(() => member.receive(from, message))
    })
  }
}

/** A simulated connection's door; without a cost model everybody passes at once. */
export class ClientDoor {
  private readonly processor: Processor | null
  private readonly pipe = new Pipe()

  constructor(machines: Machines | null, node: string) {
    this.processor = machines?.of(node) ?? null
  }

  get takesTime(): boolean {
    return this.processor !== null
  }

  enter(job: () => void): void {
    if (this.processor === null) job()
    else this.processor.enter(this.pipe, job)
  }

  /** How long what the node has just written takes to leave it, in ms after `now`. */
  leavesIn(now: number): number {
    return this.processor === null ? 0 : this.processor.freeAt - now
  }
}
