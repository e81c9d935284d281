// The public API: a whole cluster in this process, for tests and tools. `startCluster` opens real ports; everything it
// opens is closed by `stop`.

import { type ExportedDefinitions, exportDefinitions } from './admin-ui/definitions/export.ts'
import { firstImport, importDefinitions } from './admin-ui/definitions/import.ts'
import { type Metrics, startMetrics } from './admin-ui/metrics/server.ts'
import { type PolicyVerbs, policyVerbs } from './admin-ui/policy-verbs.ts'
import { startAdmin } from './admin-ui/server.ts'
import { Cluster } from './nodes/cluster.ts'
import { changePolicies } from './nodes/cluster-policies.ts'
import type { NodeType } from './nodes/definitions.ts'
import type { Listener } from './nodes/listener.ts'
import { Ports } from './nodes/listener-ports.ts'
import { checkIdentity, type TlsIdentity } from './nodes/listener-tls.ts'
import { Live } from './nodes/live.ts'
import { type MembershipVerbs, membershipVerbs, started } from './nodes/live-membership.ts'
import { LiveMemory, memoryLimit } from './nodes/live-memory.ts'
import type { PartitionHandling, PauseIfAllDown } from './nodes/membership.ts'
import { immediate, netTick, type Timings } from './nodes/timings.ts'
import { MessageTrace } from './nodes/trace-messages.ts'
import type { PolicyChange } from './policies/change.ts'
import { PolicyChangeError } from './policies/change-reading.ts'
import { type DefinitionsFile, definitionsOf, parseDefinitions } from './policies/definitions-file.ts'
import { type Policy, parseOperatorPolicy, parsePolicy } from './policies/policy.ts'

export type { ExportedDefinitions } from './admin-ui/definitions/export.ts'
export type { PolicyVerbs } from './admin-ui/policy-verbs.ts'
export { MembershipError } from './nodes/cluster-membership.ts'
export { TlsError } from './nodes/listener-tls.ts'
export type { PartitionHandling } from './nodes/membership.ts'
export type { PolicyChange } from './policies/change.ts'
export { PolicyChangeError } from './policies/change-reading.ts'
export { DefinitionsError } from './policies/definitions-file.ts'
export type { Explanation } from './policies/explain.ts'
export type { Finding } from './policies/lint.ts'
export type { Policy } from './policies/policy.ts'
export type { Preview } from './policies/preview.ts'

/** A policy as in a policy file or the body of a PUT, with its name. */
export interface PolicyInput {
  readonly name: string
  readonly vhost?: string
  readonly pattern: string
  readonly 'apply-to'?: 'all' | 'queues' | 'exchanges'
  readonly priority?: number
  readonly definition: Readonly<Record<string, unknown>>
  /** An operator policy: limits that applications cannot exceed. */
  readonly operator?: boolean
}

/** Nodes pause while they reach none of `nodes`. */
export interface PauseIfAllDownInput extends Partial<Pick<PauseIfAllDown, 'recover'>> {
  readonly mode: PauseIfAllDown['mode']
  readonly nodes: readonly (number | string)[]
}

/** A second port of every node, for TLS. */
export interface TlsOptions {
  /** PEM text of the certificate and its key; both absent: throw-away ones are made, with a CA of their own. */
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  /** PEM text of the CAs that may vouch for clients' certificates; clients are asked for one only when it is given. */
  readonly ca?: string | Buffer
  /** The admin port speaks HTTPS, with the same certificate. */
  readonly admin?: boolean
  /** Of the first node; 0: any free ports. 5671 with one node, 5681 with several, 0 when the AMQP port is 0. */
  readonly port?: number
}

export interface StartOptions {
  /** How many nodes, 1 to 64; 3 by default. */
  readonly nodes?: number
  /** AMQP port of the first node, node i listens on port + i - 1; 0: any free ports. 5672 by default. */
  readonly port?: number
  /** Port of the admin page and HTTP API; 0: any free port; null: none. 15672 by default, any when `port` is 0. */
  readonly adminPort?: number | null
  /** How often rates and graphs of the admin port are brought up to date, in ms (collect_statistics_interval). 5 s by default. */
  readonly statisticsMs?: number
  /**
   * Prometheus port of the first node, node i on prometheusPort + i - 1; 0: any free ports; null: none. 15692 by default, any when
   * `port` or `adminPort` is 0, none when `adminPort` is null.
   */
  readonly prometheusPort?: number | null
  /** Address to listen on; loopback, IPv4 and IPv6, by default. */
  readonly host?: string
  readonly policies?: readonly PolicyInput[]
  /**
   * A definitions.json of RabbitMQ 3.10 or of Warren, as text or decoded, to start with. As on a real node its users and
   * vhosts are there instead of guest and /, not beside them; `policies` come after it.
   */
  readonly definitions?: string | object
  /**
   * What nodes do when they lose sight of each other: `ignore` by default, `pause_minority`, `autoheal`, or
   * `{ mode: 'pause_if_all_down', nodes: [1, 2], recover: 'autoheal' }` with nodes by number or name; recover `ignore` by default.
   */
  readonly partitionHandling?: PartitionHandling | PauseIfAllDownInput
  /** How long nodes take to notice that a link has fallen silent, a quarter more or less, in ms (net_ticktime). 60 s by default. */
  readonly netTickMs?: number
  /** Opens TLS ports; true: with throw-away certificates. None by default. */
  readonly tls?: TlsOptions | boolean
  /** How long a delivery may stay unacknowledged before its channel is closed, in ms; 0: for ever. 30 minutes by default. */
  readonly consumerTimeoutMs?: number
  /**
   * Memory of this process, as seen from outside, that the cluster stays below by no longer reading publishers: bytes, text
   * such as `512MB` or `1GiB`, or a share of the machine's memory up to 1. 0.4 by default.
   */
  readonly memoryLimit?: number | string
  /** How fast mirrors are filled at most, in bytes a second (mirroring_sync_max_throughput); as fast as RabbitMQ by default. */
  readonly syncThroughput?: number
  /** Of the random streams (placement, names). */
  readonly seed?: number
  /**
   * What is recorded: faults and the like, or the steps of every message too, the last 65,536 of them
   * (`cluster.trace.messages`), which costs some of the speed. Events by default.
   */
  readonly trace?: 'events' | 'messages'
}

/** One node of a running cluster. The verbs of membership are rabbitmqctl's, and throw its texts. */
export interface NodeHandle
  extends Omit<MembershipVerbs, 'joinCluster' | 'forgetClusterNode' | 'updateClusterNodes'> {
  readonly name: string
  /** amqp:// URL of this node. */
  readonly url: string
  readonly state: string
  /** As SIGKILL: sockets reset, what was not yet on the disk is gone. */
  kill(): Promise<void>
  /** A clean stop: clients are told (320) and its mirrors take over. */
  stop(): Promise<void>
  /** Starts it again; resolves once it serves, or waits for other nodes. */
  start(): Promise<void>
  /** Makes it a member of the cluster that `other` runs in; its application must be stopped. False: it is one already. */
  joinCluster(other: number | string, type?: NodeType): Promise<boolean>
  /** Removes a node that does not run from this one's cluster. `offline`: this one does not run either. */
  forgetClusterNode(other: number | string, options?: { offline?: boolean }): Promise<void>
  /** Learns anew from `other` who is in the cluster. */
  updateClusterNodes(other: number | string): Promise<void>
  /** As SIGSTOP: its sockets stay open and mute, and the others notice only after the net tick. */
  freeze(): Promise<void>
  /** As SIGCONT: it goes on as if nothing had been, and learns what the others have decided meanwhile. */
  thaw(): Promise<void>
}

export interface RunningCluster {
  /** amqp:// URL of each node. */
  readonly urls: readonly string[]
  /** amqps:// URL of each node; empty without TLS. */
  readonly tlsUrls: readonly string[]
  /** What clients need for throw-away certificates, as PEM text: the CA, and a certificate of user guest. Null with others. */
  readonly throwAway: { readonly ca: string; readonly cert: string; readonly key: string } | null
  /** http:// or https:// URL of the admin page; null without one. */
  readonly adminUrl: string | null
  /** http:// URL of each node's Prometheus metrics; empty without. */
  readonly metricsUrls: readonly string[]
  /** Node `number` (from 1) or by name. Throws when there is none. */
  node(which: number | string): NodeHandle
  /** Brings a brand-new node to life beside the others: a cluster of its own until it is told to `joinCluster`. */
  addNode(): Promise<NodeHandle>
  /** Cuts the links between groups of nodes, given by number or name; nodes not named form a group of their own. */
  cut(groups: readonly (readonly (number | string)[])[]): Promise<void>
  /** Cuts the one link between two nodes: a partial partition while a third sees both. */
  cutLink(a: number | string, b: number | string): Promise<void>
  /** As `cut`, but the links fall silent: nobody is told before the net tick. */
  silence(groups: readonly (readonly (number | string)[])[]): Promise<void>
  /** What `from` send no longer reaches `node`; what it sends arrives. */
  deafen(node: number | string, from: readonly (number | string)[]): Promise<void>
  /** As if the net tick had passed: whatever is silent is noticed now, without waiting for it. */
  noticeSilence(): Promise<void>
  /** Mends all links. */
  heal(): Promise<void>
  /** Sets a policy; throws RabbitMQ's validation text. Resolves when every reachable leader has been told. */
  setPolicy(policy: PolicyInput): Promise<void>
  clearPolicy(name: string, vhost?: string): Promise<boolean>
  /** What policies would do, did, and why they hold: nothing of it changes anything but `apply`. */
  readonly policies: PolicyVerbs
  /** Users, vhosts, permissions, parameters, policies, queues, exchanges and bindings, as definitions.json has them. */
  exportDefinitions(): Promise<ExportedDefinitions>
  /**
   * Takes in a definitions.json, as text or decoded. Queues and exchanges that are there stay, all else is overwritten.
   * Rejects with a DefinitionsError that names object, key and value; then nothing has been changed.
   */
  importDefinitions(definitions: string | object): Promise<void>
  /** The emulated cluster itself, for those who want to look deeper. */
  readonly cluster: Cluster
  /** Ends everything: sockets, ports, timers. */
  stop(): Promise<void>
}

/** Starts a cluster in this process. Rejects when a port is taken or a policy is not valid; then nothing is left open. */
export async function startCluster(options: StartOptions = {}): Promise<RunningCluster> {
  const { nodes = 3, port = 5672, host = '127.0.0.1', partitionHandling = 'ignore' } = options
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > 64)
    throw new RangeError(`nodes must be 1 to 64, not ${nodes}`)
  const adminPort = options.adminPort === undefined ? (port === 0 ? 0 : 15672) : options.adminPort
  const usual = port === 0 || adminPort === 0 ? 0 : 15692
  const { prometheusPort = adminPort === null ? null : usual } = options
  const policies = changeOf(options.policies ?? [])
  const definitions = options.definitions === undefined ? null : definitionsIn(options.definitions)
  const tls = await tlsOf(options.tls)
  const watermark = memoryLimit(options.memoryLimit ?? 0.4)
  const cluster = new Cluster({
    nodes,
    partitionHandling: handlingOf(partitionHandling),
    timings: timingsOf(options),
    now: Date.now(),
    ...(options.consumerTimeoutMs !== undefined && { consumerTimeoutMs: options.consumerTimeoutMs }),
    seed: options.seed ?? (Math.random() * 0x1_0000_0000) >>> 0,
    onBug: (error) => console.error('warren: internal error, please report:', error),
  })
  if (options.trace === 'messages') cluster.trace.messages = new MessageTrace()
  const first = cluster.members[0]!.name
  if (definitions !== null) firstImport(cluster, definitions)
  setPolicies(cluster, first, policies)
  const live = new Live(cluster)
  const memory = new LiveMemory(live, watermark)
  const tlsPort = tls?.port ?? (port === 0 ? 0 : nodes === 1 ? 5671 : 5681)
  const ports = new Ports(live, {
    host,
    port,
    tls: tls && { identity: tls.identity, port: tlsPort },
  })
  const closers: (() => unknown)[] = [() => live.stop(), () => memory.stop(), () => ports.close()]
  try {
    await ports.open()
    const { statisticsMs = 5000 } = options
    const admin =
      adminPort === null
        ? null
        : await startAdmin({
            ...{ live, ports, host, statisticsMs },
            port: adminPort,
            tls: tls?.admin ? tls.identity : null,
          })
    if (admin !== null) closers.push(() => admin.close())
    const metrics = prometheusPort === null ? null : await startMetrics(live, host, prometheusPort)
    if (metrics !== null) closers.push(() => metrics.close())
    ports.onAdd = async (member) => metrics?.add(member)
    return handleFor(live, ports, metrics, admin?.url ?? null, tls?.throwAway ?? null, closers)
  } catch (error) {
    for (const close of closers) close()
    throw error
  }
}

function timingsOf({ netTickMs, syncThroughput }: StartOptions): Timings {
  const { sync } = immediate
  const bytesPerMs = Math.min(sync.bytesPerMs, (syncThroughput ?? Infinity) / 1000)
  return {
    ...immediate,
    sync: { ...sync, bytesPerMs },
    ...(netTickMs !== undefined && { netTick: netTick(netTickMs) }),
  }
}

/** Throws TlsError for a certificate or key that cannot be used. */
async function tlsOf(options: TlsOptions | boolean | undefined): Promise<{
  identity: TlsIdentity
  admin: boolean
  port: number | undefined
  throwAway: RunningCluster['throwAway']
} | null> {
  if (options === undefined || options === false) return null
  const { cert, key, ca, port, admin = false } = options === true ? {} : options
  if (cert === undefined && key === undefined) {
    // Loaded only here: making certificates takes a library.
    const { throwAwayCertificates } = await import('./nodes/listener-certificates.ts')
    const { server, client } = await throwAwayCertificates(Date.now())
    const identity = { ...server, ca: ca === undefined ? server.ca : `${server.ca}\n${ca}` }
    checkIdentity(identity)
    return { identity, admin, port, throwAway: { ca: server.ca, ...client } }
  }
  if (cert === undefined || key === undefined) throw new TypeError('tls needs cert and key, or neither')
  const identity = { cert, key, ...(ca !== undefined && { ca }) }
  checkIdentity(identity)
  return { identity, admin, port, throwAway: null }
}

function handlingOf(handling: PartitionHandling | PauseIfAllDownInput): PartitionHandling {
  if (typeof handling === 'string') return handling
  const { mode, nodes, recover = 'ignore' } = handling
  const nameOf = (node: number | string) => (typeof node === 'number' ? `rabbit@node${node}` : node)
  return { mode, nodes: nodes.map(nameOf), recover }
}

const definitionsIn = (given: string | object): DefinitionsFile =>
  typeof given === 'string' ? parseDefinitions(given) : definitionsOf(given)

function policyOf({ name, vhost = '/', operator = false, ...body }: PolicyInput): Policy {
  return operator ? parseOperatorPolicy(vhost, name, body) : parsePolicy(vhost, name, body)
}

function changeOf(given: readonly PolicyInput[]): PolicyChange {
  const of = (operator: boolean) =>
    given.filter((policy) => (policy.operator ?? false) === operator).map(policyOf)
  return { set: of(false), setOperator: of(true) }
}

/** Throws PolicyChangeError for a vhost that is not there: such a policy would apply to nothing, for nobody to see. */
function setPolicies(cluster: Cluster, node: string, change: PolicyChange): void {
  const { vhosts } = cluster.islandOf(node).definitions
  for (const { vhost, name } of [...(change.set ?? []), ...(change.setOperator ?? [])])
    if (!vhosts.has(vhost))
      throw new PolicyChangeError(`Policy "${name}", vhost: there is no virtual host "${vhost}".`)
  changePolicies(cluster, node, change)
}

function handleFor(
  live: Live,
  ports: Ports,
  metrics: Metrics | null,
  adminUrl: string | null,
  throwAway: RunningCluster['throwAway'],
  closers: readonly (() => unknown)[],
): RunningCluster {
  const { cluster } = live
  const nameOf = (which: number | string) => {
    const name = typeof which === 'number' ? cluster.members[which - 1]?.name : which
    if (name === undefined || !cluster.hasMember(name))
      throw new RangeError(`no node ${which}: there are ${cluster.size}`)
    return name
  }
  const first = () => {
    const running = cluster.members.find((member) => member.state === 'running')
    if (running === undefined) throw new Error('no node is running')
    return running.name
  }
  const node = (which: number | string) =>
    nodeHandle(live, ports.plain.find((listener) => listener.member.name === nameOf(which))!, nameOf)
  return {
    get urls() {
      return ports.plain.map(urlOf)
    },
    get tlsUrls() {
      return ports.tls.map(urlOf)
    },
    throwAway,
    adminUrl,
    metricsUrls: metrics?.urls ?? [],
    cluster,
    node,
    addNode: async () => {
      const { name } = await ports.addNode()
      return node(name)
    },
    cut: async (groups) => live.act(() => cluster.partition(groups.map((group) => group.map(nameOf)))),
    cutLink: async (a, b) => live.act(() => cluster.cutLink(nameOf(a), nameOf(b))),
    silence: async (groups) => live.act(() => cluster.silence(groups.map((group) => group.map(nameOf)))),
    deafen: async (node, from) => live.act(() => cluster.deafen(nameOf(node), from.map(nameOf))),
    noticeSilence: async () => live.act(() => cluster.noticeSilence()),
    heal: async () => live.act(() => cluster.heal()),
    setPolicy: async (policy) => live.act(() => setPolicies(cluster, first(), changeOf([policy]))),
    policies: policyVerbs(live, first),
    exportDefinitions: async () => exportDefinitions(cluster.islandOf(first()).definitions),
    importDefinitions: async (given) => {
      const file = definitionsIn(given)
      live.act(() => importDefinitions(cluster, first(), file, null))
    },
    clearPolicy: async (name, vhost = '/') => live.act(() => cluster.clearPolicy(first(), vhost, name)),
    stop: async () => {
      for (const close of [...closers].reverse()) await close()
    },
  }
}

const urlOf = (listener: Listener) =>
  `${listener.tls === null ? 'amqp' : 'amqps'}://127.0.0.1:${listener.port}`

function nodeHandle(live: Live, listener: Listener, nameOf: (which: number | string) => string): NodeHandle {
  const { member } = listener
  const { cluster } = live
  const verbs = membershipVerbs(live, member.name, () => listener.isOpen)
  return {
    ...verbs,
    joinCluster: (other, type) => verbs.joinCluster(nameOf(other), type),
    forgetClusterNode: (other, options) => verbs.forgetClusterNode(nameOf(other), options),
    updateClusterNodes: (other) => verbs.updateClusterNodes(nameOf(other)),
    name: member.name,
    get url() {
      return urlOf(listener)
    },
    get state() {
      return member.state
    },
    kill: async () => live.act(() => cluster.kill(member.name)),
    stop: async () => {
      live.act(() => cluster.stop(member.name))
      await live.until(() => member.state === 'stopped', 10_000, `${member.name} to stop`)
    },
    start: async () => {
      live.act(() => cluster.start(member.name))
      await started(live, member.name, () => listener.isOpen)
    },
    freeze: async () => live.act(() => cluster.freeze(member.name)),
    thaw: async () => live.act(() => cluster.thaw(member.name)),
  }
}
