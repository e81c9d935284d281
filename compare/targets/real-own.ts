// Real clusters that Warren starts itself: each run gets a whole cluster and a vhost of its own; one that is still whole after a
// run serves the next that wants the same. Made by whoever runs scenarios, and closed by them; a guard does it otherwise.

import type { Login } from '../line.ts'
import type { Opening, OpenTarget, PlainAction } from '../scenario/target.ts'
import type { NodeNumber } from '../steps.ts'
import { quickStatistics, RabbitCluster } from './rabbitmq.ts'
import { OwnPlace } from './rabbitmq-own.ts'
import { RealTarget } from './real.ts'
import type { RealCluster } from './real-cluster.ts'
import type { SocketAddress } from './sockets.ts'
import { Unusable } from './unusable.ts'

/** What a cluster on this machine cannot be given, and why. */
const impossible = {
  'disk-delay': "its disk is this machine's",
  'link-bandwidth': 'links on loopback cannot be narrowed without privileges',
  'link-delay': 'links on loopback cannot be delayed without privileges',
} as const

export class OwnClusters {
  /** By their size: variants of one scenario differ in it, and a cluster takes long to start. */
  private readonly kept = new Map<number, Promise<{ place: OwnPlace; rabbit: RabbitCluster }>>()
  private closed = false

  /** Throws Unusable in one sentence. */
  readonly open: OpenTarget = async (opening) => {
    assertPossible(opening)
    const { rabbit } = await this.cluster(opening.nodes)
    const { partitionHandling: handling, nodes, netTickMs } = opening
    let vhost: string
    try {
      await rabbit.up({ handling, nodes, tick: Math.max(1, Math.round(netTickMs / 1000)) }, quickStatistics)
      vhost = await rabbit.openVhost()
    } catch (error) {
      this.assertOpen()
      throw new Unusable(`RabbitMQ could not be started: ${whatFailed(error as Error)}`)
    }
    return RealTarget.open(new OwnCluster(rabbit, vhost), opening)
  }

  /** The version that runs, when one has been started. */
  async version(): Promise<string> {
    for (const one of this.kept.values()) return (await one).rabbit.version
    return 'unknown'
  }

  /** Ends every node and removes every folder; what is being started as well. */
  async close(): Promise<void> {
    this.closed = true
    await Promise.all(
      [...this.kept.values()].map(async (one) => (await one.catch(() => null))?.place.close()),
    )
    this.kept.clear()
  }

  private assertOpen(): void {
    if (this.closed) throw new Unusable('interrupted')
  }

  private cluster(nodes: number): Promise<{ place: OwnPlace; rabbit: RabbitCluster }> {
    this.assertOpen()
    const known = this.kept.get(nodes)
    if (known !== undefined) return known
    const made = OwnPlace.open().then((place) => ({ place, rabbit: new RabbitCluster(place.script, nodes) }))
    this.kept.set(nodes, made)
    made.catch(() => this.kept.delete(nodes))
    return made
  }
}

function assertPossible({ links, disk }: Opening): void {
  const all = [links, ...links.pairs]
  const wanted: [keyof typeof impossible, boolean][] = [
    ['disk-delay', disk.flushMs !== null],
    ['link-bandwidth', all.some(({ bandwidth }) => bandwidth !== null)],
    ['link-delay', all.some(({ delayMs }) => delayMs !== null)],
  ]
  for (const [need, isWanted] of wanted)
    if (isWanted) throw new Unusable(`A real cluster cannot give ${need} here: ${impossible[need]}.`)
}

/** In one line, out of what the control script and the server said; where it says to look is gone by then. */
function whatFailed({ message }: Error): string {
  const lines = message
    .replace(/^up .*?: /, '')
    .trim()
    .split('\n')
  const last = lines.pop()!.replace(/^cluster\.sh: |; see .*$/g, '')
  const said = lines.map((line) => line.trim()).filter((line) => line !== '')
  const telling = said.find((line) => /error/i.test(line)) ?? said.at(-1)
  return telling === undefined ? last : `${last}: ${telling}`
}

class OwnCluster implements RealCluster {
  readonly nodes: number
  readonly login: Login
  private readonly rabbit: RabbitCluster

  constructor(rabbit: RabbitCluster, vhost: string) {
    this.rabbit = rabbit
    this.nodes = rabbit.size
    this.login = { user: 'guest', password: 'guest', vhost }
  }

  amqp(node: NodeNumber): SocketAddress {
    return { host: '127.0.0.1', port: Number(new URL(this.rabbit.amqpUrl(node)).port) }
  }

  http(node: NodeNumber): string {
    return this.rabbit.httpUrl(node)
  }

  nameOf(node: NodeNumber): string {
    return this.rabbit.nameOf(node)
  }

  async inflict(action: PlainAction): Promise<void> {
    switch (action.do) {
      case 'delay-link':
        throw new Unusable(`A real cluster cannot give link-delay here: ${impossible['link-delay']}.`)
      case 'cut':
      case 'silence':
        return this.rabbit.inflict({ do: action.do, groups: this.completed(action.groups) })
      case 'sync':
      case 'cancel-sync':
        return
      default:
        return this.rabbit.inflict(action)
    }
  }

  repair(): Promise<void> {
    return this.rabbit.repair()
  }

  /** The next run removes the vhost, once the cluster is whole. */
  async close(): Promise<void> {}

  /** Nodes that no group names form one of their own. */
  private completed(groups: readonly (readonly NodeNumber[])[]): NodeNumber[][] {
    const named = new Set(groups.flat())
    const others = Array.from({ length: this.nodes }, (_, i) => i + 1).filter((node) => !named.has(node))
    return [...groups.map((group) => [...group]), ...(others.length > 0 ? [others] : [])]
  }
}
