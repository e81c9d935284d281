// The verbs about queues as a whole, connections, channels and consumers: delete_queue, purge_queue, close_connection,
// list_channels, list_consumers. Where rabbitmqctl has processes, Warren has a connection's number and a channel's. In
// rabbitmqctl's words and exit codes, as recorded (test/data/ctl.json).

import { chosenColumns, connectionPids, type ListFlags, ofVhost, plainCell, show } from './ctl-lists.ts'
import type { Cell } from './ctl-output.ts'
import { type Session, segment, unexpected } from './ctl-session.ts'
import { exitCodes, Failure, refused } from './failure.ts'

type Row = Readonly<Record<string, unknown>>

// ---- queues

interface DeleteFlags {
  readonly ifEmpty?: boolean
  readonly ifUnused?: boolean
}

export async function deleteQueue(
  session: Session,
  name: string,
  { ifEmpty = false, ifUnused = false }: DeleteFlags,
): Promise<void> {
  const conditions = [...(ifEmpty ? ['queue is empty'] : []), ...(ifUnused ? ['queue is unused'] : [])]
  const only = conditions.length === 0 ? '' : ` if ${conditions.join(' and if ')}`
  session.say(`Deleting queue '${name}' on vhost '${session.vhost}'${only} ...`)
  const path = `/queues/${segment(session.vhost)}/${segment(name)}`
  const usage = (reason: string) => new Failure(exitCodes.usage, `Error:\n${reason}\n`)
  const found = await session.api('GET', path)
  if (found.status === 404) throw usage('Queue not found')
  if (found.status !== 200) throw unexpected('the queue', found)
  const query = [...(ifEmpty ? ['if-empty=true'] : []), ...(ifUnused ? ['if-unused=true'] : [])].join('&')
  const answer = await session.api('DELETE', query === '' ? path : `${path}?${query}`)
  if (answer.status === 404) throw usage('Queue not found')
  if (answer.status === 400) {
    const { reason } = (answer.body ?? {}) as { reason?: unknown }
    throw usage(/not empty/.test(String(reason)) ? 'Queue is not empty' : 'Queue is in use')
  }
  if (answer.status >= 300) throw unexpected('the removal', answer)
  const { messages_ready: ready = 0 } = found.body as { messages_ready?: number }
  session.tell(`Queue was successfully deleted with ${ready} ready messages`)
}

export async function purgeQueue(session: Session, name: string): Promise<void> {
  session.say(`Purging queue '${name}' in vhost '${session.vhost}' ...`)
  const answer = await session.api('DELETE', `/queues/${segment(session.vhost)}/${segment(name)}/contents`)
  if (answer.status === 404) throw refused('not_found')
  if (answer.status >= 300) throw unexpected('the purge', answer)
}

// ---- connections

interface Client {
  readonly id: number
  readonly name: string
  readonly node: string
  readonly user: string
  readonly vhost: string
}

async function clients(session: Session): Promise<Client[]> {
  const answer = await session.control('GET', '/warren/clients')
  if (answer.status !== 200) throw unexpected('the clients', answer)
  return answer.body as Client[]
}

async function close(session: Session, { name }: Client, reason: string): Promise<boolean> {
  const answer = await session.api('DELETE', `/connections/${segment(name)}`, undefined, {
    'x-reason': reason,
  })
  if (answer.status >= 300 && answer.status !== 404) throw unexpected('the close', answer)
  return answer.status < 300
}

/** `pid` as list_connections shows it; one of nobody is closed already. */
export async function closeConnection(session: Session, pid: string, reason: string): Promise<void> {
  session.say(`Closing connection ${pid}, reason: ${reason}...`)
  const [, node, id] = /^<(.+)\.(\d+)\.\d+\.\d+>$/.exec(pid) ?? []
  if (node === undefined) throw refused(`Error:\n{:invalid_pid_syntax, "${pid}"}`)
  const client = (await clients(session)).find((one) => one.node === node && String(one.id) === id)
  if (client !== undefined) await close(session, client, reason)
}

interface CloseAllFlags {
  readonly global?: boolean
  readonly limit?: number
  readonly perConnectionDelay?: number
}

export async function closeAllConnections(
  session: Session,
  reason: string,
  flags: CloseAllFlags,
): Promise<void> {
  const node = await session.target()
  const { global = false, limit = 0, perConnectionDelay = 0 } = flags
  session.say(
    global
      ? `Closing all connections to node ${node} (across all vhosts), reason: ${reason}...`
      : `Closing all connections in vhost ${session.vhost}, reason: ${reason}...`,
  )
  const wanted = (await clients(session)).filter((one) =>
    global ? one.node === node : one.vhost === session.vhost,
  )
  let closed = 0
  for (const client of limit === 0 ? wanted : wanted.slice(0, limit)) {
    if (closed > 0) await new Promise((resolve) => setTimeout(resolve, perConnectionDelay))
    if (await close(session, client, reason)) closed++
  }
  session.tell(`Closed ${closed} connections`)
}

export async function closeAllUserConnections(session: Session, user: string, reason: string): Promise<void> {
  session.say(`Closing connections of user ${user}, reason: ${reason}...`)
  for (const client of await clients(session)) if (client.user === user) await close(session, client, reason)
}

// ---- channels and consumers

export const channelColumns = [
  ...['pid', 'connection', 'name', 'number', 'user', 'vhost', 'transactional', 'confirm', 'consumer_count'],
  ...['messages_unacknowledged', 'messages_uncommitted', 'acks_uncommitted', 'messages_unconfirmed'],
  ...['prefetch_count', 'global_prefetch_count', 'state'],
]
const usualChannelColumns = ['pid', 'user', 'consumer_count', 'messages_unacknowledged']

const numbered = (pid: string | undefined, number: unknown) =>
  pid === undefined ? '' : pid.replace(/\.0\.0>$/, `.${number}.0>`)

export async function listChannels(session: Session, given: string[], flags: ListFlags): Promise<void> {
  const columns = chosenColumns(given, channelColumns, usualChannelColumns)
  session.say('Listing channels ...')
  const [channels, pids] = [await session.get<Row[]>('/channels'), await connectionPids(session)]
  const cell = (channel: Row, column: string): Cell => {
    const { name } = channel['connection_details'] as { name: string }
    if (column === 'connection') return pids.get(name) ?? ''
    if (column === 'pid') return numbered(pids.get(name), channel['number'])
    return plainCell(channel, column)
  }
  show(
    session,
    columns,
    channels.map((channel) => columns.map((column) => cell(channel, column))),
    flags,
  )
}

export const consumerColumns = [
  ...['queue_name', 'channel_pid', 'consumer_tag', 'ack_required', 'prefetch_count', 'active'],
  ...['activity_status', 'arguments'],
]
const usualConsumerColumns = consumerColumns.filter((column) => column !== 'activity_status')

export async function listConsumers(session: Session, given: string[], flags: ListFlags): Promise<void> {
  const columns = chosenColumns(given, consumerColumns, usualConsumerColumns)
  session.say(`Listing consumers in vhost ${session.vhost} ...`)
  const [consumers, pids] = [await ofVhost<Row>(session, '/consumers'), await connectionPids(session)]
  const cell = (consumer: Row, column: string): Cell => {
    if (column === 'queue_name') return (consumer['queue'] as { name: string }).name
    if (column !== 'channel_pid') return plainCell(consumer, column)
    const { connection_name: name, number } = consumer['channel_details'] as Row
    return numbered(pids.get(String(name)), number)
  }
  show(
    session,
    columns,
    consumers.map((consumer) => columns.map((column) => cell(consumer, column))),
    flags,
  )
}
