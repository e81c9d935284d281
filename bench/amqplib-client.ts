// amqplib, the client that most Node.js programs use, as a load: publishes without a pause and consumes without acknowledgements,
// in one process. Run by steps.ts as a child; says when it measures and how much was delivered a second.
import { setTimeout as pause } from 'node:timers/promises'

const [address = '127.0.0.1:5672', seconds = '2'] = process.argv.slice(2)
const warmupMs = 500
/** Publishes between two looks at the socket and at time. */
const stretch = 200

// A development dependency: a package without it has no such row.
const { connect } = await import('amqplib')
const connection = await connect(`amqp://guest:guest@${address}`)
const other = await connect(`amqp://guest:guest@${address}`)
const [publishing, consuming] = [await connection.createChannel(), await other.createChannel()]
const { queue } = await consuming.assertQueue('', { exclusive: false, autoDelete: true })
let delivered = 0
await consuming.consume(queue, () => delivered++, { noAck: true })

let publish = true
const body = Buffer.alloc(100)
async function load(): Promise<void> {
  while (publish) {
    let room = true
    for (let i = 0; i < stretch; i++) room = publishing.publish('', queue, body)
    if (room) await new Promise((resolve) => setImmediate(resolve))
    else await new Promise((resolve) => publishing.once('drain', resolve))
  }
}
const loading = load()
await pause(warmupMs)
process.stdout.write('measuring\n')
const began = performance.now()
const before = delivered
await pause(Number(seconds) * 1000)
const rate = (delivered - before) / ((performance.now() - began) / 1000)
process.stdout.write(`delivered=${Math.round(rate)}\n`)
publish = false
await loading
await connection.close()
await other.close()
