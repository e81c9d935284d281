// How the catalogue's files write their scenarios down: a name, steps, and what the real broker leaves open. No scenario here.

import {
  clearPolicy,
  declare,
  type PartitionHandling,
  policy,
  type Scenario,
  type Step,
  until,
} from '../../../compare/steps.ts'
import type { OpenName } from '../open.ts'

interface Options {
  readonly handling?: PartitionHandling
  readonly nodes?: number
  readonly tick?: number
  readonly open?: readonly OpenName[]
}

export function scenario(
  name: string,
  steps: readonly (Step | readonly Step[])[],
  options: Options = {},
): Scenario {
  const { handling = 'ignore', nodes, tick, open = [] } = options
  return {
    name,
    steps: steps.flat() as Step[],
    handling,
    ...(nodes !== undefined && { nodes }),
    ...(tick !== undefined && { tick }),
    open,
  }
}

/** A scenario in which several nodes come back at once. */
export const several = (name: string, steps: Parameters<typeof scenario>[1], options: Options): Scenario =>
  scenario(name, steps, { open: ['mirror order'], ...options })

/** A `nodes` policy for queues whose name begins with `queue`; its name is `ha`. */
export const nodesPolicy = (
  queue: string,
  nodes: readonly number[],
  more: Record<string, unknown> = {},
): Step =>
  policy(nodes[0]!, 'ha', `^${queue}`, {
    'ha-mode': 'nodes',
    'ha-params': nodes.map((node) => `node${node}`),
    ...more,
  })

/**
 * Declares `queue` with its leader on the first node and mirrors on the others, in that order: a real cluster takes the
 * mirrors of one change in any order, so they are added one by one.
 */
export function mirrored(
  queue: string,
  nodes: readonly number[] = [1, 2, 3],
  more: Record<string, unknown> = {},
  options: Parameters<typeof declare>[2] = {},
): Step[] {
  const [leader, ...mirrors] = nodes
  const steps = [declare(leader!, queue, options)]
  for (let count = 2; count <= nodes.length; count++)
    steps.push(
      nodesPolicy(queue, nodes.slice(0, count), more),
      until(leader!, queue, { leader: leader!, mirrors: mirrors.slice(0, count - 1) }),
    )
  return steps
}

export const noPolicy = (on = 1): Step => clearPolicy(on, 'ha')
