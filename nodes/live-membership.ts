// Joining, leaving and forgetting by the wall clock: each verb resolves once it has come to rest. Used by the library and the
// control API; what the verbs do is `cluster-membership`'s.

import * as membership from './cluster-membership.ts'
import type { NodeType } from './definitions.ts'
import type { Live } from './live.ts'

/** How long an application may take to stop or start. */
const patienceMs = 10_000

/** What `rabbitmqctl -n NODE` can be told about membership. Each throws MembershipError in rabbitmqctl's words. */
export interface MembershipVerbs {
  /** Ends the node's application while its process lives: to join or leave a cluster, it must have ended. */
  stopApp(): Promise<void>
  /** Starts it again; resolves once it serves, or waits for other nodes. */
  startApp(): Promise<void>
  /** Makes the node a member of the cluster that `other` runs in. False: it is one already. */
  joinCluster(other: string, type?: NodeType): Promise<boolean>
  /** Leaves the cluster, forgetting everything. */
  reset(): Promise<void>
  /** As `reset`, without telling the others. */
  forceReset(): Promise<void>
  /** The next start waits for nobody. */
  forceBoot(): Promise<void>
  /** Removes a node that does not run from this one's cluster. `offline`: this one does not run either. */
  forgetClusterNode(other: string, options?: { offline?: boolean }): Promise<void>
  updateClusterNodes(other: string): Promise<void>
  changeClusterNodeType(type: NodeType): Promise<void>
}

/** The verbs for node `name`, whose port is open when `isOpen` says so. */
export function membershipVerbs(live: Live, name: string, isOpen: () => boolean): MembershipVerbs {
  const { cluster } = live
  const member = cluster.member(name)
  return {
    stopApp: async () => {
      live.act(() => membership.stopApp(cluster, name))
      await live.until(() => member.state !== 'stopping', patienceMs, `the application of ${name} to stop`)
    },
    startApp: async () => {
      live.act(() => membership.startApp(cluster, name))
      await started(live, name, isOpen)
    },
    joinCluster: async (other, type) => live.act(() => membership.joinCluster(cluster, name, other, type)),
    reset: async () => live.act(() => membership.reset(cluster, name)),
    forceReset: async () => live.act(() => membership.forceReset(cluster, name)),
    forceBoot: async () => live.act(() => membership.forceBoot(cluster, name)),
    forgetClusterNode: async (other, { offline = false } = {}) =>
      live.act(() => membership.forgetNode(cluster, name, other, offline)),
    updateClusterNodes: async (other) => live.act(() => membership.updateNodes(cluster, name, other)),
    changeClusterNodeType: async (type) => live.act(() => membership.changeType(cluster, name, type)),
  }
}

/** Resolves once the node serves or waits for others. Throws when its start was refused. */
export async function started(live: Live, name: string, isOpen: () => boolean): Promise<void> {
  const member = live.cluster.member(name)
  const done = () => (member.state === 'running' ? isOpen() : member.state !== 'starting')
  await live.until(done, patienceMs, `${name} to start`)
  if (member.refusal !== null) throw new membership.MembershipError('refused', name, member.refusal)
}
