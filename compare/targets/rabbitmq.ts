// A real RabbitMQ cluster as a site: a control script starts, kills, stops, cuts and heals its nodes; clients and HTTP go
// straight to them. Used to record what the real one answers; a node's name is rN@localhost.

import { execFile } from 'node:child_process'
import type { Fault, NodeNumber, PartitionHandling, Setup } from '../steps.ts'
import { isMembershipFault, type MembershipFault } from '../steps-membership.ts'
import { changeMembership } from './rabbitmq-membership.ts'
import type { ControlScript } from './rabbitmq-own.ts'
import { nodeView, type Patience, pause, poll, request, type Site } from './site.ts'

/** Statistics reach the HTTP API after a second instead of five. */
export const quickStatistics = [
  'management.sample_retention_policies.global.minute = 1',
  'management.sample_retention_policies.basic.minute = 1',
  'management.sample_retention_policies.detailed.10 = 1',
]

/** For recordings. */
export const promptStatistics: readonly string[] = [
  ...quickStatistics,
  // Of no effect unless filling mirrors takes 50 ms: then it takes seconds, in which a scenario can ask.
  'mirroring_sync_max_throughput = 250kB',
]

const patience: Patience = { answer: 4000, arrival: 12_000, quiet: 1500, stable: 3200, poll: 250 }

type PlainFault = Exclude<Fault, MembershipFault>

/** A cluster under the control of `script`. `up` must be called before anything else. */
export class RabbitCluster implements Site {
  size: number
  readonly patience = patience
  version = 'unknown'
  private readonly script: ControlScript
  private ports: { amqp: number; http: number }[] = []
  /** What it was started for; null: the next `up` starts from nothing. */
  private setup: Required<Setup> | null = null
  private readonly stopped = new Set<NodeNumber>()
  private readonly frozen = new Set<NodeNumber>()
  private groups: readonly (readonly NodeNumber[])[] | null = null
  /** Something was done to it that a repair does not undo. */
  private scarred = false
  private readonly vhosts: string[] = []
  private named = 0

  constructor(script: ControlScript, size = 3) {
    this.script = script
    this.size = size
  }

  amqpUrl(node: NodeNumber): string {
    return `amqp://guest:guest@127.0.0.1:${this.ports[node - 1]!.amqp}`
  }

  httpUrl(node: NodeNumber): string {
    return `http://127.0.0.1:${this.ports[node - 1]!.http}`
  }

  nameOf(node: NodeNumber): string {
    return `r${node}@localhost`
  }

  /** Ready for scenarios that want `setup`: kept as it is when whole, started from nothing otherwise. */
  async up({ handling, nodes = 3, tick = 60 }: Setup, settings = promptStatistics): Promise<void> {
    const setup = { handling, nodes, tick }
    await this.readPorts()
    if (JSON.stringify(this.setup) === JSON.stringify(setup) && (await this.repaired())) return
    this.setup = setup
    this.size = nodes
    await this.control('up', String(nodes), ...handlingLines(handling), ...settings)
    await this.readPorts()
    this.stopped.clear()
    this.frozen.clear()
    this.groups = null
    this.scarred = false
    this.vhosts.length = 0
    const { body } = await request(this, 1, 'GET', 'overview')
    this.version = (body as { rabbitmq_version: string }).rabbitmq_version
  }

  async down(): Promise<void> {
    await this.control('down')
    this.setup = null
  }

  /** The next `up` starts from nothing: something has gone wrong that a repair may not show. */
  distrust(): void {
    this.setup = null
  }

  async openVhost(): Promise<string> {
    const name = `s${++this.named}`
    this.vhosts.push(name)
    const ready = await poll(this, patience.arrival, async () => {
      await request(this, 1, 'PUT', `vhosts/${name}`)
      const { body } = await request(this, this.size, 'GET', `vhosts/${name}`)
      const { cluster_state: state = {} } = (body ?? {}) as { cluster_state?: Record<string, string> }
      if (Object.values(state).filter((one) => one === 'running').length < this.size) return false
      // On a busy machine the first request is given up before the vhost runs everywhere, and its maker then gets none.
      const all = { configure: '.*', write: '.*', read: '.*' }
      const { status } = await request(this, 1, 'PUT', `permissions/${name}/guest`, all)
      return status === 201 || status === 204
    })
    if (!ready) throw new Error(`vhost ${name} does not come up on all nodes`)
    return name
  }

  async rebalance(node: NodeNumber, vhost: string): Promise<string> {
    // Not over HTTP, which knows no bounds: other scenarios run beside this one.
    const call = `rabbit_amqqueue:rebalance(all, <<"^${vhost}$">>, <<".*">>).`
    let answer = ''
    // One at a time in the whole cluster.
    await poll(this, patience.arrival, async () => {
      answer = await this.control('ctl', `r${node}`, 'eval', call)
      return !answer.includes('rebalance_in_progress')
    })
    return answer.startsWith('{ok,') ? '204' : answer
  }

  async harm(fault: Fault): Promise<string | undefined> {
    if (isMembershipFault(fault)) return changeMembership(this, (...words) => this.control(...words), fault)
    await this.doHarm(fault)
    return undefined
  }

  private async doHarm(fault: PlainFault): Promise<void> {
    await this.inflict(fault, fault.do === 'start' && !fault.waits)
    switch (fault.do) {
      case 'kill':
      case 'stop':
        return this.noticed(fault.node, false)
      case 'start':
        return fault.waits ? pause(4000) : this.noticed(fault.node, true)
      case 'cut':
        return pause(4000)
      case 'cut-link':
      case 'thaw':
        return pause(8000)
      case 'tick':
        return pause((this.setup?.tick ?? 60) * 1250 + 3000)
      case 'heal':
        return this.healed()
      case 'silence':
      case 'deafen':
      case 'freeze':
    }
  }

  /** Carries it out and does not wait for what follows; `ready`: but for a node that starts to serve. */
  async inflict(fault: PlainFault, ready = false): Promise<void> {
    switch (fault.do) {
      case 'kill':
      case 'stop':
        await this.control(fault.do, `r${fault.node}`)
        this.stopped.add(fault.node)
        return
      case 'start':
        await this.control('start', `r${fault.node}`, ...(ready ? [] : ['nowait']))
        this.stopped.delete(fault.node)
        return
      case 'cut':
        return this.cut('split', fault.groups)
      case 'silence':
        return this.cut('silence', fault.groups)
      case 'cut-link': {
        const [a, b] = fault.between
        this.groups = this.all().map((node) => [node])
        // Under pause_minority both pause; else one of them leaves the others, and the script says which.
        const how = this.setup?.handling === 'pause_minority' ? 'cut' : 'part'
        await this.control(how, `r${a}`, `r${b}`)
        return
      }
      case 'deafen':
        this.groups = this.all().map((node) => [node])
        await this.control('deaf', `r${fault.node}`, ...fault.to.map((node) => `r${node}`))
        return
      case 'freeze':
        await this.control('freeze', `r${fault.node}`)
        this.frozen.add(fault.node)
        // Whether it comes back whole or not, the next scenarios get a new cluster.
        this.scarred = true
        return
      case 'thaw':
        await this.control('thaw', `r${fault.node}`)
        this.frozen.delete(fault.node)
        return
      case 'heal':
        return this.heal()
      case 'tick':
    }
  }

  /** Thaws, mends and starts whatever is frozen, cut or stopped; that takes effect later. */
  async repair(): Promise<void> {
    for (const node of [...this.frozen]) await this.inflict({ do: 'thaw', node })
    await this.heal()
    for (const node of [...this.stopped]) await this.inflict({ do: 'start', node })
  }

  private async noticed(node: NodeNumber, running: boolean): Promise<void> {
    await poll(this, patience.arrival, async () => {
      const views = await Promise.all(this.all().map((other) => nodeView(this, other)))
      return views.every((view) => view === null || view.running.includes(node) === running)
    })
    // A promotion takes up to 250 ms after that.
    await pause(700)
  }

  private async cut(how: 'split' | 'silence', groups: readonly (readonly NodeNumber[])[]): Promise<void> {
    this.groups = groups
    await this.control(how, ...groups.map(words))
  }

  private async heal(): Promise<void> {
    const { groups } = this
    this.groups = null
    if (groups === null) return
    // The sides do not become one again by themselves.
    if (this.setup?.handling === 'ignore') this.scarred = true
    await this.control('mend', ...groups.map(words))
  }

  private async healed(): Promise<void> {
    await pause(4000)
    if (this.setup?.handling === 'ignore') return
    // Whoever paused or lost restarts: some seconds to notice, some to stop, some to start.
    await pause(6000)
    await poll(this, 20_000, () => this.isWhole())
  }

  private async isWhole(): Promise<boolean> {
    const views = await Promise.all(this.all().map((node) => nodeView(this, node)))
    return views.every((v) => v !== null && v.running.length === this.size && v.partitions.length === 0)
  }

  private all(): NodeNumber[] {
    return Array.from({ length: this.size }, (_, i) => i + 1)
  }

  /** Starts what is down and drops the vhosts of past scenarios; false when the cluster is not whole after that. */
  private async repaired(): Promise<boolean> {
    if (this.groups !== null || this.scarred) return false
    try {
      for (const node of this.stopped) await this.control('start', `r${node}`, 'nowait')
      this.stopped.clear()
      const whole = await poll(this, 20_000, () => this.isWhole())
      const gone = await Promise.all(
        this.vhosts.splice(0).map((name) => request(this, 1, 'DELETE', `vhosts/${name}`)),
      )
      return whole && gone.every(({ status }) => status === 204)
    } catch {
      return false
    }
  }

  private async readPorts(): Promise<void> {
    const text = await this.control('env')
    const found = [...text.matchAll(/^r\d amqp=(\d+) mgmt=(\d+)/gm)]
    this.ports = found.map(([, amqp, http]) => ({ amqp: Number(amqp), http: Number(http) }))
  }

  private control(...words: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      execFile(
        'bash',
        [this.script.path, ...words],
        {
          ...{ env: { ...process.env, ...this.script.env, ...this.ticking() }, maxBuffer: 1 << 24 },
          ...(this.script.signal !== undefined && { signal: this.script.signal }),
        },
        (error, stdout, stderr) => {
          if (error === null) resolve(stdout)
          else if (this.script.signal?.aborted) reject(new Error('interrupted'))
          else reject(new Error(`${words.join(' ')}: ${stderr.trim() || error.message}`))
        },
      )
    })
  }

  private ticking(): Record<string, string> {
    const { tick = 60 } = this.setup ?? {}
    return tick === 60 ? {} : { ORACLE_ERL_ARGS: `-kernel net_ticktime ${tick}` }
  }
}

const words = (group: readonly NodeNumber[]): string => group.map((node) => `r${node}`).join(',')

/** The lines of rabbitmq.conf that say how partitions are handled. */
function handlingLines(handling: PartitionHandling): string[] {
  if (typeof handling === 'string') return [`cluster_partition_handling = ${handling}`]
  const { mode, nodes, recover } = handling
  return [
    `cluster_partition_handling = ${mode}`,
    `cluster_partition_handling.${mode}.recover = ${recover}`,
    ...nodes.map((node, i) => `cluster_partition_handling.${mode}.nodes.${i + 1} = r${node}@localhost`),
  ]
}
