// What a scenario needs of a running cluster of real brokers: where its nodes are, who logs in, and how its nodes and links are
// harmed. Fulfilled by `real-own` (one that Warren starts) and `real-given` (one given by addresses); used by `real`.

import type { Login } from '../line.ts'
import type { PlainAction } from '../scenario/target.ts'
import type { NodeNumber } from '../steps.ts'
import type { SocketAddress } from './sockets.ts'

export interface RealCluster {
  readonly nodes: number
  /** What clients log in with; the vhost is this run's own. */
  readonly login: Login
  amqp(node: NodeNumber): SocketAddress
  /** What to put before `/api/…`. */
  http(node: NodeNumber): string
  /** The name the cluster itself uses. */
  nameOf(node: NodeNumber): string
  /** Carries it out, and resolves when that has happened: the process is gone, the order to start is given. */
  inflict(action: PlainAction): Promise<void>
  /** All links mended, all nodes thawed and told to start. */
  repair(): Promise<void>
  /** What this run began is over: its vhost is removed, a cluster of one's own may be kept for the next run. */
  close(): Promise<void>
}

/** Actions that requests to the cluster carry out, whoever it belongs to. */
export const isRequest = (action: PlainAction): boolean => action.do === 'sync' || action.do === 'cancel-sync'
