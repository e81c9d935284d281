// A real cluster as a target of scenarios: the same clients over sockets and the wall clock, faults by whoever controls the
// cluster, and what its HTTP API shows. It sees what operators see; what happens inside a broker it does not know.

import type { Clock, Network } from '../line.ts'
import type {
  ClusterCondition,
  Evidence,
  Opening,
  PlainAction,
  QueueState,
  Target,
} from '../scenario/target.ts'
import { Api } from './api.ts'
import { isRequest, type RealCluster } from './real-cluster.ts'
import { Sightings } from './sightings.ts'
import { Sockets } from './sockets.ts'
import { Unusable } from './unusable.ts'
import { WallClock } from './wall-clock.ts'

/** Between two looks at whether a run is over, in ms, when the runner does not say. */
const usualStepMs = 20
/** How long a repaired cluster may take to be whole. */
const wholeMs = 180_000

export class RealTarget implements Target {
  readonly kind = 'rabbitmq'
  readonly network: Network
  readonly clock: Clock
  private readonly cluster: RealCluster
  private readonly api: Api
  private readonly wall: WallClock
  private readonly sockets: Sockets
  private readonly sightings: Sightings
  private failure: unknown = null
  private fail: (error: unknown) => void = () => {}
  private closed: Promise<void> | null = null

  private constructor(cluster: RealCluster, opening: Opening) {
    this.cluster = cluster
    this.api = new Api(cluster)
    const failed = (error: unknown) => {
      this.failure ??= error
      this.fail(error)
    }
    this.wall = new WallClock(opening.seed, failed)
    this.clock = this.wall
    this.sockets = new Sockets((node) => cluster.amqp(numberOf(node)), failed)
    this.network = Object.assign(this.sockets, { login: cluster.login })
    this.sightings = new Sightings(this.api, this.wall, cluster.nodes)
  }

  /** On a cluster that is whole, in a vhost that is empty. Throws Unusable when it refuses a policy. */
  static async open(cluster: RealCluster, opening: Opening): Promise<RealTarget> {
    const target = new RealTarget(cluster, opening)
    const policies = [
      ...opening.policies.map((policy) => [policy, false] as const),
      ...opening.operatorPolicies.map((policy) => [policy, true] as const),
    ]
    for (const [policy, operator] of policies) {
      const refusal = await target.api.setPolicy(policy, operator)
      if (refusal === null) continue
      await target.close()
      throw new Unusable(`RabbitMQ refuses the policy ${policy.name}: ${refusal.replace(/\s+/g, ' ').trim()}`)
    }
    target.sightings.begin()
    return target
  }

  run(until: () => boolean, limitMs: number, stepMs = usualStepMs): Promise<void> {
    return new Promise((resolve, reject) => {
      let over = false
      const end = (act: () => void) => {
        if (over) return
        over = true
        this.fail = () => {}
        act()
      }
      this.fail = (error) => end(() => reject(error))
      const look = () => {
        if (over) return
        if (until() || this.wall.now >= limitMs) return end(resolve)
        this.wall.after(Math.min(stepMs, limitMs - this.wall.now), look)
      }
      if (this.failure !== null) end(() => reject(this.failure))
      else this.guarded(look)
    })
  }

  inflict(action: PlainAction, done: () => void): void {
    this.answer(this.carryOut(action), done)
  }

  private async carryOut(action: PlainAction): Promise<void> {
    if (action.do === 'sync' || action.do === 'cancel-sync')
      return this.api.act(action.queue, action.do === 'sync' ? 'sync' : 'cancel_sync')
    if (isRequest(action)) return
    await this.cluster.inflict(action)
    this.sightings.inflicted(action)
  }

  look(queue: string, answer: (state: QueueState | null) => void): void {
    this.answer(this.api.queues(), (queues) => answer(queues?.find(({ name }) => name === queue) ?? null))
  }

  watch(condition: ClusterCondition, then: () => void): void {
    this.sightings.watch(condition, then)
  }

  repair(done: () => void): void {
    this.answer(this.repaired(), done)
  }

  private async repaired(): Promise<void> {
    await this.cluster.repair()
    const limit = this.wall.now + wholeMs
    while (this.wall.now < limit && this.closed === null) {
      const views = await this.api.views()
      if (views.every((view) => view !== null && view.running.length === this.cluster.nodes)) return
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
  }

  async evidence(): Promise<Evidence> {
    const holdings = await this.sightings.holdings()
    return { events: this.sightings.events, links: null, holdings, journeys: null }
  }

  close(): Promise<void> {
    this.closed ??= this.end()
    return this.closed
  }

  private async end(): Promise<void> {
    this.sightings.stop()
    this.wall.stop()
    this.sockets.close()
    await this.cluster.close()
  }

  /** Hands on what comes of `work` like any task of the clock; nothing after the end. */
  private answer<T>(work: Promise<T>, then: (result: T) => void): void {
    work.then(
      (result) => {
        if (this.closed === null) this.guarded(() => then(result))
      },
      (error: unknown) => {
        if (this.closed !== null) return
        this.failure ??= error
        this.fail(error)
      },
    )
  }

  private guarded(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.failure ??= error
      this.fail(error)
    }
  }
}

const numberOf = (node: string) => Number(/^rabbit@node(\d)$/.exec(node)?.[1])
