// The resources of RabbitMQ's HTTP API that Warren answers, one file each; a new one is a file and a line here.

import type { Resource } from '../resource.ts'
import { account } from './account.ts'
import { bindings } from './bindings.ts'
import { connections } from './connections.ts'
import { definitions } from './definitions.ts'
import { exchanges } from './exchanges.ts'
import { featureFlags } from './feature-flags.ts'
import { health } from './health.ts'
import { limits } from './limits.ts'
import { nodeMemory } from './node-memory.ts'
import { nodes } from './nodes.ts'
import { overview } from './overview.ts'
import { parameters } from './parameters.ts'
import { permissions } from './permissions.ts'
import { policies } from './policies.ts'
import { publish } from './publish.ts'
import { queues } from './queues.ts'
import { resets } from './reset.ts'
import { topicPermissions } from './topic-permissions.ts'
import { users } from './users.ts'
import { vhosts } from './vhosts.ts'

export const resources: readonly Resource[] = [
  ...overview,
  ...account,
  ...nodes,
  ...nodeMemory,
  ...health,
  ...featureFlags,
  ...vhosts,
  ...exchanges,
  ...publish,
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
  ...resets,
]
