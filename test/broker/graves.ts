// Queues with somewhere for their dead letters to go, for the two files that specify dead-lettering. It asserts
// nothing itself.

import { type GetMessage, getOne, type Options, publish, ready, until } from '../support/clients.ts'
import type { Session } from './session.ts'

/** One entry of a message's x-death list. */
export type Death = Record<string, unknown>

/** Arguments that send a queue's dead letters straight to another queue. */
export const to = (queue: string) => ({ 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': queue })

export const deaths = (message: GetMessage): Death[] =>
  message.properties.headers!['x-death'] as unknown as Death[]

/** The steps of a dead letter's life, within one test file's session. */
export function graves(at: Session) {
  /** A queue, and the one its dead letters go to. */
  async function pair(args: Record<string, unknown> = {}): Promise<{ queue: string; graveyard: string }> {
    const graveyard = await at.queue()
    return { graveyard, queue: await at.queue({ ...to(graveyard), ...args }) }
  }

  /** The next message of a queue, waiting for it. */
  async function arrival(queue: string): Promise<GetMessage> {
    await until(`a message in ${queue}`, () => ready(at.channel, queue))
    return getOne(at.channel, queue, { noAck: true })
  }

  /** Publishes one message to `queue`, rejects it, and returns the dead letter. */
  async function reject(
    queue: string,
    graveyard: string,
    options: Options.Publish = {},
  ): Promise<GetMessage> {
    await publish(at.channel, '', queue, 'x', options)
    at.channel.nack(await getOne(at.channel, queue), false, false)
    return arrival(graveyard)
  }

  return { pair, arrival, reject }
}
