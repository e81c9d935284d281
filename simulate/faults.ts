// What is done to a cluster in a simulation, one row each: whether it can be done now and how. Whoever adds a verb to the
// cluster adds a row here, and the coverage table gets its cells. Chance comes from a stream of its own.

import {
  forceReset,
  forgetNode,
  joinCluster,
  knownTo,
  MembershipError,
  reset,
  stopApp,
} from '../nodes/cluster-membership.ts'
import { observed } from '../nodes/timings.ts'
import { parsePolicy } from '../policies/policy.ts'
import { policies } from './kinds.ts'
import { pickOf } from './plan.ts'
import type { World } from './world.ts'

export interface FaultRow {
  readonly name: string
  /** It disturbs: loses nodes, links or time. Policy changes and the like do not. */
  readonly hard: boolean
  /** How often it is drawn, against the others. */
  readonly weight: (world: World) => number
  /** Does it; says to what. Null when it could not be done after all. */
  readonly apply: (world: World, chance: () => number) => string | null
}

const running = (world: World) => world.cluster.members.filter(({ state }) => state === 'running')
const stopped = (world: World) => world.cluster.members.filter(({ state }) => state === 'stopped')
const several = (world: World) => world.cluster.size > 1
const frozen = (world: World) => world.cluster.members.filter(({ state }) => state === 'frozen')
/** One thing stands still at a time: what several do to one another has not been seen on a real cluster. */
const isAwake = (world: World) => frozen(world).length === 0
const isCut = (world: World) => [...world.cluster.allLinks()].some(({ state }) => state !== 'up')

/** Of those running, more often one that leads something. */
function victim(world: World, chance: () => number): string | null {
  const nodes = running(world)
  if (nodes.length === 0) return null
  const leading = nodes.filter(({ node }) => (node?.leaders.size ?? 0) > 0)
  return pickOf(leading.length > 0 && chance() < 0.6 ? leading : nodes, chance).name
}

export const faultRows: readonly FaultRow[] = [
  {
    name: 'kill',
    hard: true,
    weight: (world) => (running(world).length > 1 || !several(world) ? 4 : 1),
    apply: (world, chance) => {
      const name = victim(world, chance)
      if (name !== null) world.cluster.kill(name)
      return name
    },
  },
  {
    name: 'stop',
    hard: true,
    weight: (world) => (running(world).length > 1 || !several(world) ? 3 : 1),
    apply: (world, chance) => {
      const name = victim(world, chance)
      if (name !== null) world.cluster.stop(name)
      return name
    },
  },
  {
    name: 'start',
    hard: false,
    weight: (world) => 4 * stopped(world).length,
    apply: (world, chance) => {
      const nodes = stopped(world)
      const chosen = chance() < 0.3 ? nodes : [pickOf(nodes, chance)]
      for (const { name } of chosen) world.cluster.start(name)
      return chosen.map(({ name }) => name).join(' ')
    },
  },
  {
    name: 'cut',
    hard: true,
    weight: (world) => (several(world) && !isCut(world) ? 4 : 0),
    apply: (world, chance) => {
      const sides: string[][] = [[], []]
      if (world.cluster.size > 3 && chance() < 0.2) sides.push([])
      for (const { name } of world.cluster.members) pickOf(sides, chance).push(name)
      const groups = sides.filter((side) => side.length > 0)
      if (groups.length < 2) return null
      world.cluster.partition(groups)
      return groups.map((group) => group.join('+')).join(' | ')
    },
  },
  {
    name: 'cut one link',
    hard: true,
    weight: (world) => (several(world) && !isCut(world) ? 1.5 : 0),
    apply: (world, chance) => {
      const links = [...world.cluster.allLinks()]
      const { from, to } = pickOf(links, chance)
      world.cluster.cutLink(from, to)
      return `${from} ${to}`
    },
  },
  {
    name: 'silence',
    hard: true,
    weight: (world) => (several(world) && !isCut(world) && isAwake(world) ? 2 : 0),
    apply: (world, chance) => {
      const names = world.cluster.members.map(({ name }) => name)
      if (chance() < 0.2) {
        const deaf = pickOf(names, chance)
        const unheard = names.filter((name) => name !== deaf && chance() < 0.5)
        if (unheard.length === 0) return null
        world.cluster.deafen(deaf, unheard)
        return `${deaf} hears no ${unheard.join('+')}`
      }
      const groups = [names.filter(() => chance() < 0.5), names].filter((group) => group.length > 0)
      const [some = []] = groups
      if (some.length === names.length) return null
      world.cluster.silence([some])
      return some.join('+')
    },
  },
  {
    name: 'freeze',
    hard: true,
    weight: (world) =>
      (running(world).length > 1 || !several(world)) && !isCut(world) && isAwake(world) ? 3 : 0,
    apply: (world, chance) => {
      const name = victim(world, chance)
      if (name !== null) world.cluster.freeze(name)
      return name
    },
  },
  {
    name: 'thaw',
    hard: false,
    weight: (world) => 6 * frozen(world).length,
    apply: (world, chance) => {
      const { name } = pickOf(frozen(world), chance)
      world.cluster.thaw(name)
      return name
    },
  },
  {
    name: 'leave and join',
    hard: true,
    weight: (world) => (running(world).length > 1 ? 1.5 : 0),
    apply: (world, chance) => {
      const name = victim(world, chance)
      if (name === null) return null
      stopApp(world.cluster, name)
      const resets = chance() < 0.6
      world.target.after(200 + 500 * chance(), () => {
        if (resets) allowed(() => reset(world.cluster, name))
        bringUp(world, name)
      })
      return `${name}${resets ? ' reset' : ''}`
    },
  },
  {
    name: 'forget',
    hard: false,
    weight: (world) => (stopped(world).length > 0 && running(world).length > 0 ? 2 : 0),
    apply: (world, chance) => {
      const [by, gone] = [pickOf(running(world), chance).name, pickOf(stopped(world), chance).name]
      return allowed(() => forgetNode(world.cluster, by, gone)) ? `${gone} by ${by}` : null
    },
  },
  {
    name: 'heal',
    hard: false,
    weight: (world) => (isCut(world) ? 8 : 0),
    apply: (world) => {
      world.cluster.heal()
      return 'all'
    },
  },
  {
    name: 'delay',
    hard: true,
    weight: (world) => (several(world) ? 1.5 : 0),
    apply: (world, chance) => {
      const slow = chance() < 0.7
      let count = 0
      for (const link of world.cluster.allLinks()) {
        if (slow && chance() < 0.5) continue
        link.delayMs = slow ? 40 * chance() ** 2 : observed.linkDelayMs
        count++
      }
      return `${slow ? 'slow' : 'fast'} ${count}`
    },
  },
  {
    name: 'policy',
    hard: false,
    weight: () => 3,
    apply: (world, chance) => {
      const nodes = running(world)
      if (nodes.length === 0) return null
      return setPolicy(world, pickOf(nodes, chance).name, chance)
    },
  },
  {
    name: 'sync',
    hard: false,
    weight: (world) => (several(world) ? 2 : 0),
    apply: (world, chance) => {
      const nodes = running(world).flatMap(({ node }) => node ?? [])
      const records = nodes.flatMap((node) =>
        [...node.leaders.keys()].flatMap((id) => node.definitions.queuesById.get(id) ?? []),
      )
      const mirrored = records.filter(({ mirrors, state }) => mirrors.length > 0 && state === 'running')
      if (mirrored.length === 0) return null
      const record = pickOf(mirrored, chance)
      const node = world.cluster.member(record.leader).node
      if (node === null) return null
      const nobody = { answered: () => {} }
      node.request(world.cluster.nextId(), nobody, { node: node.name, channel: 0 }, record, { op: 'sync' })
      return record.name
    },
  },
]

/** Does what the cluster may refuse; false when it did. */
function allowed(verb: () => unknown): boolean {
  try {
    verb()
    return true
  } catch (error) {
    if (error instanceof MembershipError) return false
    throw error
  }
}

/** Starts a node that does not run; when it and the cluster no longer take one another for fellows, it joins anew. */
export function bringUp({ cluster }: World, name: string): void {
  const member = cluster.member(name)
  const [island] = cluster.islands
  const other = [...(island?.members ?? [])].find((one) => one !== name)
  if (island === undefined || other === undefined) return cluster.start(name)
  const listed = island.definitions.nodes.has(name)
  const estranged = !listed || !knownTo(member).has(other)
  // Those it waits for, while it pauses, have gone to another cluster.
  if (member.state === 'paused' && estranged) cluster.stop(name)
  if (member.state !== 'stopped' && member.state !== 'app-stopped') return
  if (estranged) {
    // Its process is needed to join; what is on its disk says otherwise than the cluster.
    if (member.state === 'stopped') cluster.become(member, 'app-stopped')
    allowed(() => forceReset(cluster, name))
    if (listed) allowed(() => forgetNode(cluster, other, name))
    allowed(() => joinCluster(cluster, name, other))
  }
  cluster.start(name)
}

/** Sets one of the policies for the half `a`, or none. */
export function setPolicy(world: World, node: string, chance: () => number): string {
  const row = pickOf(policies, chance)
  const names = world.cluster.members.map(({ name }) => name)
  const definition = row.definition(names, chance)
  if (definition === null) world.cluster.clearPolicy(node, '/', 'simulated')
  else {
    const body = { pattern: '^a-', definition, 'apply-to': 'queues' }
    world.cluster.setPolicy(node, parsePolicy('/', 'simulated', body))
  }
  world.policy = row.name
  return `${row.name} ${definition === null ? '' : JSON.stringify(definition)}`
}

/** Draws a fault and does it; the row and what it was done to, or null when the draw could not be done. */
export function disturb(world: World, chance: () => number): { row: FaultRow; detail: string } | null {
  const weights = faultRows.map((row) => Math.max(0, row.weight(world)))
  let draw = chance() * weights.reduce((sum, weight) => sum + weight, 0)
  for (const [i, row] of faultRows.entries()) {
    draw -= weights[i]!
    if (draw > 0 || weights[i] === 0) continue
    const detail = row.apply(world, chance)
    return detail === null ? null : { row, detail }
  }
  return null
}
