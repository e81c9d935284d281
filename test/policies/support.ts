/** Short ways to say policies and replicas in the tests of this room. */
import { type QueueSettings, queueSettings } from '../../policies/effective.ts'
import type { Chance, Replicas, Step } from '../../policies/placement.ts'
import { nextStep } from '../../policies/placement.ts'
import { type Policy, PolicyError, parseOperatorPolicy, parsePolicy } from '../../policies/policy.ts'

export function policy(name: string, definition: object, more: object = {}): Policy {
  return parsePolicy('/', name, { pattern: '', definition, ...more })
}

export function operatorPolicy(name: string, definition: object): Policy {
  return parseOperatorPolicy('/', name, { pattern: '', definition })
}

export function settings(definition: object): QueueSettings {
  return Object.keys(definition).length === 0
    ? queueSettings({}, null, null)
    : queueSettings({}, policy('p', definition), null)
}

/** Status and reason of the PolicyError that `parse` throws; 201 when it throws none. */
export function refusal(parse: () => unknown): { status: number; reason: string } {
  try {
    parse()
    return { status: 201, reason: '' }
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    return { status: error.status, reason: error.reason }
  }
}

/** `r1 [r2* r3]`: leader r1, mirrors r2 (synchronised) and r3. */
export function replicas(text: string): Replicas {
  const [leader = '', list = ''] = text.replace(']', '').split(' [')
  const nodes = list.split(' ').filter((node) => node !== '')
  return {
    leader,
    mirrors: nodes.map((node) => ({ node: node.replace('*', ''), synced: node.endsWith('*') })),
  }
}

export function written(r: Replicas): string {
  return `${r.leader} [${r.mirrors.map((mirror) => mirror.node + (mirror.synced ? '*' : '')).join(' ')}]`
}

/** What a step makes of the replicas; an added mirror is synchronised only if the queue is empty. */
export function applied(r: Replicas, step: Step, empty = false): Replicas {
  switch (step.do) {
    case 'add':
      return { ...r, mirrors: [...r.mirrors, { node: step.node, synced: empty }] }
    case 'drop':
      return { ...r, mirrors: r.mirrors.filter((mirror) => mirror.node !== step.node) }
    case 'handover':
      return { leader: step.to, mirrors: r.mirrors.filter((mirror) => mirror.node !== step.to) }
  }
}

export const noChance: Chance = () => {
  throw new Error('chance was drawn')
}

interface Walk {
  readonly running?: readonly string[]
  readonly chance?: Chance
  /** The queue holds nothing, so that every new mirror is synchronised at once. */
  readonly empty?: boolean
  /** Whenever nothing is left to do, mirrors that lack messages are filled. */
  readonly automatic?: boolean
}

/** Every state from the start on, as long as there are steps. */
export function path(s: QueueSettings, start: string, walk: Walk = {}): string[] {
  const { running = ['r1', 'r2', 'r3'], chance = noChance, empty = false, automatic = false } = walk
  const states = [start]
  for (let r = replicas(start); states.length < 50; states.push(written(r))) {
    const step = nextStep(s, r, running, chance)
    if (step?.do === 'handover' && !r.mirrors.some((mirror) => mirror.node === step.to && mirror.synced)) {
      throw new Error(`handed over to ${step.to}, which is not synchronised, from ${written(r)}`)
    }
    if (step) r = applied(r, step, empty)
    else if (automatic && r.mirrors.some((mirror) => !mirror.synced)) r = filled(r)
    else return states
  }
  throw new Error(`no end: ${states.join(' > ')}`)
}

function filled(r: Replicas): Replicas {
  return { ...r, mirrors: r.mirrors.map((mirror) => ({ ...mirror, synced: true })) }
}
