// What `startCluster` gives: the cluster and its nodes as verbs.

import type { ExportedDefinitions } from '../admin-ui/definitions/export.ts'
import type { PolicyVerbs } from '../admin-ui/policy-verbs.ts'
import type { Cluster } from '../nodes/cluster.ts'
import type { NodeType } from '../nodes/definitions.ts'
import type { MembershipVerbs } from '../nodes/live-membership.ts'
import type { PolicyInput } from './options.ts'

/** One node of a running cluster. The verbs of membership are rabbitmqctl's, and throw its texts. */
export interface NodeHandle
  extends Omit<MembershipVerbs, 'joinCluster' | 'forgetClusterNode' | 'updateClusterNodes'> {
  readonly name: string
  /** amqp:// URL of this node. */
  readonly url: string
  readonly state: string
  /** As SIGKILL: sockets reset, what was not yet on the disk is gone. */
  kill(): Promise<void>
  /** A clean stop: clients are told (320) and its mirrors take over. */
  stop(): Promise<void>
  /** Starts it again; resolves once it serves, or waits for other nodes. */
  start(): Promise<void>
  /** Makes it a member of the cluster that `other` runs in; its application must be stopped. False: it is one already. */
  joinCluster(other: number | string, type?: NodeType): Promise<boolean>
  /** Removes a node that does not run from this one's cluster. `offline`: this one does not run either. */
  forgetClusterNode(other: number | string, options?: { offline?: boolean }): Promise<void>
  /** Learns anew from `other` who is in the cluster. */
  updateClusterNodes(other: number | string): Promise<void>
  /** As SIGSTOP: its sockets stay open and mute, and the others notice only after the net tick. */
  freeze(): Promise<void>
  /** As SIGCONT: it goes on as if nothing had been, and learns what the others have decided meanwhile. */
  thaw(): Promise<void>
}

export interface RunningCluster {
  /** amqp:// URL of each node. */
  readonly urls: readonly string[]
  /** amqps:// URL of each node; empty without TLS. */
  readonly tlsUrls: readonly string[]
  /** What clients need for throw-away certificates, as PEM text: the CA, and a certificate of user guest. Null with others. */
  readonly throwAway: { readonly ca: string; readonly cert: string; readonly key: string } | null
  /** http:// or https:// URL of the admin page; null without one. */
  readonly adminUrl: string | null
  /** http:// URL of each node's Prometheus metrics; empty without. */
  readonly metricsUrls: readonly string[]
  /** Node `number` (from 1) or by name. Throws when there is none. */
  node(which: number | string): NodeHandle
  /** Brings a brand-new node to life beside the others: a cluster of its own until it is told to `joinCluster`. */
  addNode(): Promise<NodeHandle>
  /** Cuts the links between groups of nodes, given by number or name; nodes not named form a group of their own. */
  cut(groups: readonly (readonly (number | string)[])[]): Promise<void>
  /** Cuts the one link between two nodes: a partial partition while a third sees both. */
  cutLink(a: number | string, b: number | string): Promise<void>
  /** As `cut`, but the links fall silent: nobody is told before the net tick. */
  silence(groups: readonly (readonly (number | string)[])[]): Promise<void>
  /** What `from` send no longer reaches `node`; what it sends arrives. */
  deafen(node: number | string, from: readonly (number | string)[]): Promise<void>
  /** As if the net tick had passed: whatever is silent is noticed now, without waiting for it. */
  noticeSilence(): Promise<void>
  /** Mends all links. */
  heal(): Promise<void>
  /** Sets a policy; throws RabbitMQ's validation text. Resolves when every reachable leader has been told. */
  setPolicy(policy: PolicyInput): Promise<void>
  clearPolicy(name: string, vhost?: string): Promise<boolean>
  /** What policies would do, did, and why they hold: nothing of it changes anything but `apply`. */
  readonly policies: PolicyVerbs
  /** Users, vhosts, permissions, parameters, policies, queues, exchanges and bindings, as definitions.json has them. */
  exportDefinitions(): Promise<ExportedDefinitions>
  /**
   * Takes in a definitions.json, as text or decoded. Queues and exchanges that are there stay, all else is overwritten.
   * Rejects with a DefinitionsError that names object, key and value; then nothing has been changed.
   */
  importDefinitions(definitions: string | object): Promise<void>
  /** The emulated cluster itself, for those who want to look deeper. */
  readonly cluster: Cluster
  /** Ends everything: sockets, ports, timers. */
  stop(): Promise<void>
}
