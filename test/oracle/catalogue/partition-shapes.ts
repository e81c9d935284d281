// The questions that every partition is asked, whatever its size and handling: what becomes of a mirrored queue, of ordinary
// ones, of consumers, with clients on each side. The files of the catalogue say which nodes fall apart.

import {
  consume,
  cut,
  declare,
  deliveries,
  drain,
  heal,
  look,
  nodes,
  type PartitionHandling,
  passive,
  publish,
  restartsLosers,
  type Step,
} from '../../../compare/steps.ts'
import { mirrored } from './scenario.ts'

export interface Shape {
  readonly handling: PartitionHandling
  /** The sides; a client is on the first node of each. */
  readonly groups: readonly (readonly number[])[]
  /** How the sides come apart, when it is not by `cut`. */
  readonly apart?: readonly Step[]
}

/** Several sides go on after healing, each with contents of its own: the HTTP API then adds them up (docs/observed.md §13). */
const staysApart = ({ handling }: Shape) =>
  handling === 'ignore' || (typeof handling === 'object' && !restartsLosers(handling))

const shown = (shape: Shape, node: number, queue: string): Step =>
  staysApart(shape) ? passive(node, queue) : look(node, queue)

/** While apart nobody of another side is heard, unless only some links are cut. */
const shownApart = (shape: Shape, node: number, queue: string): Step =>
  shape.apart === undefined ? look(node, queue) : passive(node, queue)

const part = ({ groups, apart }: Shape): readonly Step[] =>
  apart ?? [cut(...groups.map((group) => [...group]))]

const clients = ({ groups }: Shape): number[] => groups.map((group) => group[0]!)

/** Connections that count for autoheal: so many at each node. */
export const crowd = (node: number, count: number): Step[] =>
  Array.from({ length: count }, (_, i) => declare(node, 'crowd', { as: `c${i}` }))

/** A queue mirrored on `order`, leader first; both sides publish while apart. */
export function mirroredQueue(shape: Shape, order: readonly number[], before: readonly Step[] = []): Step[] {
  const at = clients(shape)
  return [
    ...mirrored('q', order),
    publish(order[0]!, 'q', 4),
    ...before,
    ...part(shape),
    nodes(),
    ...at.map((node) => shownApart(shape, node, 'q')),
    ...at.map((node) => publish(node, 'q', 2, { body: `side${node}-` })),
    heal(),
    nodes(),
    ...at.map((node) => shown(shape, node, 'q')),
    drain(at.at(-1)!, 'q'),
    passive(at[0]!, 'q'),
  ]
}

/** An ordinary queue on each side, asked from the other. */
export function ordinaryQueues(shape: Shape, before: readonly Step[] = []): Step[] {
  const [one, two] = clients(shape) as [number, number]
  return [
    declare(one, 'p1'),
    declare(two, 'p2'),
    declare(one, 't1', { durable: false }),
    publish(one, 'p1', 3),
    publish(one, 'p2', 3),
    consume(one, 'p2', 'c1', { prefetch: 1 }),
    consume(two, 'p1', 'c2', { prefetch: 1 }),
    deliveries('c1', 1),
    deliveries('c2', 1),
    ...before,
    ...part(shape),
    passive(two, 'p1'),
    passive(one, 'p2'),
    publish(two, 'p1', 2, { body: 'over', mandatory: true }),
    publish(one, 'p2', 2, { body: 'over', mandatory: true }),
    shownApart(shape, two, 't1'),
    shownApart(shape, two, 'p2'),
    heal(),
    nodes(),
    shown(shape, two, 'p1'),
    shown(shape, one, 'p2'),
    drain(one, 'p1'),
    drain(two, 'p2'),
  ]
}

/** Consumers of a mirrored queue on both sides, and what was declared on each. */
export function consumersAndDeclarations(
  shape: Shape,
  order: readonly number[],
  before: readonly Step[] = [],
): Step[] {
  const [one, two] = clients(shape) as [number, number]
  return [
    ...mirrored('q', order),
    publish(one, 'q', 4),
    consume(one, 'q', 'c1', { prefetch: 1 }),
    deliveries('c1', 1),
    consume(two, 'q', 'c2', { prefetch: 1 }),
    deliveries('c2', 1),
    ...before,
    ...part(shape),
    declare(one, 'n1'),
    declare(two, 'n2'),
    deliveries('c2', 2),
    look(two, 'q'),
    heal(),
    nodes(),
    shown(shape, two, 'n1'),
    shown(shape, one, 'n2'),
    shown(shape, two, 'q'),
  ]
}
