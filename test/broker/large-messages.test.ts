// Messages far larger than what a broker keeps unsent for one connection: they must come whole, and what the client says
// afterwards must be heard. Found by pika's acceptance tests.

import { describe, expect, it } from 'vitest'
import { session } from './session.ts'

const at = session('large')
const body = Buffer.alloc(16_000_000, 'abcdefghijklmnop')

describe('a message of 16 MB', () => {
  it('is delivered whole, and its acknowledgement and what follows are read', async () => {
    const queue = await at.sharedQueue()
    for (let round = 0; round < 3; round++) {
      at.channel.sendToQueue(queue, body)
      await at.channel.waitForConfirms()
      const channel = await (await at.connect()).createChannel()
      const got = await new Promise<Buffer>((resolve, reject) => {
        const consuming = channel.consume(queue, (message) => {
          if (message === null) return reject(new Error('cancelled'))
          channel.ack(message)
          resolve(message.content)
        })
        consuming.catch(reject)
      })
      expect(got.equals(body)).toBe(true)
      await channel.close()
      expect((await at.channel.checkQueue(queue)).messageCount).toBe(0)
    }
  })

  it('is fetched whole by basic.get on the connection that published it', async () => {
    const queue = await at.queue()
    at.channel.sendToQueue(queue, body)
    await at.channel.waitForConfirms()
    const got = await at.channel.get(queue, { noAck: true })
    expect(got !== false && got.content.equals(body)).toBe(true)
    expect(await at.channel.get(queue)).toBe(false)
  })
})
