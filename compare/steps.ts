// The steps of a scenario, as data: what clients ask, what is done to nodes and links, what is looked at. A target carries
// them out (targets/drive), on Warren and on a real cluster alike; nothing here knows which of them it is.

import { isMembershipFault, type MembershipFault } from './steps-membership.ts'

/** A node by its number, from 1. */
export type NodeNumber = number

export type Table = Readonly<Record<string, unknown>>

/** How a consumer settles what it is sent, by itself: each at once, only the first so many, none, or no-ack. */
export type AckPlan = 'each' | 'none' | 'auto' | number

/** Which client asks: the node it is connected to; `as` names one of several clients there. */
interface Asked {
  readonly on: NodeNumber
  readonly as?: string
}

export interface DeclareOptions {
  readonly durable?: boolean
  readonly exclusive?: boolean
  readonly autoDelete?: boolean
  readonly passive?: boolean
  readonly arguments?: Table
}

export interface PublishOptions {
  readonly exchange?: string
  /** `false`: nobody waits, nothing is answered. */
  readonly confirms?: boolean
  readonly mandatory?: boolean
  /** `alternate`: m0 transient, m1 persistent, m2 transient … True by default. */
  readonly persistent?: boolean | 'alternate'
  /** Bodies are this and a number from 0; `m` by default. */
  readonly body?: string
  /** Bodies are filled up to so many bytes. */
  readonly bytes?: number
  readonly expiration?: string
  readonly priority?: number
  /** Goes on while the next steps are taken; `published` waits for its end. One every this many ms. */
  readonly everyMs?: number
}

export interface ConsumeOptions {
  readonly acks?: AckPlan
  readonly prefetch?: number
  readonly exclusive?: boolean
  readonly arguments?: Table
}

/** What a queue may be waited to become; only what is given is looked at. */
export interface QueueExpectation {
  readonly leader?: NodeNumber
  readonly mirrors?: readonly NodeNumber[]
  readonly synchronised?: readonly NodeNumber[]
  readonly state?: string
  readonly ready?: number
  readonly unacked?: number
  readonly consumers?: number
  readonly policy?: string
}

export type Fault =
  | { readonly do: 'kill'; readonly node: NodeNumber }
  | { readonly do: 'stop'; readonly node: NodeNumber }
  /** `waits`: it is known that the node cannot serve until others have started too. */
  | { readonly do: 'start'; readonly node: NodeNumber; readonly waits?: boolean }
  | { readonly do: 'cut'; readonly groups: readonly (readonly NodeNumber[])[] }
  /** Only the link between two nodes: a partial partition, when a third sees both. */
  | { readonly do: 'cut-link'; readonly between: readonly [NodeNumber, NodeNumber] }
  /** As `cut`, but the links fall silent: nobody is told before the net tick. */
  | { readonly do: 'silence'; readonly groups: readonly (readonly NodeNumber[])[] }
  /** What the others send no longer reaches `node`; what it sends arrives. */
  | { readonly do: 'deafen'; readonly node: NodeNumber; readonly to: readonly NodeNumber[] }
  /** The node's process stands still, its sockets open and mute, and goes on as if nothing had been. */
  | { readonly do: 'freeze' | 'thaw'; readonly node: NodeNumber }
  /** Waits until what has fallen silent has been noticed. */
  | { readonly do: 'tick' }
  | { readonly do: 'heal' }
  | MembershipFault

/** On a transactional channel of its own, which `select` opens; what is fetched is held until `ack`. */
export type Transact = { readonly do: 'tx'; readonly channel: string } & (
  | (Asked & { readonly act: 'select' })
  | { readonly act: 'commit' | 'rollback' | 'ack' }
  | { readonly act: 'publish'; readonly key: string; readonly count: number; readonly body?: string }
  | { readonly act: 'get'; readonly queue: string }
)

export type Step =
  | Fault
  | (Asked & { readonly do: 'declare'; readonly queue: string } & DeclareOptions)
  | (Asked & {
      readonly do: 'exchange'
      readonly exchange: string
      readonly type: string
      readonly durable?: boolean
    })
  | (Asked & {
      readonly do: 'bind' | 'unbind'
      readonly queue: string
      readonly exchange: string
      readonly key: string
    })
  | (Asked & { readonly do: 'publish'; readonly key: string; readonly count: number } & PublishOptions)
  | { readonly do: 'published' }
  | (Asked & { readonly do: 'consume'; readonly queue: string; readonly consumer: string } & ConsumeOptions)
  | { readonly do: 'deliveries'; readonly consumer: string; readonly count: number }
  | {
      readonly do: 'settle'
      readonly consumer: string
      /** Delivery tags, from 1. */
      readonly tags: readonly number[]
      readonly how: 'ack' | 'requeue' | 'reject'
      readonly multiple?: boolean
    }
  | { readonly do: 'cancel'; readonly consumer: string }
  | { readonly do: 'close'; readonly consumer: string }
  | (Asked & {
      readonly do: 'get'
      readonly queue: string
      readonly count: number
      readonly how: 'ack' | 'requeue' | 'hold'
    })
  | (Asked & { readonly do: 'drain'; readonly queue: string })
  | (Asked & { readonly do: 'purge'; readonly queue: string })
  | (Asked & {
      readonly do: 'delete'
      readonly queue: string
      readonly ifUnused?: boolean
      readonly ifEmpty?: boolean
    })
  | (Asked & {
      readonly do: 'policy'
      readonly name: string
      readonly pattern: string
      readonly definition: Table
      readonly priority?: number
      readonly operator?: boolean
    })
  | (Asked & { readonly do: 'clear-policy'; readonly name: string; readonly operator?: boolean })
  | (Asked & { readonly do: 'sync' | 'cancel-sync'; readonly queue: string })
  | (Asked & { readonly do: 'look'; readonly queue: string })
  | (Asked & { readonly do: 'await'; readonly queue: string; readonly until: QueueExpectation })
  /** A request of the HTTP API; VHOST in the path is the scenario's, values `node1`, … in the body are nodes' names. */
  | (Asked & { readonly do: 'http'; readonly method: string; readonly path: string; readonly body?: Table })
  /** rabbitmq-queues rebalance, for the scenario's queues. */
  | (Asked & { readonly do: 'rebalance' })
  | Transact
  | { readonly do: 'nodes' }
  /** As `nodes`: whom each takes for a member of its cluster, running or not. */
  | { readonly do: 'members' }
  /** Waits a little: what is on its way to a disk or a client arrives. */
  | { readonly do: 'rest' }

/** Nodes pause unless one of `nodes` can be reached; when several sides went on, `recover` says what follows. */
export interface PauseIfAllDown {
  readonly mode: 'pause_if_all_down'
  readonly nodes: readonly NodeNumber[]
  readonly recover: 'ignore' | 'autoheal'
}

export type PartitionHandling = 'ignore' | 'pause_minority' | 'autoheal' | PauseIfAllDown

/** The cluster that a scenario wants. */
export interface Setup {
  readonly handling: PartitionHandling
  /** How many nodes; 3 by default. */
  readonly nodes?: number
  /** The net tick in seconds (net_ticktime); 60 by default. */
  readonly tick?: number
}

export interface Scenario extends Setup {
  /** `group/what it shows`: part of the recording's file name. */
  readonly name: string
  readonly steps: readonly Step[]
  /** What the real broker leaves open here: names of rows in a table of reasons that the catalogue keeps. */
  readonly open: readonly string[]
}

const faults = [
  ...['kill', 'stop', 'start', 'freeze', 'thaw'],
  ...['cut', 'cut-link', 'silence', 'deafen', 'tick', 'heal'],
]

export function isFault(step: Step): step is Fault {
  return faults.includes(step.do) || isMembershipFault(step)
}

/** Scenarios with equal keys meet the same faults in the same order, so that one cluster can run them side by side. */
export function faultKey(scenario: Scenario): string {
  const { handling, nodes = 3, tick = 60, steps, name } = scenario
  // Autoheal counts all clients of the cluster: nobody else's may be there.
  const alone = restartsLosers(handling) ? name : ''
  return JSON.stringify([nodes, tick, handling, steps.filter(isFault), alone])
}

/** Whether the sides of a healed partition are made one by restarts. */
export const restartsLosers = (handling: PartitionHandling): boolean =>
  handling === 'autoheal' || (typeof handling === 'object' && handling.recover === 'autoheal')

/** A step in a few words, for recordings and failures. */
export function describe(step: Step): string {
  const { do: verb, ...rest } = step
  const parts = Object.entries(rest).map(([name, value]) => {
    if (name === 'on' || name === 'node') return `node${String(value)}`
    return typeof value === 'string' ? value : `${name} ${JSON.stringify(value)}`
  })
  return [verb, ...parts].join(' ')
}

// ---- short ways to write steps

export const kill = (node: NodeNumber): Step => ({ do: 'kill', node })
export const stop = (node: NodeNumber): Step => ({ do: 'stop', node })
export const start = (node: NodeNumber, waits = false): Step => ({ do: 'start', node, waits })
export const cut = (...groups: NodeNumber[][]): Step => ({ do: 'cut', groups })
export const cutLink = (a: NodeNumber, b: NodeNumber): Step => ({ do: 'cut-link', between: [a, b] })
export const silence = (...groups: NodeNumber[][]): Step => ({ do: 'silence', groups })
export const deafen = (node: NodeNumber, ...to: NodeNumber[]): Step => ({ do: 'deafen', node, to })
export const freeze = (node: NodeNumber): Step => ({ do: 'freeze', node })
export const thaw = (node: NodeNumber): Step => ({ do: 'thaw', node })
export const tick = (): Step => ({ do: 'tick' })
export const heal = (): Step => ({ do: 'heal' })

export const declare = (
  on: NodeNumber,
  queue: string,
  options: DeclareOptions & { as?: string } = {},
): Step => ({
  do: 'declare',
  on,
  queue,
  ...options,
})
export const passive = (on: NodeNumber, queue: string): Step => declare(on, queue, { passive: true })
export const exchange = (on: NodeNumber, name: string, type = 'direct', durable = true): Step => ({
  do: 'exchange',
  on,
  exchange: name,
  type,
  durable,
})
export const bind = (on: NodeNumber, queue: string, from: string, key = ''): Step => ({
  do: 'bind',
  on,
  queue,
  exchange: from,
  key,
})
export const unbind = (on: NodeNumber, queue: string, from: string, key = ''): Step => ({
  do: 'unbind',
  on,
  queue,
  exchange: from,
  key,
})
export const publish = (on: NodeNumber, key: string, count: number, options: PublishOptions = {}): Step => ({
  do: 'publish',
  on,
  key,
  count,
  ...options,
})
export const published = (): Step => ({ do: 'published' })
export const consume = (
  on: NodeNumber,
  queue: string,
  consumer: string,
  options: ConsumeOptions & { as?: string } = {},
): Step => ({ do: 'consume', on, queue, consumer, ...options })
export const deliveries = (consumer: string, count: number): Step => ({ do: 'deliveries', consumer, count })
export const settle = (
  consumer: string,
  how: 'ack' | 'requeue' | 'reject',
  tags: number[],
  multiple = false,
): Step => ({ do: 'settle', consumer, how, tags, multiple })
export const cancel = (consumer: string): Step => ({ do: 'cancel', consumer })
export const close = (consumer: string): Step => ({ do: 'close', consumer })
export const get = (
  on: NodeNumber,
  queue: string,
  count = 1,
  how: 'ack' | 'requeue' | 'hold' = 'ack',
): Step => ({ do: 'get', on, queue, count, how })
export const drain = (on: NodeNumber, queue: string): Step => ({ do: 'drain', on, queue })
export const purge = (on: NodeNumber, queue: string): Step => ({ do: 'purge', on, queue })
export const remove = (
  on: NodeNumber,
  queue: string,
  options: { ifUnused?: boolean; ifEmpty?: boolean } = {},
): Step => ({ do: 'delete', on, queue, ...options })
export const policy = (
  on: NodeNumber,
  name: string,
  pattern: string,
  definition: Table,
  options: { priority?: number; operator?: boolean } = {},
): Step => ({ do: 'policy', on, name, pattern, definition, ...options })
export const clearPolicy = (on: NodeNumber, name: string, operator = false): Step => ({
  do: 'clear-policy',
  on,
  name,
  operator,
})
export const sync = (on: NodeNumber, queue: string): Step => ({ do: 'sync', on, queue })
export const cancelSync = (on: NodeNumber, queue: string): Step => ({ do: 'cancel-sync', on, queue })
export const look = (on: NodeNumber, queue: string): Step => ({ do: 'look', on, queue })
export const until = (on: NodeNumber, queue: string, expected: QueueExpectation): Step => ({
  do: 'await',
  on,
  queue,
  until: expected,
})
export const http = (on: NodeNumber, method: string, path: string, body?: Table): Step => ({
  do: 'http',
  on,
  method,
  path,
  ...(body === undefined ? {} : { body }),
})
export const rebalance = (on: NodeNumber): Step => ({ do: 'rebalance', on })
export const txSelect = (on: NodeNumber, channel: string): Step => ({ do: 'tx', act: 'select', on, channel })
export const tx = (channel: string, act: 'commit' | 'rollback' | 'ack'): Step => ({ do: 'tx', act, channel })
export const txPublish = (channel: string, key: string, count: number, body?: string): Step => ({
  do: 'tx',
  act: 'publish',
  channel,
  key,
  count,
  ...(body === undefined ? {} : { body }),
})
export const txGet = (channel: string, queue: string): Step => ({ do: 'tx', act: 'get', channel, queue })
export const rest = (): Step => ({ do: 'rest' })
export const nodes = (): Step => ({ do: 'nodes' })
