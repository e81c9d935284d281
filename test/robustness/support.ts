// What every test of robustness starts with: a node, a well-behaved witness whose round trips must go on, a watch for
// internal errors, and a count of what hostile clients may leave behind. Live; the virtual side is in conversation.ts.

import { afterEach, beforeEach, expect, vi } from 'vitest'
import type { Connection } from '../../nodes/connection.ts'
import { type Client, nodeName, Scene } from '../cluster/scene.ts'
import { getOne, until } from '../support/clients.ts'

/** Longest a witness may wait for a round trip while others misbehave, in ms. */
const promptMs = 1000

export class Stage extends Scene {
  witness!: Client
  private rounds = 0
  private complaints: unknown[] = []

  override async start(): Promise<void> {
    await super.start()
    this.complaints = []
    vi.spyOn(console, 'error').mockImplementation((...words) => void this.complaints.push(words))
    this.witness = await this.client(1)
    await this.witness.channel.assertQueue('witness', { exclusive: true })
  }

  override async stop(): Promise<void> {
    vi.restoreAllMocks()
    await super.stop()
  }

  /** The witness publishes, gets a confirm and fetches its message back, at once. */
  async roundTrip(): Promise<void> {
    const began = performance.now()
    const body = `round ${++this.rounds}`
    const { channel } = this.witness
    channel.sendToQueue('witness', Buffer.from(body))
    await channel.waitForConfirms()
    expect(String((await getOne(channel, 'witness', { noAck: true })).content)).toBe(body)
    expect(performance.now() - began).toBeLessThan(promptMs)
  }

  /** Nothing but the witness is left, nobody found a mistake of ours, and the node answers. */
  async calm(): Promise<void> {
    const nothing = { connections: 1, channels: 1, queues: 1 }
    await until('only the witness is left', () => JSON.stringify(this.census()) === JSON.stringify(nothing))
    expect(this.complaints).toEqual([])
    await this.roundTrip()
  }

  /** The open connections of node `number` but the witness's. */
  opened(number: number): Connection[] {
    const { node } = this.cluster.cluster.member(nodeName(number))
    const all = [...(node?.connections.values() ?? [])] as Connection[]
    const own = this.witness.connection.connection as unknown as { stream: { localPort: number } }
    return all.filter(({ peer }) => peer.port !== own.stream.localPort)
  }
}

export function stage(nodes = 1): Stage {
  const made = new Stage({ nodes })
  beforeEach(() => made.start())
  afterEach(() => made.stop())
  return made
}
