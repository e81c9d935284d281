// Operations on queues that wait for an answer: by whom, on which queue, sent where. An operation ends by an answer, at
// once when the queue is down, by its deadline when no replica may lead; a new leader is asked again
// (docs/observed.md §4.6). One per node; it must never block anything but the requester.

import type { QueueRecord } from './definitions.ts'
import { type BrokerError, homeNodeDown, notFound, operationTimedOut } from './errors.ts'
import type { Loop, Timer } from './loop.ts'
import type { QueueChange, Requester } from './node-peers.ts'
import type { ChannelRef, QueueAnswer, QueueOperation, RequestMessage } from './protocol.ts'

interface Pending {
  readonly requester: Requester
  readonly request: RequestMessage
  record: QueueRecord
  deadline: Timer | null
}

export class Requests {
  private readonly pending = new Map<number, Pending>()
  private readonly loop: Loop
  private readonly deadlineMs: number
  private readonly dispatch: (record: QueueRecord, request: RequestMessage) => void
  private readonly discard: (record: QueueRecord) => void

  /** `dispatch` hands a request to the record's leader, here or over a link; `discard` deletes a queue nobody leads. */
  constructor(
    loop: Loop,
    deadlineMs: number,
    dispatch: (record: QueueRecord, request: RequestMessage) => void,
    discard: (record: QueueRecord) => void,
  ) {
    this.loop = loop
    this.deadlineMs = deadlineMs
    this.dispatch = dispatch
    this.discard = discard
  }

  send(
    id: number,
    requester: Requester,
    channel: ChannelRef,
    record: QueueRecord,
    operation: QueueOperation,
  ): void {
    const request: RequestMessage = { kind: 'request', id, queue: record.id, channel, operation }
    if (record.state === 'down')
      return requester.answered(id, homeNodeDown(record.name, record.vhost, record.leader))
    if (mayDiscard(record) && operation.op === 'delete') {
      this.discard(record)
      return requester.answered(id, { messages: 0, consumers: 0 })
    }
    const pending: Pending = { requester, request, record, deadline: null }
    this.pending.set(id, pending)
    if (record.state === 'waiting') this.armDeadline(id, pending)
    else this.dispatch(record, request)
  }

  answer(id: number, answer: QueueAnswer | BrokerError): void {
    const pending = this.pending.get(id)
    if (pending === undefined) return
    this.pending.delete(id)
    pending.deadline?.cancel()
    pending.requester.answered(id, answer)
  }

  /** The requester is gone; whatever comes back is nobody's. */
  forget(id: number): void {
    this.pending.get(id)?.deadline?.cancel()
    this.pending.delete(id)
  }

  /** The requester ends: neither what it waits for nor what it asked of a new leader by itself is asked again. */
  forgetAll(requester: Requester): void {
    for (const [id, pending] of this.pending) if (pending.requester === requester) this.forget(id)
  }

  /** `leaderRuns`: the record's leader is there to answer what it has been asked. */
  queueChanged(record: QueueRecord, change: QueueChange, leaderRuns: boolean): void {
    for (const [id, pending] of [...this.pending]) {
      if (pending.record.id !== record.id) continue
      pending.record = record
      const lost = change === 'down' || change === 'waiting'
      // A consumer without a leader has ended already.
      if (lost && pending.request.operation.op === 'cancel') this.answer(id, { messages: 0, consumers: 0 })
      else if (change === 'down' || change === 'absent')
        this.answer(id, homeNodeDown(record.name, record.vhost, record.leader))
      else if (change === 'waiting') this.armDeadline(id, pending)
      else if (change === 'deleted') {
        const { op } = pending.request.operation
        const ends = op === 'delete' || op === 'cancel' || op === 'cancel-sync'
        // The leader answers these itself, with its counts, perhaps after having deleted the queue because of them.
        if (ends && leaderRuns) continue
        if (ends) this.answer(id, { messages: 0, consumers: 0 })
        else this.answer(id, notFound('queue', record.name, record.vhost))
      } else {
        pending.deadline?.cancel()
        pending.deadline = null
        this.dispatch(record, pending.request)
      }
    }
  }

  /** The node ends: nobody is answered any more. */
  clear(): void {
    for (const { deadline } of this.pending.values()) deadline?.cancel()
    this.pending.clear()
  }

  private armDeadline(id: number, pending: Pending): void {
    if (pending.deadline !== null || pending.request.operation.op === 'delete') return
    pending.deadline = this.loop.at(this.loop.now + this.deadlineMs, () =>
      this.answer(id, operationTimedOut(pending.record.name, pending.record.vhost)),
    )
  }
}

/** Nobody leads the queue, and of its mirrors at most one is left, which has stopped: it can be deleted (§15, §20). */
const mayDiscard = ({ state, mirrors, waitNacks }: QueueRecord) =>
  state === 'waiting' && (mirrors.length === 0 || (waitNacks && mirrors.length === 1))
