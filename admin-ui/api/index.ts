// The resources of RabbitMQ's HTTP API that Warren answers, one file each; a new one is a file and a line here.

import type { Resource } from '../resource.ts'
import { bindings } from './bindings.ts'
import { connections } from './connections.ts'
import { definitions } from './definitions.ts'
import { exchanges } from './exchanges.ts'
import { health } from './health.ts'
import { limits } from './limits.ts'
import { nodes } from './nodes.ts'
import { overview } from './overview.ts'
import { parameters } from './parameters.ts'
import { permissions } from './permissions.ts'
import { policies } from './policies.ts'
import { queues } from './queues.ts'
import { topicPermissions } from './topic-permissions.ts'
import { users } from './users.ts'
import { vhosts } from './vhosts.ts'

export const resources: readonly Resource[] = [
  ...overview,
  ...nodes,
  ...health,
  ...vhosts,
  ...exchanges,
  ...queues,
  ...bindings,
  ...connections,
  ...policies,
  ...users,
  ...permissions,
  ...topicPermissions,
  ...limits,
  ...definitions,
  ...parameters,
]
