// Queues: list, look at, declare, delete, purge, synchronise (docs/observed.md §0.4, §2, §4.8, §6). Definitions change at
// once; contents are asked of the queue's leader.

import { checkQueueLimit } from '../../nodes/auth-limits.ts'
import { createRecord } from '../../nodes/channel-queues.ts'
import { rebalance } from '../../nodes/cluster-rebalance.ts'
import type { QueueRecord } from '../../nodes/definitions.ts'
import { checkQueueArguments, checkSame, checkSameQueueArguments } from '../../nodes/definitions-arguments.ts'
import { homeNodeDown, resourceLocked } from '../../nodes/errors.ts'
import type { Node } from '../../nodes/node.ts'
import { opens } from '../access.ts'
import { badRequest, notAuthorised, objectNotFound } from '../http-error.ts'
import { type Call, created, noContent, type Resource } from '../resource.ts'
import type { View } from '../view.ts'
import { requireAccess } from './access-entry.ts'
import { ask } from './ask.ts'
import { bindingEntries } from './binding-entry.ts'
import { objectBody, plainArguments, requireKeys, shortText, tableOf, truth } from './body.ts'
import { consumerEntry } from './channel-entry.ts'
import { columns, list, listOf, type Row } from './list.ts'
import { bareQueueEntries, noGarbageCollection, ownerPart, queueEntries } from './queue-entry.ts'
import { getMessages } from './queue-get.ts'

export const queues: readonly Resource[] = [
  { path: '/queues', GET: (call) => listQueues(call, () => true) },
  {
    path: '/queues/:vhost',
    GET: (call) => listQueues(call, (queue) => queue.vhost === call.params['vhost']),
  },
  { path: '/queues/:vhost/:name', GET: getQueue, PUT: putQueue, DELETE: deleteQueue },
  { path: '/queues/:vhost/:name/bindings', GET: queueBindings },
  { path: '/queues/:vhost/:name/contents', DELETE: purgeQueue },
  { path: '/queues/:vhost/:name/get', POST: getMessages },
  { path: '/queues/:vhost/:name/actions', POST: act, changes: 'administrator' },
  { path: '/rebalance/queues', POST: rebalanceQueues, changes: 'administrator' },
]

function rebalanceQueues({ view }: Call) {
  view.act(() => rebalance(view.cluster, view.node.name))
  return noContent
}

function listQueues(call: Call, wanted: (queue: QueueRecord) => boolean): unknown {
  const { view, query } = call
  const bare = query.get('disable_stats') === 'true'
  const totals = query.get('enable_queue_totals') === 'true'
  const open = (q: QueueRecord) => opens(call.user, view.definitions, q.vhost)
  return listOf(
    call,
    [...view.definitions.queues.values()].filter((q) => wanted(q) && open(q)),
    (keys) => (bare ? bareQueueEntries(view, totals) : queueEntries(view, keys)),
  )
}

/** The queue in the path. Throws 404 when it is not there, or down (docs/observed.md §0.4). */
function queueOf({ view, params }: Call): QueueRecord {
  const record = view.definitions.queue(params['vhost']!, params['name']!)
  if (record === undefined || record.state === 'down') throw objectNotFound()
  return record
}

function getQueue(call: Call): Row {
  const { view } = call
  const record = queueOf(call)
  const queue = view.leaderOf(record)
  const details = queue?.consumers.all.map((consumer) => consumerEntry(view, record, queue, consumer)) ?? []
  const entry = { ...queueEntries(view)(record), ...ownerPart(view, record) }
  const detailed = { consumer_details: details, deliveries: [], incoming: [], ...entry }
  return columns(call, queue === null ? { garbage_collection: noGarbageCollection, ...detailed } : detailed)
}

function queueBindings(call: Call): unknown {
  const record = queueOf(call)
  return list(
    call,
    bindingEntries(call.view, (binding) => binding.destination === record),
    [],
  )
}

async function putQueue(call: Call) {
  const { view, params } = call
  const [vhost, name] = [params['vhost']!, shortText('the name', params['name']!)]
  const body = objectBody(call)
  const durable = truth(body['durable'])
  const autoDelete = truth(body['auto_delete'])
  const given = plainArguments(body)
  const args = tableOf(given)
  requireAccess(call, 'configure', 'queue', name)
  const existing = view.definitions.queue(vhost, name)
  if (existing !== undefined) {
    if (existing.state === 'down') throw homeNodeDown(name, vhost, existing.leader)
    if (existing.exclusiveOwner !== null) throw resourceLocked(name, vhost)
    const where = `queue '${name}' in vhost '${vhost}'`
    checkSame('durable', durable, existing.durable, where)
    checkSame('auto_delete', autoDelete, existing.autoDelete, where)
    checkSameQueueArguments(args, existing.arguments, name, vhost)
    return noContent
  }
  if (name.startsWith('amq.')) throw notAuthorised('Access refused.')
  checkQueueLimit(view.definitions, vhost, name)
  if (typeof given['x-dead-letter-exchange'] === 'string') {
    requireAccess(call, 'read', 'queue', name)
    requireAccess(call, 'write', 'exchange', given['x-dead-letter-exchange'])
  }
  checkQueueArguments(args, name, vhost, { durable, autoDelete, exclusive: false })
  const node = declaringNode(view, body['node'])
  const record = view.act(() =>
    createRecord(node, { vhost, name, durable, autoDelete, arguments: args, exclusiveOwner: null }),
  )
  await ask(call, record, { op: 'create' })
  return created
}

/** `node` in the body declares through that node (docs/observed.md §1.5). */
function declaringNode(view: View, name: unknown): Node {
  if (name === undefined) return view.node
  if (typeof name !== 'string') throw badRequest('node must be text')
  const whole = name.includes('@') ? name : `${name}@${view.node.name.split('@')[1]}`
  const node = view.nodes.find((candidate) => candidate.name === whole)
  if (node === undefined) throw badRequest(`Node ${whole} could not be contacted`)
  return node
}

async function deleteQueue(call: Call) {
  const record = queueOf(call)
  requireAccess(call, 'configure', 'queue', record.name)
  if (record.exclusiveOwner !== null) throw resourceLocked(record.name, record.vhost)
  const flag = (name: string) => call.query.get(name) === 'true'
  await ask(call, record, { op: 'delete', ifUnused: flag('if-unused'), ifEmpty: flag('if-empty') })
  return noContent
}

async function purgeQueue(call: Call) {
  const record = queueOf(call)
  requireAccess(call, 'read', 'queue', record.name)
  if (record.exclusiveOwner !== null) throw resourceLocked(record.name, record.vhost)
  await ask(call, record, { op: 'purge' })
  return noContent
}

/** `sync` of a queue that is not mirrored, or level already, does nothing and says so to nobody (docs/observed.md §4.8). */
async function act(call: Call) {
  const { view, params } = call
  const record = view.definitions.queue(params['vhost']!, params['name']!)
  if (record === undefined || record.state === 'down') throw objectNotFound()
  const body = objectBody(call)
  requireKeys(body, ['action'])
  const { action } = body
  if (action !== 'sync' && action !== 'cancel_sync') throw badRequest(['unknown', action])
  // A queue that nobody leads has nobody to ask, now or later.
  if (record.state === 'waiting') return noContent
  // Nobody waits for a synchronisation to end, which is what the queue may be busy with.
  if (action === 'sync') ask(call, record, { op: 'sync' }).catch(() => {})
  else await ask(call, record, { op: 'cancel-sync' })
  return noContent
}
