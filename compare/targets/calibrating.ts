// Loads a real cluster with the shapes of calibrate, one after the other, and gives what each came to. Used by `warren calibrate`
// and by the check of predictions; the cluster is theirs. Whatever it declares, it removes.

import { Load, type Measured } from '../calibrate/load.ts'
import type { Shape } from '../calibrate/shape.ts'
import type { RabbitCluster } from './rabbitmq.ts'
import { pause, request } from './site.ts'
import { Sockets } from './sockets.ts'
import { Unusable } from './unusable.ts'
import { WallClock } from './wall-clock.ts'

/** In ms: before the count, and the count. */
export interface Lengths {
  readonly warmMs: number
  readonly countMs: number
}

/** How long the clients may take to connect, and the broker to forget a queue. */
const patienceMs = 20_000

export class Calibrating {
  private readonly cluster: RabbitCluster
  private readonly policies = new Set<string>()
  private named = 0

  /** The cluster is up. */
  constructor(cluster: RabbitCluster) {
    this.cluster = cluster
  }

  /** One shape, once. Throws a sentence. */
  async measure(shape: Shape, { warmMs, countMs }: Lengths): Promise<Measured> {
    const queue = `${await this.policyFor(shape)}${++this.named}`
    const sockets = new Sockets((node) => {
      const { hostname, port } = new URL(this.cluster.amqpUrl(Number(node)))
      return { host: hostname, port: Number(port) }
    })
    const clock = new WallClock(1)
    const load = new Load(shape, queue, sockets, clock, String)
    try {
      load.start()
      await until(() => load.counted > 0, `${shape.name}: no message was confirmed`)
      await pause(warmMs)
      load.count()
      await pause(countMs)
      const measured = load.measured()
      let left = false
      load.stop(() => (left = true))
      await until(() => left, `${shape.name}: the queue could not be deleted`)
      return measured
    } finally {
      clock.stop()
      sockets.close()
    }
  }

  /** The beginning of the names of queues with the shape's mirrors. */
  private async policyFor({ leader, mirrors }: Shape): Promise<string> {
    if (mirrors.length === 0) return 'calibrate.'
    const nodes = [leader, ...mirrors]
    const name = `calibrate-${nodes.join('-')}`
    if (this.policies.has(name)) return `${name}.`
    const { status } = await request(this.cluster, 1, 'PUT', `policies/%2F/${name}`, {
      pattern: `^${name}\\.`,
      'apply-to': 'queues',
      definition: { 'ha-mode': 'nodes', 'ha-params': nodes.map((node) => this.cluster.nameOf(node)) },
    })
    if (status >= 300 || status === 0)
      throw new Unusable(`The policy ${name} could not be set: status ${status}.`)
    this.policies.add(name)
    return `${name}.`
  }
}

async function until(condition: () => boolean, otherwise: string): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Unusable(`${otherwise}.`)
    await pause(10)
  }
}
