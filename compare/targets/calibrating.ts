// Loads a real cluster with the shapes of calibrate, one after the other, and gives what each came to. Used by `warren calibrate`;
// the cluster is somebody's own or a new one. Whatever it declares in the vhost, it removes.

import { Load, type Measured } from '../calibrate/load.ts'
import type { Lengths } from '../calibrate/run.ts'
import { nodesOf, type Shape } from '../calibrate/shape.ts'
import { Api } from './api.ts'
import { quickStatistics, RabbitCluster } from './rabbitmq.ts'
import { OwnPlace } from './rabbitmq-own.ts'
import type { RealCluster } from './real-cluster.ts'
import { Sockets } from './sockets.ts'
import { Unusable } from './unusable.ts'
import { WallClock } from './wall-clock.ts'

/** What has to be known of a cluster to load it. */
export type Loadable = Omit<RealCluster, 'inflict' | 'repair'>

/** How long the clients may take to connect, and the broker to forget a queue. */
const patienceMs = 20_000

/** By the clock, and not by this process's turns: a busy one would count for too long. */
const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

export class Calibrating {
  private readonly cluster: Loadable
  private readonly api: Api
  private readonly policies = new Set<string>()
  private named = 0

  /** The cluster has three nodes and is up. */
  constructor(cluster: Loadable) {
    this.cluster = cluster
    this.api = new Api(cluster)
  }

  /** The broker's version, as node 1 says it. */
  async version(): Promise<string> {
    const { body } = await this.api.anyone('GET', 'overview')
    return `RabbitMQ ${(body as { rabbitmq_version?: string } | null)?.rabbitmq_version ?? 'of unknown version'}`
  }

  /** One shape, once. Throws Unusable. */
  async measure(shape: Shape, { warmMs, countMs }: Lengths): Promise<Measured> {
    const queue = `${await this.policyFor(shape)}${++this.named}`
    let fault: unknown = null
    const sockets = new Sockets(
      (node) => this.cluster.amqp(Number(node)),
      (error) => (fault ??= error),
    )
    const clock = new WallClock(1, (error) => (fault ??= error))
    const load = new Load(shape, queue, Object.assign(sockets, { login: this.cluster.login }), clock, String)
    const until = async (condition: () => boolean, otherwise: string) => {
      const deadline = performance.now() + patienceMs
      while (!condition()) {
        if (fault !== null || performance.now() > deadline)
          throw new Unusable(`${shape.name}: ${fault === null ? otherwise : (fault as Error).message}.`)
        await wait(10)
      }
    }
    try {
      load.start()
      await until(() => load.counted > 0, 'no message was confirmed')
      await wait(warmMs)
      load.count()
      await wait(countMs)
      const measured = load.measured()
      let left = false
      load.stop(() => (left = true))
      await until(() => left, 'the queue could not be deleted')
      return measured
    } catch (error) {
      throw error instanceof Unusable ? error : new Unusable(`${(error as Error).message}.`)
    } finally {
      clock.stop()
      sockets.close()
    }
  }

  /** Removes its policies and gives the cluster back. */
  async close(): Promise<void> {
    const vhost = encodeURIComponent(this.cluster.login.vhost)
    for (const name of this.policies) await this.api.anyone('DELETE', `policies/${vhost}/${name}`)
    await this.cluster.close()
  }

  /** The beginning of the names of queues with the shape's mirrors. */
  private async policyFor(shape: Shape): Promise<string> {
    if (shape.mirrors.length === 0) return 'calibrate.'
    const nodes = nodesOf(shape)
    const name = `calibrate-${nodes.join('-')}`
    if (this.policies.has(name)) return `${name}.`
    const path = `policies/${encodeURIComponent(this.cluster.login.vhost)}/${name}`
    const { status } = await this.api.anyone('PUT', path, {
      pattern: `^${name}\\.`,
      'apply-to': 'queues',
      definition: { 'ha-mode': 'nodes', 'ha-params': nodes.map((node) => this.cluster.nameOf(node)) },
    })
    if (status !== 201 && status !== 204)
      throw new Unusable(`The cluster refuses the policy ${name} (status ${status}).`)
    this.policies.add(name)
    return `${name}.`
  }
}

/** Three nodes of the installed server, started for this; `close` ends them. Throws Unusable. */
export async function ownCluster(): Promise<Loadable> {
  const place = await OwnPlace.open()
  try {
    const rabbit = new RabbitCluster(place.script, 3)
    await rabbit.up({ handling: 'ignore', nodes: 3 }, quickStatistics)
    return {
      nodes: 3,
      login: { user: 'guest', password: 'guest', vhost: '/' },
      amqp: (node) => ({ host: '127.0.0.1', port: Number(new URL(rabbit.amqpUrl(node)).port) }),
      http: (node) => rabbit.httpUrl(node),
      nameOf: (node) => rabbit.nameOf(node),
      close: () => place.close(),
    }
  } catch (error) {
    await place.close()
    const last = (error as Error).message.trim().split('\n').at(-1)
    throw new Unusable(`RabbitMQ could not be started: ${last}`)
  }
}
