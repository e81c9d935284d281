// Mirrored queues: a policy gives the queue copies on all nodes, its leader is killed while a consumer elsewhere is half
// way, and nothing is lost. Run it with `node dist/examples/mirrored-failover.js`.

import { deferred, type Log, play, publishAll, Stage } from './stage.ts'

const queue = 'orders'
const before = 1000
const during = 100
/** The consumer acknowledges that much later than it reads, as one that works on several messages at a time. */
const lag = 20

/** Tells the story and returns what happened. */
export async function main(log: Log) {
  const stage = await Stage.open({
    policies: [{ name: 'ha', pattern: '^orders$', definition: { 'ha-mode': 'all' } }],
  })
  try {
    const { cluster } = stage
    log('Three nodes are up. The policy "ha" mirrors the queue "orders" on all of them.')
    const atOne = await (await stage.connect(1)).createChannel()
    await atOne.assertQueue(queue, { durable: true })
    const first = stage.whereabouts(queue)
    log(`It was declared at node 1: ${first.leader} leads, ${first.mirrors.join(' and ')} mirror it.`)

    const publisher = await stage.confirmChannel(2)
    await publishAll(publisher, queue, 'order ', before)
    log(`A client of node 2 published ${before} messages; each was confirmed once all three nodes had it.`)

    const channel = await (await stage.connect(3)).createChannel()
    await channel.prefetch(lag * 2)
    const seen = new Map<string, number>()
    const [half, done] = [deferred(), deferred()]
    let unacked: (() => void)[] = []
    let redelivered = 0
    let cancelled = false
    await channel.consume(queue, (message) => {
      if (message === null) {
        cancelled = true
        return
      }
      const body = message.content.toString()
      seen.set(body, (seen.get(body) ?? 0) + 1)
      if (message.fields.redelivered) redelivered++
      unacked.push(() => channel.ack(message))
      if (unacked.length > lag) unacked.shift()?.()
      if (seen.size === before / 2) half.resolve()
      if (seen.size === before + during) done.resolve()
    })
    await half.promise
    log(`A consumer at node 3 is half way. It has not yet acknowledged the last ${unacked.length} messages.`)

    await cluster.node(1).kill()
    log('Node 1, the leader, is killed.')
    await publishAll(publisher, queue, 'late order ', during)
    const second = await stage.until('a mirror is promoted', () => {
      const now = stage.whereabouts(queue)
      return now.leader !== first.leader && now
    })
    log(`${second.leader}, the oldest mirror, leads now; ${second.mirrors.join(' and ')} mirrors it.`)
    log(`The client of node 2 published ${during} more meanwhile; all were confirmed, by the new leader.`)

    await done.promise
    for (const ack of unacked) ack()
    unacked = []
    const duplicates = [...seen.values()].filter((times) => times > 1).length
    log(`The consumer at node 3 was not cancelled; its deliveries went on, ${seen.size} different messages.`)
    log(`${duplicates} of them came twice, the unacknowledged ones; ${redelivered} were marked redelivered.`)

    const left = await (await stage.connect(2)).createChannel()
    let count = (await left.checkQueue(queue)).messageCount
    while (count > 0) count = (await left.checkQueue(queue)).messageCount
    log('The queue is empty. Nothing was lost.')
    return { first, second, seen: seen.size, duplicates, redelivered, cancelled, left: count }
  } finally {
    await stage.close()
  }
}

await play(import.meta.url, main)
