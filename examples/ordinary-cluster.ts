// An ordinary cluster, without mirrors: every node knows the queue, one node has its messages. Run it with
// `node dist/examples/ordinary-cluster.js`: it shows what the death of that node does to clients of the other nodes.

import { deferred, type Log, play, publishAll, Stage, takeAll } from './stage.ts'

const queue = 'orders'

/** Tells the story and returns what happened. */
export async function main(log: Log) {
  const stage = await Stage.open()
  try {
    const { cluster } = stage
    log('Three nodes are up. No policy mirrors anything.')

    const atThree = await (await stage.connect(3)).createChannel()
    await atThree.assertQueue(queue, { durable: true })
    log(`A client of node 3 declared the durable queue "${queue}": node 3 owns it.`)

    const publisher = await stage.confirmChannel(1)
    await publishAll(publisher, queue, 'order ', 10)
    log('A client of node 1 published 10 persistent messages. Node 1 sent them on to node 3 and kept none.')

    const atTwo = await (await stage.connect(2)).createChannel()
    const held: string[] = []
    const [holding, cancelled] = [deferred(), deferred()]
    await atTwo.prefetch(3)
    await atTwo.consume(queue, (message) => {
      if (message === null) return cancelled.resolve()
      held.push(message.content.toString())
      if (held.length === 3) holding.resolve()
    })
    await holding.promise
    log(`A consumer at node 2 holds ${held.join(', ')} unacknowledged: node 2 fetched them from node 3.`)

    await cluster.node(3).kill()
    await cancelled.promise
    log('Node 3 is killed. The consumer at node 2 is told by basic.cancel: its queue is gone for now.')

    const refusal = await declareRefused(stage)
    log(`Declaring the queue through node 1 is refused: ${refusal}`)

    const returned = await publishInVain(publisher)
    log(`Publishing to it through node 1 is unroutable: returned with ${returned}, and yet confirmed.`)
    log('A publisher that does not ask for returns loses such messages without a word.')

    await cluster.node(3).start()
    const back = await takeAll(await (await stage.connect(2)).createChannel(), queue, 10)
    const bodies = back.map((message) => message.content.toString())
    const redelivered = back.filter((message) => message.fields.redelivered).length
    log(`Node 3 is back, from its disk: ${bodies.length} messages, ${bodies[0]} to ${bodies.at(-1)}.`)
    log(`${redelivered} of them are marked redelivered: after a crash nobody knows who has seen what.`)
    return { held, refusal, returned, bodies, redelivered }
  } finally {
    await stage.close()
  }
}

async function declareRefused(stage: Stage): Promise<string> {
  const channel = await (await stage.connect(1)).createChannel()
  channel.on('error', () => {})
  const error = await channel.assertQueue(queue, { durable: true }).then(
    () => new Error('it was not refused'),
    (refused: Error) => refused,
  )
  return /"(.*)"/s.exec(error.message)?.[1] ?? error.message
}

/** Publishes with the mandatory flag; resolves with the reason of the return once the publish is confirmed as well. */
async function publishInVain(channel: Awaited<ReturnType<Stage['confirmChannel']>>): Promise<string> {
  let reason = 'nothing'
  channel.once('return', (message) => {
    reason = `${message.fields.replyCode} ${message.fields.replyText}`
  })
  channel.publish('', queue, Buffer.from('in vain'), { mandatory: true, persistent: true })
  await channel.waitForConfirms()
  return reason
}

await play(import.meta.url, main)
