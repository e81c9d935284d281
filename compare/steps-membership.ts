// The steps of a scenario that change who belongs to the cluster: part of the faults in `steps`. What a node answers to such a
// step is part of the outcome.

import type { NodeNumber, Step } from './steps.ts'

/** `node` is told; `rabbitmqctl -n` would name it. */
export type MembershipFault =
  | {
      readonly do: 'stop-app' | 'reset' | 'force-reset' | 'force-boot'
      readonly node: NodeNumber
    }
  /** `waits`: it is known that the node cannot serve until others have started too. */
  | { readonly do: 'start-app'; readonly node: NodeNumber; readonly waits?: boolean }
  | { readonly do: 'join'; readonly node: NodeNumber; readonly to: NodeNumber; readonly ram?: boolean }
  | { readonly do: 'forget'; readonly node: NodeNumber; readonly gone: NodeNumber }

const verbs: ReadonlySet<string> = new Set<MembershipFault['do']>([
  'stop-app',
  'start-app',
  'reset',
  'force-reset',
  'force-boot',
  'join',
  'forget',
])

export function isMembershipFault(step: { readonly do: string }): step is MembershipFault {
  return verbs.has(step.do)
}

// ---- short ways to write steps

export const stopApp = (node: NodeNumber): Step => ({ do: 'stop-app', node })
export const startApp = (node: NodeNumber, waits = false): Step => ({ do: 'start-app', node, waits })
export const reset = (node: NodeNumber): Step => ({ do: 'reset', node })
export const forceReset = (node: NodeNumber): Step => ({ do: 'force-reset', node })
export const forceBoot = (node: NodeNumber): Step => ({ do: 'force-boot', node })
export const join = (node: NodeNumber, to: NodeNumber, ram = false): Step => ({ do: 'join', node, to, ram })
export const forget = (node: NodeNumber, gone: NodeNumber): Step => ({ do: 'forget', node, gone })
export const members = (): Step => ({ do: 'members' })
