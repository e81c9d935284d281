// Health checks about alarms: whether any node has one, and whether this node has (docs/observed.md §5.4, §15). Memory is
// the process's, so that under an alarm every node that runs has one.

import { HttpError } from '../http-error.ts'
import type { Call, Resource } from '../resource.ts'

const check = (where: string, nodes: (call: Call) => readonly string[]) => (call: Call) => {
  const { memory } = call.view.cluster
  if (!memory.alarm) return { status: 'ok' }
  throw new HttpError(503, {
    alarms: nodes(call).map((node) => ({ node, resource: 'memory' })),
    reason: `There are alarms in effect ${where}`,
    status: 'failed',
  })
}

export const health: readonly Resource[] = [
  { path: '/health/checks/alarms', GET: check('in the cluster', ({ view }) => view.running) },
  { path: '/health/checks/local-alarms', GET: check('on the node', ({ view }) => [view.node.name]) },
]
