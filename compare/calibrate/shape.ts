// What calibrate measures: short saturating workloads, each by size, by where its clients, leader and mirrors are, and how often
// each operation of the cost model happens per message. Pure; `load` does the work, `fit` reads the counts.

import type { Operation } from '../../nodes/work.ts'
import type { NodeNumber } from '../steps.ts'

/** One publisher, at most one queue and one consumer, as fast as they go. */
export interface Shape {
  readonly name: string
  readonly publisher: NodeNumber
  readonly leader: NodeNumber
  /** null: no consumer and no queue, publishes go nowhere. */
  readonly consumer: NodeNumber | null
  /** Besides the leader. */
  readonly mirrors: readonly NodeNumber[]
  /** Of the body, 16 or more. */
  readonly bytes: number
  readonly persistent: boolean
  /** Most publishes without a confirm, and most deliveries without an acknowledgement. */
  readonly window: number
}

/** A publisher, leader and consumer by number: `213` is a publisher on 2, the leader on 1 and the consumer on 3. */
export function shapeOf(place: string, mirrors: readonly NodeNumber[], bytes: number): Shape {
  const [publisher, leader, consumer] = Array.from(place, Number) as [number, number, number]
  const mode = mirrors.length === 0 ? 'ordinary' : `mirrored on ${[leader, ...mirrors].join(', ')}`
  const where = `publisher on ${publisher}, leader on ${leader}, consumer on ${consumer}`
  const name = `${mode}; ${where}; ${bytes} B`
  return { name, publisher, leader, consumer, mirrors, bytes, persistent: true, window: 100 }
}

/** The nodes that hold the queue, its leader first. */
export const nodesOf = ({ leader, mirrors }: Shape): NodeNumber[] => [leader, ...mirrors]

/** Below and above the size from which RabbitMQ keeps bodies apart (4096), and far beyond. */
export const calibratedBytes = [100, 4000, 32_000] as const

/** The placements of calibrate, for one size: each brings one operation in. */
function placementsFor(bytes: number): Shape[] {
  const local = shapeOf('111', [], bytes)
  return [
    { ...local, name: `no queue; ${bytes} B`, consumer: null },
    { ...local, name: `transient; ${local.name}`, persistent: false },
    local,
    shapeOf('211', [], bytes),
    shapeOf('112', [], bytes),
    shapeOf('111', [2], bytes),
    shapeOf('111', [2, 3], bytes),
  ]
}

/** All that calibrate measures for throughput. */
export const calibrationShapes: readonly Shape[] = calibratedBytes.flatMap(placementsFor)

/** What it measures to learn how long a flush of the disk takes: one message at a time, with and without. */
export const flushShapes = {
  with: { ...shapeOf('111', [], 100), window: 1 },
  without: { ...shapeOf('111', [], 100), persistent: false, window: 1 },
} as const satisfies Record<string, Shape>

/** How often each operation happens for one message. */
export function operationsOf(shape: Shape): Readonly<Record<Operation, number>> {
  const { publisher, leader, consumer, mirrors, persistent } = shape
  const routed = consumer === null ? 0 : 1
  const holders = nodesOf(shape)
  return {
    publish: 1,
    queue: routed,
    persist: persistent ? routed * holders.length : 0,
    relayPublish: routed * holders.filter((node) => node !== publisher).length,
    replicate: mirrors.length === 0 ? 0 : holders.length,
    deliver: routed,
    relayDeliver: consumer === null || consumer === leader ? 0 : 1,
  }
}
