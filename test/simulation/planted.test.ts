// Each invariant sees the mistake it is there for: a bug is planted in one function of the core and some seeds are played until
// the invariant tells. Whatever is replaced here is put back, and is right again for the next test.
import { describe, expect, test } from 'vitest'
import { Unconfirmed } from '../../nodes/channel-confirms.ts'
import { ConsumerTags } from '../../nodes/channel-consumers.ts'
import { Publisher } from '../../nodes/channel-publish.ts'
import { Cluster } from '../../nodes/cluster.ts'
import { Consumer } from '../../nodes/consumer.ts'
import { Definitions } from '../../nodes/definitions.ts'
import { Message } from '../../nodes/message.ts'
import { mirrored } from '../../nodes/modes/mirrored.ts'
import { Requests } from '../../nodes/node-requests.ts'
import { Queue } from '../../nodes/queue.ts'
import { Backlog } from '../../nodes/queue-backlog.ts'
import { Mirror } from '../../nodes/replication-mirror.ts'
import { MemoryStore } from '../../nodes/store/memory.ts'
import { runSeed } from '../../simulate/seed.ts'

type Any = ReturnType<typeof JSON.parse>

/** Plays seeds with `method` of `owner` replaced until a violation matches; fails when none of `most` seeds shows one. */
function sees(expected: RegExp, owner: Any, method: string, bug: (real: Any) => Any, most = 60): void {
  const kept = Object.getOwnPropertyDescriptor(owner, method)!
  const real = kept.value ?? kept.get
  const planted = bug(real)
  Object.defineProperty(owner, method, kept.get ? { ...kept, get: planted } : { ...kept, value: planted })
  try {
    const others = new Set<string>()
    for (let seed = 1; seed <= most; seed++) {
      const { violations } = runSeed(seed)
      const told = violations.find((what) => expected.test(what))
      if (told !== undefined) return expect(told).toMatch(expected)
      for (const what of violations) others.add(what)
    }
    expect([...others].slice(0, 5)).toContainEqual(expect.stringMatching(expected))
  } finally {
    Object.defineProperty(owner, method, kept)
  }
}

describe('losses', { timeout: 120_000 }, () => {
  test('tells a disk that forgets a message', () => {
    const lossy = (real: Any) =>
      function (this: Any, ...args: Any[]) {
        return real.apply(this, args).slice(1)
      }
    sees(/^losses: message \d+ is gone from .*which must have it/, MemoryStore.prototype, 'recover', lossy)
  })

  test('tells a confirm that does not wait for the mirrors, once it costs a message', () => {
    sees(
      /^losses: message \d+ is gone from .*which must have it/,
      mirrored,
      'safe',
      () => (leader: number) => leader,
      400,
    )
  })

  test('tells a message that is swallowed without a fault', () => {
    let count = 0
    const swallows = (real: Any) =>
      function (this: Any, plan: Any, message: Any, confirm: boolean) {
        if (!confirm && ++count % 9 === 0) return
        real.call(this, plan, message, confirm)
      }
    sees(/^losses: message \d+ is gone from/, Publisher.prototype, 'send', swallows)
  })

  test('tells a queue that waits although a mirror could lead', () => {
    const waits = () => () => ({ to: 'wait' })
    sees(/^losses: \S+ waits for .* has all of it/, mirrored, 'lose', waits)
  })
})

describe('provenance', { timeout: 120_000 }, () => {
  test('tells a message that nobody sent', () => {
    let count = 0
    const garbles = (real: Any) =>
      function (this: Any, queue: Any, tag: Any, id: Any, message: Any, redelivered: Any) {
        if (++count % 20 !== 0) return real.call(this, queue, tag, id, message, redelivered)
        const { exchange, routingKey, properties, persistent, priority, expirationMs } = message
        const body = Buffer.from([0x0f, 0, 0, 0, 1])
        const other = new Message(exchange, routingKey, properties, body, persistent, priority, expirationMs)
        real.call(this, queue, tag, id, other, redelivered)
      }
    sees(/^provenance: .* which nobody has sent/, ConsumerTags.prototype, 'deliver', garbles)
  })

  test('tells a redelivery without its mark', () => {
    const unmarked = (real: Any) =>
      function (this: Any, queue: Any, tag: Any, id: Any, message: Any) {
        real.call(this, queue, tag, id, message, false)
      }
    sees(/^provenance: .* came once more and was not marked/, ConsumerTags.prototype, 'deliver', unmarked)
  })
})

describe('order', { timeout: 120_000 }, () => {
  test('tells messages that are put back at the end', () => {
    const atEnd = () =>
      function (this: Any, entries: Any[]) {
        for (const entry of entries) this.push(entry)
      }
    sees(/^order: .* after \d+ of the same channel/, Backlog.prototype, 'requeue', atEnd)
  })
})

describe('settlements', { timeout: 120_000 }, () => {
  test('tells an acknowledged message that comes back', () => {
    let count = 0
    const forgets = (real: Any) =>
      function (this: Any, channel: number, ids: number[], how: string) {
        real.call(this, channel, ids, how === 'ack' && ++count % 7 === 0 ? 'requeue' : how)
      }
    sees(/^settlements: .* was settled by .* and came back/, Queue.prototype, 'settle', forgets)
  })
})

describe('prefetch', { timeout: 120_000 }, () => {
  test('tells one delivery too many', () => {
    const generous = () =>
      function (this: Consumer) {
        const { prefetch, noAck } = this.options
        return !this.cancelled && this.credit > 0 && (noAck || prefetch === 0 || this.unacked <= prefetch)
      }
    sees(/^prefetch: .* holds \d+ of .* with a prefetch of/, Consumer.prototype, 'eligible', generous)
  })
})

describe('rest', { timeout: 120_000 }, () => {
  test('tells a synchronised mirror that is not its leader', () => {
    const keeps = (real: Any) =>
      function (this: Any, id: number) {
        if (id % 5 !== 0) real.call(this, id)
      }
    sees(/^(rest|end): the synchronised mirror of .* has \d+ of \d+/, Mirror.prototype, 'drop', keeps)
  })

  test('tells a losing side that is not restarted', () => {
    sees(/^rest: there are \d islands/, Cluster.prototype, 'stop', () => () => {})
  })

  test('tells definitions that differ by name and by number', () => {
    let count = 0
    const forgets = (real: Any) =>
      function (this: Any, record: Any) {
        real.call(this, record)
        if (++count % 3 === 0) this.queuesById.set(record.id, record)
      }
    sees(/^(rest|end): queue records by name and by id differ/, Definitions.prototype, 'removeQueue', forgets)
  })

  test('tells publishes that are never answered', () => {
    sees(/^rest: \S+ waits for \d+ confirms/, Unconfirmed.prototype, 'queueLost', () => () => {}, 400)
  })

  test('tells operations that are never answered', () => {
    const deaf = (real: Any) =>
      function (this: Any, record: Any, change: string, runs: boolean) {
        if (change !== 'recovered' && change !== 'promoted') real.call(this, record, change, runs)
      }
    sees(/^rest: \S+ waits for (queueDeclare|basic)/, Requests.prototype, 'queueChanged', deaf, 200)
  })

  test('tells a queue that looks otherwise from another node', () => {
    const flatters = (real: Any) =>
      function (this: Any, id: number, answer: Any) {
        const far = this.pending.get(id)?.record.leader !== this.pending.get(id)?.request.channel.node
        real.call(
          this,
          id,
          far && answer.messages >= 0 ? { ...answer, messages: answer.messages + 1 } : answer,
        )
      }
    sees(/^end: \S+ is '.*' and '.*'/, Requests.prototype, 'answer', flatters)
  })

  test('tells a queue that does not serve any more', () => {
    const loses = (real: Any) =>
      function (this: Any, ...args: Any[]) {
        const [, , seq] = args
        if (this.identity.name.startsWith('b-') && seq <= 12 && this.host.loop.now > 25_000) return
        real.apply(this, args)
      }
    sees(
      /^end: (an operation on a queue is never answered|\S+ (confirmed|gave|refuses))/,
      Queue.prototype,
      'publish',
      loses,
      200,
    )
  })
})
