// A channel of its own for one request: what is published over HTTP goes the way of basic.publish, with its permissions,
// checks and confirm (docs/observed.md §6). It lives until the queues have answered; it must never outlive its request.

import { Writer } from '../../nodes/amqp/writer.ts'
import { Channel } from '../../nodes/channel.ts'
import type { ChannelOwner } from '../../nodes/channel-owner.ts'
import type { BrokerError } from '../../nodes/errors.ts'
import { nodeDown } from '../http-error.ts'
import type { Call } from '../resource.ts'

/** What became of a publish: routed and taken, returned, or refused by a queue. */
export type Outcome = 'routed' | 'unroutable' | 'rejected'

export interface Publish {
  readonly vhost: string
  readonly exchange: string
  readonly routingKey: string
  /** As on the wire. */
  readonly properties: Buffer
  readonly body: Buffer
}

/** How often to look whether the node still runs; only while a queue does not answer at once. */
const lookMs = 200

/** Hears what the channel would tell a client. */
class Ear extends Writer {
  returned = false
  private readonly heard: (outcome: Outcome) => void

  constructor(heard: (outcome: Outcome) => void) {
    super()
    this.heard = heard
  }

  /** The only method it can be sent is basic.return. */
  override method(): void {
    this.returned = true
  }

  override content(): void {}

  override ack(): void {
    this.heard(this.returned ? 'unroutable' : 'routed')
  }

  override nack(): void {
    this.heard('rejected')
  }
}

const headerBefore = 12

/** Rejects with the channel's BrokerError, or 503 when the node goes. */
export async function publishOnce(call: Call, publish: Publish): Promise<Outcome> {
  const { view } = call
  const { node, member } = view
  let channel: Channel | null = null
  let look: NodeJS.Timeout | undefined
  try {
    return await new Promise((resolve, reject) => {
      const owner: ChannelOwner = {
        id: view.cluster.nextId(),
        name: `<${node.name}.1.0.0>`,
        user: call.user.name,
        vhost: publish.vhost,
        writer: new Ear(resolve),
        session: { frameMax: 0, cancelNotify: false },
        congested: false,
        pause: { queue: () => {} },
        outputReady: () => {},
        channelReady: () => {},
        channelClosed: () => {},
        channelFailed: (_: Channel, error: BrokerError) => reject(error),
      }
      view.act(() => {
        channel = new Channel(1, owner, node)
        channel.confirming = true
        take(channel, publish)
      })
      look = setInterval(() => {
        if (member.node !== node) reject(nodeDown(`node '${node.name}' has gone`))
      }, lookMs)
      call.onGone(() => reject(nodeDown('the client has gone')))
    })
  } finally {
    clearInterval(look)
    // One of a node that has gone went with it.
    if (member.node === node) view.act(() => channel?.close())
  }
}

/** Method, header and body, as three frames would bring them. */
function take({ publisher }: Channel, { exchange, routingKey, properties, body }: Publish): void {
  publisher.begin({ exchange, routingKey, mandatory: true, immediate: false })
  const header = Buffer.alloc(headerBefore + properties.length)
  header.writeUInt16BE(60)
  header.writeUInt32BE(body.length, 8)
  properties.copy(header, headerBefore)
  publisher.header(header, 0, header.length)
  if (body.length > 0) publisher.bodyPart(body, 0, body.length)
}
