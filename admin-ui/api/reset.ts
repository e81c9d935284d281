// What administrators set back to nothing: statistics, and the counts of logins (docs/observed.md §26). Of the cluster
// itself nothing changes.

import { objectNotFound } from '../http-error.ts'
import { type Call, noContent, type Resource } from '../resource.ts'
import { list } from './list.ts'

export const resets: readonly Resource[] = [
  { path: '/reset', DELETE: resetAll, changes: 'administrator' },
  { path: '/reset/:node', DELETE: resetNode, changes: 'administrator' },
  { path: '/auth/attempts/:node', GET: attempts, DELETE: forgetAttempts, ...monitoring() },
  // By user and address, which RabbitMQ keeps only when it is told to.
  {
    path: '/auth/attempts/:node/source',
    GET: (call) => nodeOf(call) && [],
    DELETE: (call) => nodeOf(call) && noContent,
    ...monitoring(),
  },
]

function monitoring() {
  return { reads: 'monitoring', changes: 'monitoring' } as const
}

/** The name of a node that runs in this view. Throws 404. */
function nodeOf({ view, params }: Call): string {
  const name = params['node']!
  if (!view.running.includes(name)) throw objectNotFound()
  return name
}

function resetAll({ view }: Call) {
  view.context.statistics.reset()
  return noContent
}

/** Statistics are the cluster's, whichever node is named. */
function resetNode(call: Call) {
  nodeOf(call)
  return resetAll(call)
}

function attempts(call: Call) {
  const { view } = call
  const node = view.cluster.member(nodeOf(call)).node
  const rows = [...(node?.counts.logins ?? [])].map(([protocol, { accepted, refused }]) => ({
    protocol,
    auth_attempts: accepted + refused,
    auth_attempts_failed: refused,
    auth_attempts_succeeded: accepted,
  }))
  return list(call, rows, [])
}

function forgetAttempts(call: Call) {
  call.view.cluster.member(nodeOf(call)).node?.counts.logins.clear()
  return noContent
}
