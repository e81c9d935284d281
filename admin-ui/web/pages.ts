// The tabs in RabbitMQ's order, one row each. A page is the default export of a file in pages/, loaded when it is first opened;
// it is given the address's parts and query and brings its own style file. The first row is the start page.

import type { ComponentType } from 'preact'
import type { Route } from './router.ts'

export type PageProps = Pick<Route, 'parts' | 'query'>

export interface Tab {
  /** The first part of the address. */
  readonly path: string
  readonly title: string
  load(): Promise<{ readonly default: ComponentType<PageProps> }>
}

export const tabs: readonly Tab[] = [
  { path: 'cluster', title: 'Cluster', load: () => import('./pages/cluster.tsx') },
  { path: 'connections', title: 'Connections', load: () => import('./pages/connections.tsx') },
  { path: 'channels', title: 'Channels', load: () => import('./pages/channels.tsx') },
  { path: 'exchanges', title: 'Exchanges', load: () => import('./pages/exchanges.tsx') },
  { path: 'queues', title: 'Queues', load: () => import('./pages/queues.tsx') },
  { path: 'policies', title: 'Policies', load: () => import('./pages/policies.tsx') },
  { path: 'compare', title: 'Compare', load: () => import('./pages/compare.tsx') },
  { path: 'timeline', title: 'Timeline', load: () => import('./pages/timeline.tsx') },
  { path: 'admin', title: 'Admin', load: () => import('./pages/admin.tsx') },
]
