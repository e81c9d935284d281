// Warren as a site: a running cluster in this process, through its sockets like any other. The cluster is handed in, since
// who starts one (index.ts) is above this room; used by whoever drives scenarios on Warren.

import type { Fault } from '../steps.ts'
import { isMembershipFault, type MembershipFault } from '../steps-membership.ts'
import { changeMembership, type MembershipNode } from './live-membership.ts'
import { nodeView, type Patience, poll, request, type Site } from './site.ts'

/** What `startCluster` gives, as far as it is needed here. */
export interface LiveCluster {
  readonly urls: readonly string[]
  readonly adminUrl: string | null
  node(which: number): MembershipNode & {
    readonly name: string
    readonly state: string
    kill(): Promise<void>
    stop(): Promise<void>
    start(): Promise<void>
    freeze(): Promise<void>
    thaw(): Promise<void>
  }
  cut(groups: readonly (readonly number[])[]): Promise<void>
  cutLink(a: number, b: number): Promise<void>
  silence(groups: readonly (readonly number[])[]): Promise<void>
  deafen(node: number, from: readonly number[]): Promise<void>
  heal(): Promise<void>
  noticeSilence(): Promise<void>
}

const patience: Patience = { answer: 600, arrival: 8000, quiet: 250, stable: 60, poll: 15 }

export function liveSite(cluster: LiveCluster, version: string): Site {
  const site: Site = {
    size: cluster.urls.length,
    patience,
    version,
    amqpUrl: (node) => cluster.urls[node - 1]!.replace('amqp://', 'amqp://guest:guest@'),
    httpUrl: (node) => `${cluster.adminUrl}/node/${cluster.node(node).name}`,
    nameOf: (node) => cluster.node(node).name,
    openVhost: async () => '/',
    rebalance: async (node) => String((await request(site, node, 'POST', 'rebalance/queues', {})).status),
    harm: async (fault) => {
      if (isMembershipFault(fault)) return changeMembership(site, cluster.node(fault.node), fault)
      await harm(site, cluster, fault)
      return undefined
    },
  }
  return site
}

async function harm(site: Site, cluster: LiveCluster, fault: Exclude<Fault, MembershipFault>): Promise<void> {
  switch (fault.do) {
    case 'kill':
    case 'stop':
    case 'start': {
      const serves = fault.do === 'start'
      // Whoever cannot serve yet may not be able to start at all.
      if (fault.do === 'start' && fault.waits)
        return cluster
          .node(fault.node)
          .start()
          .catch(() => {})
      await cluster.node(fault.node)[fault.do]()
      await poll(site, patience.arrival, async () => {
        const views = await Promise.all(cluster.urls.map((_, i) => nodeView(site, i + 1)))
        return views.every((view) => view === null || view.running.includes(fault.node) === serves)
      })
      return
    }
    case 'freeze':
    case 'thaw':
      return cluster.node(fault.node)[fault.do]()
    case 'cut':
      return cluster.cut(fault.groups)
    case 'cut-link':
      return cluster.cutLink(...fault.between)
    case 'silence':
      return cluster.silence(fault.groups)
    case 'deafen':
      return cluster.deafen(fault.node, fault.to)
    case 'tick':
      return cluster.noticeSilence()
    case 'heal':
      return cluster.heal()
  }
}
