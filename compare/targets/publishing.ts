// Publishes the numbered messages of one step and keeps what the broker says of each: acked, nacked, returned or nothing.
// Used by `drive`; a step may go on while the following ones are taken.

import type { ConfirmChannel, Options } from 'amqplib'
import { runs } from '../outcome.ts'
import type { PublishOptions } from '../steps.ts'
import { pause, type Site } from './site.ts'

/** What bodies are filled up with, and not shown. */
export const filler = '.'

/** How many may be unconfirmed at a time. */
const window = 500

export class Publishing {
  readonly answers: string[] = []
  private readonly returned: string[] = []
  private readonly channel: ConfirmChannel
  private readonly site: Site
  private answered = 0
  private ended: string | null = null

  constructor(channel: ConfirmChannel, site: Site) {
    this.channel = channel
    this.site = site
    channel.on('return', (message: { fields: unknown }) => {
      const { replyCode, replyText } = message.fields as { replyCode: number; replyText: string }
      this.returned.push(`${replyCode} ${replyText}`)
    })
    channel.on('close', () => {
      this.ended ??= 'connection lost'
    })
  }

  /** Sends all, at the asked pace or as fast as confirms allow, and waits for the confirms. */
  async run(key: string, count: number, options: PublishOptions): Promise<void> {
    for (let i = 0; i < count && this.ended === null; i++) {
      this.send(key, i, options)
      if (options.everyMs !== undefined) await pause(options.everyMs)
      while (this.open >= window && this.ended === null) await pause(1)
    }
    const { answer, poll } = this.site.patience
    for (let waited = 0; this.open > 0 && this.ended === null && waited < answer; waited += poll / 4)
      await pause(poll / 4)
  }

  private get open(): number {
    return this.answers.length - this.answered
  }

  private send(key: string, i: number, options: PublishOptions): void {
    const { persistent = true } = options
    const properties: Options.Publish = {
      persistent: persistent === 'alternate' ? i % 2 === 1 : persistent,
      ...(options.mandatory ? { mandatory: true } : {}),
      ...(options.expiration === undefined ? {} : { expiration: options.expiration }),
      ...(options.priority === undefined ? {} : { priority: options.priority }),
    }
    this.answers.push('unanswered')
    const done = (error: Error | null) => {
      this.answered++
      // amqplib fails every open confirm when the channel ends; that is no answer of the broker's.
      if (error === null) this.answers[i] = 'ack'
      else if (error.message === 'message nacked') this.answers[i] = 'nack'
    }
    try {
      this.channel.publish(
        options.exchange ?? '',
        key,
        Buffer.from(`${options.body ?? 'm'}${i}`.padEnd(options.bytes ?? 0, filler)),
        properties,
        done,
      )
    } catch {
      this.answered++
    }
  }

  /** `ack x10`, and what was returned. */
  get text(): string {
    const parts = [runs(this.answers)]
    if (this.returned.length > 0) parts.push(`returned ${runs(this.returned)}`)
    if (this.ended !== null) parts.push(this.ended)
    return parts.join(', ')
  }
}
