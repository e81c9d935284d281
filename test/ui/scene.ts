// A cluster with something going on, for screenshots and measurements: clients that publish and consume, a mirrored queue, an
// ordinary one, and one whose mirrors lack messages.

import { type ChannelModel, connect } from 'amqplib'
import { type RunningCluster, type StartOptions, startCluster } from '../../index.ts'

export interface Scene {
  readonly cluster: RunningCluster
  readonly url: string
  /** Publishes about so many messages a second to `orders` until the end. */
  load(perSecond: number): void
  end(): Promise<void>
}

const bodies = Buffer.alloc(400, 'x')

export async function openScene(options: StartOptions = {}): Promise<Scene> {
  const cluster = await startCluster({ nodes: 3, port: 0, adminPort: 0, trace: 'messages', ...options })
  const clients: ChannelModel[] = []
  let timer: NodeJS.Timeout | undefined
  const client = async (node: number, connection_name: string) => {
    const opened = await connect(cluster.urls[node - 1]!, { clientProperties: { connection_name } })
    opened.on('error', () => {})
    clients.push(opened)
    return opened
  }
  await cluster.setPolicy({ name: 'ha-orders', pattern: '^orders', definition: { 'ha-mode': 'all' } })
  const owner = await (await client(1, 'invoicing')).createConfirmChannel()
  await owner.assertExchange('events', 'topic')
  await owner.assertQueue('orders')
  await owner.bindQueue('orders', 'events', 'order.#')
  await owner.assertQueue('invoices')
  for (let i = 0; i < 340; i++) owner.sendToQueue('invoices', bodies, { persistent: true })
  await owner.waitForConfirms()
  const archive = await (await client(3, 'archive')).createChannel()
  await archive.assertQueue('audit')
  await archive.bindQueue('audit', 'events', '#')
  await cluster.setPolicy({
    name: 'two-copies',
    pattern: '^invoices',
    definition: { 'ha-mode': 'exactly', 'ha-params': 2, 'ha-sync-mode': 'manual' },
  })
  const worker = await (await client(3, 'worker')).createChannel()
  await worker.prefetch(50)
  await worker.consume('orders', (message) => message !== null && worker.ack(message))
  const shop = await (await client(2, 'shop')).createConfirmChannel()
  let number = 0
  let closed = false
  shop.on('error', () => {})
  shop.on('close', () => {
    closed = true
  })
  const publish = () =>
    closed ||
    shop.publish('events', `order.${number++ % 7 === 0 ? 'placed' : 'paid'}`, bodies, { persistent: true })
  for (let i = 0; i < 20; i++) publish()
  await shop.waitForConfirms()
  return {
    cluster,
    url: cluster.adminUrl!,
    load(perSecond) {
      const periodMs = 20
      timer = setInterval(() => {
        for (let i = 0; i < (perSecond * periodMs) / 1000; i++) publish()
      }, periodMs)
    },
    async end() {
      clearInterval(timer)
      for (const opened of clients) await opened.close().catch(() => {})
      await cluster.stop()
    },
  }
}
