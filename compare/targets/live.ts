// Warren as a site: a running cluster in this process, through its sockets like any other. The cluster is handed in, since
// who starts one (index.ts) is above this room; used by whoever drives scenarios on Warren.

import type { Fault } from '../steps.ts'
import { nodeView, type Patience, poll, type Site } from './site.ts'

/** What `startCluster` gives, as far as it is needed here. */
export interface LiveCluster {
  readonly urls: readonly string[]
  readonly adminUrl: string | null
  node(which: number): {
    readonly name: string
    readonly state: string
    kill(): Promise<void>
    stop(): Promise<void>
    start(): Promise<void>
  }
  cut(groups: readonly (readonly number[])[]): Promise<void>
  heal(): Promise<void>
}

const patience: Patience = { answer: 600, arrival: 2000, quiet: 250, stable: 60, poll: 15 }

export function liveSite(cluster: LiveCluster, version: string): Site {
  const site: Site = {
    size: cluster.urls.length,
    patience,
    version,
    amqpUrl: (node) => cluster.urls[node - 1]!.replace('amqp://', 'amqp://guest:guest@'),
    httpUrl: (node) => `${cluster.adminUrl}/node/${cluster.node(node).name}`,
    nameOf: (node) => cluster.node(node).name,
    openVhost: async () => '/',
    harm: (fault) => harm(site, cluster, fault),
  }
  return site
}

async function harm(site: Site, cluster: LiveCluster, fault: Fault): Promise<void> {
  switch (fault.do) {
    case 'kill':
    case 'stop':
    case 'start': {
      await cluster.node(fault.node)[fault.do]()
      const serves = fault.do === 'start'
      if (fault.do === 'start' && fault.waits) return
      await poll(site, patience.arrival, async () => {
        const views = await Promise.all(cluster.urls.map((_, i) => nodeView(site, i + 1)))
        return views.every((view) => view === null || view.running.includes(fault.node) === serves)
      })
      return
    }
    case 'cut':
      return cluster.cut(fault.groups)
    case 'heal':
      return cluster.heal()
  }
}
