// What became of single messages inside an emulated broker: queues are traced from their declaration on, and messages are known
// by the number in their bodies. Made by `emulated-scenario` where a run is small enough to keep a record of every step.

import type { Cluster } from '../../nodes/cluster.ts'
import { MessageTrace } from '../../nodes/trace-messages.ts'
import { readBody } from '../body.ts'
import type { Journey } from '../scenario/target.ts'

/** Steps that a message leaves at each queue, about: more after redeliveries. */
const stepsEach = 12
/** There is room for far more where messages are few; a large ring costs more than a short run. */
const roomyEach = 64
const roomy = 65_536

export class Journeys {
  private readonly trace: MessageTrace
  /** By queue: a message's number there to its number in the run. */
  private readonly numbers = new Map<string, Map<number, number>>()

  constructor(cluster: Cluster, messages: number) {
    this.trace = new MessageTrace(
      Math.max(Math.min(roomy, 1024 + roomyEach * messages), stepsEach * messages),
    )
    this.trace.onPublished = (message, queue, id) => {
      let ids = this.numbers.get(queue)
      if (ids === undefined) this.numbers.set(queue, (ids = new Map()))
      ids.set(id, readBody(message.body).message)
    }
    cluster.trace.messages = this.trace
  }

  /** Those of `messages` that reached a queue, with their steps in order of time. */
  of(messages: ReadonlySet<number>): Journey[] {
    const found = new Map<number, Journey['steps'][number][]>()
    for (const { at, step, node, queue, id } of this.trace.records()) {
      const message = this.numbers.get(queue)?.get(id)
      if (message === undefined || !messages.has(message)) continue
      const steps = found.get(message) ?? []
      steps.push({ atMs: at, step, node: Number(/\d+$/.exec(node)![0]), queue })
      found.set(message, steps)
    }
    return [...found].map(([message, steps]) => ({ message, steps }))
  }
}
