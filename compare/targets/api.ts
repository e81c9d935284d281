// Requests of RabbitMQ's HTTP API to a cluster in which nodes may be gone: asked of the first node that answers. Used by the real
// target; bodies come and go as the API has them.

import type { Policy } from '../../policies/policy.ts'
import type { QueueState } from '../scenario/target.ts'
import type { NodeNumber } from '../steps.ts'
import type { RealCluster } from './real-cluster.ts'

export interface Answer {
  /** 0: no node answers. */
  readonly status: number
  readonly body: unknown
}

const silent: Answer = { status: 0, body: null }
const patienceMs = 5000

/** As a node lists a queue; what it does not know is absent. */
interface QueueEntry {
  readonly name: string
  readonly node?: string
  readonly state?: string
  readonly slave_nodes?: readonly string[]
  readonly synchronised_slave_nodes?: readonly string[]
  readonly messages?: number
}

export interface SeenQueue extends QueueState {
  readonly name: string
  readonly state: string
}

interface NodeEntry {
  readonly name: string
  readonly running: boolean
  readonly partitions?: readonly string[]
}

/** What a node says of its cluster. */
export interface View {
  readonly running: readonly NodeNumber[]
  /** How many nodes it takes for partitioned away. */
  readonly partitions: number
}

export class Api {
  private readonly cluster: Omit<RealCluster, 'inflict' | 'repair' | 'close'>
  private readonly authorization: string

  constructor(cluster: Omit<RealCluster, 'inflict' | 'repair' | 'close'>) {
    this.cluster = cluster
    const { user, password } = cluster.login
    this.authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  }

  /** Of one node. */
  async ask(node: NodeNumber, method: string, path: string, body?: unknown): Promise<Answer> {
    try {
      const answer = await fetch(`${this.cluster.http(node)}/api/${path}`, {
        method,
        headers: { authorization: this.authorization, 'content-type': 'application/json' },
        signal: AbortSignal.timeout(patienceMs),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      // Where one server answers for all nodes, it says so of those that do not run.
      if (answer.status === 503) return silent
      return { status: answer.status, body: text === '' ? null : (JSON.parse(text) as unknown) }
    } catch {
      return silent
    }
  }

  /** Of the first node that answers. */
  async anyone(method: string, path: string, body?: unknown): Promise<Answer> {
    for (let node = 1; node <= this.cluster.nodes; node++) {
      const answer = await this.ask(node, method, path, body)
      if (answer.status !== 0) return answer
    }
    return silent
  }

  private get vhost(): string {
    return encodeURIComponent(this.cluster.login.vhost)
  }

  /** The refusal, or null. */
  async setPolicy(policy: Policy, operator: boolean): Promise<string | null> {
    const kind = operator ? 'operator-policies' : 'policies'
    const path = `${kind}/${this.vhost}/${encodeURIComponent(policy.name)}`
    const { status, body } = await this.anyone('PUT', path, {
      pattern: policy.pattern,
      definition: this.ownNames(policy.definition),
      priority: policy.priority,
      'apply-to': policy.applyTo,
    })
    if (status === 201 || status === 204) return null
    return (body as { reason?: string } | null)?.reason ?? `status ${status}`
  }

  /** rabbit@node1 as the cluster calls it. */
  private ownNames(definition: unknown): unknown {
    const text = JSON.stringify(definition).replace(/"rabbit@node(\d)"/g, (whole, number: string) =>
      Number(number) <= this.cluster.nodes ? JSON.stringify(this.cluster.nameOf(Number(number))) : whole,
    )
    return JSON.parse(text)
  }

  numberOf(name: string | undefined): NodeNumber | null {
    for (let node = 1; node <= this.cluster.nodes; node++) if (this.cluster.nameOf(node) === name) return node
    return null
  }

  /** The queues as the first node that answers shows them; null when nobody answers. */
  async queues(): Promise<SeenQueue[] | null> {
    const [{ status, body }, views] = await Promise.all([
      this.anyone('GET', `queues/${this.vhost}`),
      this.views(),
    ])
    if (status !== 200 || !Array.isArray(body)) return null
    return this.seen(body as QueueEntry[], views)
  }

  /** The same from what has been asked for. */
  private seen(entries: readonly QueueEntry[], views: readonly (View | null)[]): SeenQueue[] {
    return entries.map((entry) => {
      const numbers = (names: readonly string[] = []) =>
        names.map((name) => this.numberOf(name)).filter((node) => node !== null)
      // One that nobody leads is still listed with its last leader; a new one has no state yet.
      const node = this.numberOf(entry.node)
      const leads = entry.state !== 'down' && node !== null && views[node - 1] != null
      return {
        name: entry.name,
        state: entry.state ?? 'none',
        leader: leads ? node : null,
        mirrors: leads ? numbers(entry.slave_nodes) : [],
        synchronised: leads ? numbers(entry.synchronised_slave_nodes).sort() : [],
        messages: entry.messages ?? 0,
      }
    })
  }

  async act(queue: string, action: 'sync' | 'cancel_sync'): Promise<void> {
    await this.anyone('POST', `queues/${this.vhost}/${encodeURIComponent(queue)}/actions`, { action })
  }

  /** Which nodes run, as each of them sees it; null for one that does not answer. */
  async views(): Promise<(View | null)[]> {
    const nodes = Array.from({ length: this.cluster.nodes }, (_, i) => i + 1)
    return Promise.all(
      nodes.map(async (node) => {
        const { status, body } = await this.ask(node, 'GET', 'nodes?columns=name,running,partitions')
        if (status !== 200 || !Array.isArray(body)) return null
        const entries = body as NodeEntry[]
        const running = entries.filter((entry) => entry.running).map(({ name }) => this.numberOf(name))
        const own = entries.find(({ name }) => name === this.cluster.nameOf(node))
        return {
          running: running.filter((number) => number !== null),
          partitions: own?.partitions?.length ?? 0,
        }
      }),
    )
  }
}
