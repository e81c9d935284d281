// Changing a policy under a living queue: from two copies anywhere to two named nodes, which makes the leader move, and
// then to none. Run it with `node dist/examples/policy-change.js`.

import { type Log, play, publishAll, Stage, takeAll, type Whereabouts } from './stage.ts'

const queue = 'orders'
const count = 200
const policy = (definition: Record<string, unknown>) => ({
  name: 'two',
  pattern: '^orders$',
  definition: { ...definition, 'ha-sync-mode': 'automatic' },
})

/** Tells the story and returns what happened. */
export async function main(log: Log) {
  const stage = await Stage.open({ policies: [policy({ 'ha-mode': 'exactly', 'ha-params': 2 })] })
  const told = ({ leader, mirrors, synchronised }: Whereabouts) =>
    mirrors.length === 0
      ? `${leader} leads, there is no mirror`
      : `${leader} leads, ${mirrors.join(' and ')} mirrors it (${synchronised.length} of ${mirrors.length} synchronised)`
  try {
    const { cluster } = stage
    const channel = await stage.confirmChannel(1)
    await channel.assertQueue(queue, { durable: true })
    await publishAll(channel, queue, 'order ', count)
    const exactly = stage.whereabouts(queue)
    log(`The policy says exactly 2 copies: ${told(exactly)}. The queue holds ${count} messages.`)

    const wanted = ['rabbit@node2', 'rabbit@node3']
    await cluster.setPolicy(policy({ 'ha-mode': 'nodes', 'ha-params': wanted }))
    log(`Now it says ${wanted.join(' and ')}: the leader may go once a mirror there has everything.`)
    const nodes = await stage.until(`only ${wanted.join(' and ')} have the queue`, () => {
      const now = stage.whereabouts(queue)
      const settled = [now.leader, ...now.synchronised].sort().join() === wanted.join()
      return settled && now.mirrors.length === 1 && now
    })
    log(`The queue has moved: ${told(nodes)}.`)

    await cluster.clearPolicy('two')
    const none = await stage.until('the mirror is dropped', () => {
      const now = stage.whereabouts(queue)
      return now.mirrors.length === 0 && now
    })
    log(`The policy is removed: ${told(none)}. The leader does not move back.`)

    const messages = await takeAll(channel, queue, count)
    const inOrder = messages.every((message, i) => message.content.toString() === `order ${i}`)
    log(`A client of node 1 reads all ${messages.length} messages${inOrder ? ', in order' : ''}.`)
    return { exactly, nodes, none, read: messages.length, inOrder }
  } finally {
    await stage.close()
  }
}

await play(import.meta.url, main)
