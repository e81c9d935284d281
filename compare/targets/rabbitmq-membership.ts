// Who belongs to the cluster, on a real one: rabbitmqctl's verbs by way of the control script, and what it answered. Called by
// `rabbitmq`.

import type { NodeNumber } from '../steps.ts'
import type { MembershipFault } from '../steps-membership.ts'
import { nodeView, pause, poll, type Site } from './site.ts'

/** Runs the control script; rejects with what it printed to stderr. */
type Control = (...words: string[]) => Promise<string>

/** The refusal, or `ok`; resolves when the others have noticed. */
export async function changeMembership(
  site: Site,
  control: Control,
  fault: MembershipFault,
): Promise<string> {
  const { node } = fault
  const name = `r${node}`
  // A node that has been reset must not find its old cluster by itself.
  if (fault.do === 'reset' || fault.do === 'force-reset') await control('apart', name).catch(() => '')
  if (fault.do === 'start-app' && fault.waits) {
    // It answers when it serves, or in ten minutes.
    control('ctl', name, 'start_app').catch(() => '')
    await pause(6000)
    return 'ok'
  }
  let said = 'ok'
  try {
    const printed = await control('ctl', name, ...words(site, fault))
    const already = /The node is already a member.*/.exec(printed)?.[0]
    if (already !== undefined) said = `ok: ${already}`
  } catch (error) {
    const text = (error as Error).message
    return `refused: ${/Error:\s*([^\n]+)/.exec(text)?.[1]?.trim() ?? text}`
  }
  if (fault.do === 'start-app')
    await poll(site, site.patience.arrival, async () => (await nodeView(site, node)) !== null)
  await pause(fault.do === 'start-app' ? 2500 : 1200)
  return said
}

function words(site: Site, fault: MembershipFault): string[] {
  const name = (node: NodeNumber) => site.nameOf(node)
  switch (fault.do) {
    case 'join':
      return ['join_cluster', ...(fault.ram ? ['--ram'] : []), name(fault.to)]
    case 'forget':
      return ['forget_cluster_node', name(fault.gone)]
    default:
      return [fault.do.replace('-', '_')]
  }
}
