// The transactional channels of one scenario: amqplib has no words for transactions, but sends any method it is given the
// number of. Used by `drive`.

import type { Channel, GetMessage } from 'amqplib'
import type { Transact } from '../steps.ts'
import { bodyOf, type Clients } from './clients.ts'

/** Class and method of a request; its answer is the next number. */
const methods = { select: (90 << 16) | 10, commit: (90 << 16) | 20, rollback: (90 << 16) | 30 } as const

interface Transactional {
  readonly channel: Channel
  readonly held: GetMessage[]
}

export class Transactions {
  private readonly clients: Clients
  private readonly open = new Map<string, Transactional>()

  constructor(clients: Clients) {
    this.clients = clients
  }

  async perform(step: Transact): Promise<string> {
    if (step.act === 'select') {
      const channel = await this.clients.channel(step.on, step.as)
      this.open.set(step.channel, { channel, held: [] })
      return call(channel, 'select')
    }
    const { channel, held } = this.of(step.channel)
    switch (step.act) {
      case 'commit':
      case 'rollback':
        return call(channel, step.act)
      case 'publish':
        for (let i = 0; i < step.count; i++)
          channel.publish('', step.key, Buffer.from(`${step.body ?? 'm'}${i}`), { persistent: true })
        // A question: when it is answered, all of them have been read.
        await channel.checkExchange('amq.direct')
        return 'sent'
      case 'get': {
        const message = await channel.get(step.queue)
        if (message === false) return '(empty)'
        held.push(message)
        return bodyOf(message)
      }
      case 'ack':
        for (const message of held.splice(0)) channel.ack(message)
        return 'sent'
    }
  }

  private of(name: string): Transactional {
    const transactional = this.open.get(name)
    if (transactional === undefined) throw new Error(`no transactional channel ${name}`)
    return transactional
  }
}

interface Calls {
  rpc(method: number, fields: object, answer: number): Promise<unknown>
}

async function call(channel: Channel, method: keyof typeof methods): Promise<string> {
  await (channel as unknown as Calls).rpc(methods[method], {}, methods[method] + 1)
  return 'ok'
}
