// What comes to a queue while it fills its mirrors: nothing of it is done meanwhile, and all of it afterwards, in the order
// in which it came, as messages wait in the mailbox of a busy Erlang process (docs/observed.md §20). Owned by `queue`; it
// must never reorder, and never lose anything but with the queue itself.

import type { Message } from './message.ts'
import type { ChannelRef, Settlement } from './protocol.ts'

/** The queue, as far as what comes to it most often is concerned. */
interface Held {
  publish(message: Message, sender: ChannelRef, seq: number, confirm: boolean, viaMirror: boolean): void
  settle(channel: number, ids: readonly number[], how: Settlement): void
}

export class Hold {
  /** Whatever comes is to be added, not done. */
  active = false
  private waiting: (() => void)[] = []

  begin(): void {
    this.active = true
  }

  add(task: () => void): void {
    this.waiting.push(task)
  }

  whenFree(task: () => void): void {
    if (this.active) this.add(task)
    else task()
  }

  /** Here, so that a publish that is not held costs no closure. */
  publish(queue: Held, ...given: Parameters<Held['publish']>): void {
    this.add(() => queue.publish(...given))
  }

  settle(queue: Held, ...given: Parameters<Held['settle']>): void {
    this.add(() => queue.settle(...given))
  }

  /** Does what waits, until one of it begins to hold again. */
  end(): void {
    this.active = false
    while (this.waiting.length > 0 && !this.active) {
      const tasks = this.waiting
      this.waiting = []
      for (const [i, task] of tasks.entries()) {
        if (this.active) {
          this.waiting = [...tasks.slice(i), ...this.waiting]
          break
        }
        task()
      }
    }
  }

  /** The queue ends, and with it what waits. */
  drop(): void {
    this.active = false
    this.waiting = []
  }
}
