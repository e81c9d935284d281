// Who belongs to the cluster, on Warren: each verb as the library has it, and what it answered. Called by `live`.

import type { MembershipFault } from '../steps-membership.ts'
import { nodeView, poll, type Site } from './site.ts'

/** What a node of `startCluster` can be told. */
export interface MembershipNode {
  stopApp(): Promise<void>
  startApp(): Promise<void>
  joinCluster(other: number, type?: 'disc' | 'ram'): Promise<boolean>
  reset(): Promise<void>
  forceReset(): Promise<void>
  forceBoot(): Promise<void>
  forgetClusterNode(other: number): Promise<void>
}

/** The refusal, or `ok`; resolves when the others have noticed. */
export async function changeMembership(
  site: Site,
  node: MembershipNode,
  fault: MembershipFault,
): Promise<string> {
  try {
    const said = await told(node, fault)
    if (fault.do === 'start-app' && !fault.waits)
      await poll(site, site.patience.arrival, async () => (await nodeView(site, fault.node)) !== null)
    return said
  } catch (error) {
    if ((error as Error).name !== 'MembershipError') throw error
    return `refused: ${(error as Error).message}`
  }
}

async function told(node: MembershipNode, fault: MembershipFault): Promise<string> {
  switch (fault.do) {
    case 'stop-app':
      await node.stopApp()
      break
    case 'start-app':
      await node.startApp()
      break
    case 'join': {
      const joined = await node.joinCluster(fault.to, fault.ram ? 'ram' : 'disc')
      return joined ? 'ok' : 'ok: The node is already a member of this cluster'
    }
    case 'reset':
      await node.reset()
      break
    case 'force-reset':
      await node.forceReset()
      break
    case 'force-boot':
      await node.forceBoot()
      break
    case 'forget':
      await node.forgetClusterNode(fault.gone)
  }
  return 'ok'
}
