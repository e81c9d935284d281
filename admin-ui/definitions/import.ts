// Brings what a definitions file says into a running cluster, in the view of one node. Called by the HTTP API and the
// library within one turn. Users, vhosts, permissions, parameters and policies are overwritten; queues and exchanges that
// are there stay as they are (docs/observed.md §23). It is checked whole before anything is touched.

import { tableFromPlain } from '../../nodes/amqp/fields.ts'
import { createRecord } from '../../nodes/channel-queues.ts'
import type { Cluster } from '../../nodes/cluster.ts'
import { deleteUser, deleteVhost } from '../../nodes/cluster-access.ts'
import { changePolicies } from '../../nodes/cluster-policies.ts'
import type { Definitions } from '../../nodes/definitions.ts'
import { permissionKey, topicPermissionKey } from '../../nodes/definitions-access.ts'
import { parameterKey } from '../../nodes/definitions-parameters.ts'
import type { Node } from '../../nodes/node.ts'
import {
  type BindingEntry,
  type DefinitionsFile,
  isEmulated,
  type QueueEntry,
} from '../../policies/definitions-file.ts'
import { secretOf } from '../secret.ts'
import { checkImport, isNewExchange, isNewQueue } from './check.ts'

/**
 * Imports `file` through the running node called `at`. `by`: the user who may do everything in the vhosts that are new,
 * null for nobody. Throws DefinitionsError, and then nothing has been changed.
 */
export function importDefinitions(
  cluster: Cluster,
  at: string,
  file: DefinitionsFile,
  by: string | null,
): void {
  const { definitions } = cluster.islandOf(at)
  const node = cluster.member(at).node!
  checkImport(definitions, file)
  importAccess(node, file, by)
  for (const { name, value } of file.globalParameters) definitions.globalParameters.set(name, value)
  for (const { vhost, limits } of file.vhostLimits)
    definitions.vhosts.set(vhost, { ...definitions.vhosts.get(vhost)!, limits })
  for (const parameter of file.parameters) definitions.parameters.set(parameterKey(parameter), parameter)
  definitions.changed('access', at)
  changePolicies(cluster, at, { set: file.policies, setOperator: file.operatorPolicies })
  for (const queue of file.queues)
    if (isNewQueue(definitions, queue)) {
      if (isEmulated(queue)) importQueue(cluster, node, queue)
      else definitions.kept.addQueue(queue)
    }
  for (const exchange of file.exchanges)
    if (isNewExchange(definitions, exchange)) {
      definitions.addExchange({ ...exchange, arguments: tableFromPlain(exchange.arguments) })
      definitions.changed('exchange', at)
    }
  for (const binding of file.bindings) importBinding(node, definitions, binding)
}

/**
 * The first definitions of a cluster that nobody has used yet: as on a real node that is told to load some, neither guest
 * nor the default vhost are made beside them.
 */
export function firstImport(cluster: Cluster, file: DefinitionsFile): void {
  const at = cluster.members[0]!.name
  checkImport(cluster.islandOf(at).definitions, file)
  deleteUser(cluster, at, 'guest')
  deleteVhost(cluster, at, '/')
  importDefinitions(cluster, at, file, null)
}

function importAccess(node: Node, file: DefinitionsFile, by: string | null): void {
  const { definitions } = node
  for (const { name, tags, limits, ...secret } of file.users) {
    const known = definitions.users.get(name)
    definitions.users.set(name, {
      name,
      ...secretOf(secret, known !== undefined),
      tags,
      limits: limits ?? known?.limits ?? {},
    })
  }
  const everything = { configure: '.*', write: '.*', read: '.*' }
  for (const { name, description, tags, tracing } of file.vhosts) {
    const known = definitions.vhosts.has(name)
    if (!known) definitions.addVhost(name)
    if (!known && by !== null)
      definitions.permissions.set(permissionKey(by, name), { user: by, vhost: name, ...everything })
    const vhost = definitions.vhosts.get(name)!
    definitions.vhosts.set(name, {
      ...vhost,
      description: description ?? '',
      tags: tags ?? [],
    })
    if (tracing !== null) node.trace(name, tracing)
    if (!known) definitions.changed('vhost')
  }
  for (const permission of file.permissions)
    definitions.permissions.set(permissionKey(permission.user, permission.vhost), permission)
  for (const permission of file.topicPermissions) {
    const { user, vhost, exchange } = permission
    definitions.topicPermissions.set(topicPermissionKey(user, vhost, exchange), permission)
  }
}

/** Its leader is told; whoever reaches it before that finds it as well. */
function importQueue(cluster: Cluster, node: Node, queue: QueueEntry): void {
  const record = createRecord(node, {
    ...queue,
    arguments: tableFromPlain(queue.arguments),
    exclusiveOwner: null,
  })
  const channel = { node: node.name, channel: cluster.nextId() }
  node.request(cluster.nextId(), { answered: () => {} }, channel, record, { op: 'create' })
}

/** One whose ends are not there, or that its exchange would refuse, is passed over, as in a real import. */
function importBinding(node: Node, definitions: Definitions, binding: BindingEntry): void {
  const { vhost, routingKey } = binding
  const source = binding.source === '' ? undefined : definitions.exchange(vhost, binding.source)
  const destination =
    binding.destinationType === 'queue'
      ? definitions.queue(vhost, binding.destination)
      : definitions.exchange(vhost, binding.destination)
  if (source === undefined) return
  const args = tableFromPlain(binding.arguments)
  if ((source.router.validate?.(routingKey, args) ?? null) !== null) return
  if (destination === undefined) {
    if (binding.destinationType === 'queue' && definitions.kept.has(vhost, binding.destination))
      definitions.kept.addBinding(binding)
    return
  }
  if (definitions.findBinding(source, destination, routingKey, args) !== undefined) return
  definitions.addBinding(source, destination, routingKey, args)
  definitions.changed(source.type === 'topic' ? 'topicBinding' : 'binding', node.name)
  node.exchanges.bound(source, destination)
}
