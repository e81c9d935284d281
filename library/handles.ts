// The verbs of a running cluster and of its nodes: each is one act upon the live cluster, by name or number.

import { exportDefinitions } from '../admin-ui/definitions/export.ts'
import { importDefinitions } from '../admin-ui/definitions/import.ts'
import type { Metrics } from '../admin-ui/metrics/server.ts'
import { policyVerbs } from '../admin-ui/policy-verbs.ts'
import type { Listener } from '../nodes/listener.ts'
import type { Ports } from '../nodes/listener-ports.ts'
import type { Live } from '../nodes/live.ts'
import { membershipVerbs, started } from '../nodes/live-membership.ts'
import { changeOf, definitionsIn, setPolicies } from './policies.ts'
import type { NodeHandle, RunningCluster } from './running-cluster.ts'

export function handleFor(
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
