// The public API: a whole cluster in this process, for tests and tools. `startCluster` opens real ports; everything it
// opens is closed by `stop`.

import { firstImport } from './admin-ui/definitions/import.ts'
import { startMetrics } from './admin-ui/metrics/server.ts'
import { startAdmin } from './admin-ui/server.ts'
import { handleFor } from './library/handles.ts'
import { handlingOf, type StartOptions, timingsOf } from './library/options.ts'
import { changeOf, definitionsIn, setPolicies } from './library/policies.ts'
import type { RunningCluster } from './library/running-cluster.ts'
import { tlsOf } from './library/tls.ts'
import { Cluster } from './nodes/cluster.ts'
import { Ports } from './nodes/listener-ports.ts'
import { Live } from './nodes/live.ts'
import { LiveMemory, memoryLimit } from './nodes/live-memory.ts'
import { MessageTrace } from './nodes/trace-messages.ts'

export type { ExportedDefinitions } from './admin-ui/definitions/export.ts'
export type { PolicyVerbs } from './admin-ui/policy-verbs.ts'
export type { PauseIfAllDownInput, PolicyInput, StartOptions, TlsOptions } from './library/options.ts'
export type { NodeHandle, RunningCluster } from './library/running-cluster.ts'
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
