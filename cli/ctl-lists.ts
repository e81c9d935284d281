// The listing verbs: list_queues, list_exchanges, list_bindings, list_connections, list_policies and Warren's own
// list_nodes. Each is a request, a set of columns and a way to read them; nothing here changes the cluster.

import { type Cell, csvText, erlangText, jsonText, prettyText, tableText } from './ctl-output.ts'
import type { ListedQueue } from './ctl-queues.ts'
import { queueCell, queueColumns, shownQueues } from './ctl-queues.ts'
import { type Session, segment, unexpected } from './ctl-session.ts'
import { exitCodes, Failure, WrongWords } from './failure.ts'

export interface ListFlags {
  readonly tableHeaders: boolean
}
export interface QueueListFlags extends ListFlags {
  readonly online?: boolean
  readonly offline?: boolean
  readonly local?: boolean
}

type Item = Readonly<Record<string, unknown>>

/** Prints what was read; rabbitmqctl prints nothing but the announcement when there is nothing. */
export function show(
  session: Session,
  columns: readonly string[],
  rows: readonly Cell[][],
  flags: ListFlags,
): void {
  const header = flags.tableHeaders && !session.flags.silent
  const forms = {
    json: () => jsonText(columns, rows),
    csv: () => csvText(columns, rows, header),
    pretty_table: () => prettyText(columns, rows),
    erlang: () => erlangText(columns, rows),
    table: () => tableText(columns, rows, header),
    yaml: () => tableText(columns, rows, header),
  }
  process.stdout.write(forms[session.flags.formatter]())
}

/** Columns as asked for, which may be joined by commas; throws rabbitmqctl's refusal of unknown ones. */
export function chosenColumns(
  given: readonly string[],
  known: readonly string[],
  usual: readonly string[],
): readonly string[] {
  const columns = given.flatMap((word) => word.split(',')).filter((word) => word !== '')
  const unknown = columns.filter((column) => !known.includes(column))
  if (unknown.length > 0) throw new WrongWords(`Info key(s) ${unknown.join(',')} are not supported`)
  return columns.length === 0 ? usual : columns
}

export function plainCell(item: Item, column: string): Cell {
  const value = item[column]
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? { table: value as Record<string, unknown> } : (value as Cell)
}

export async function listQueues(session: Session, given: string[], flags: QueueListFlags): Promise<void> {
  const columns = chosenColumns(given, queueColumns, ['name', 'messages'])
  session.say(`Timeout: ${(session.flags.timeout ?? 60).toFixed(1)} seconds ...`)
  session.say(`Listing queues for vhost ${session.vhost} ...`)
  const target = await session.target()
  const running = (await session.get<{ name: string; running: boolean }[]>('/nodes'))
    .filter((node) => node.running)
    .map((node) => node.name)
  const all = await ofVhost<ListedQueue>(session, '/queues')
  const queues = shownQueues(all, running).filter(
    ({ node, state }) =>
      (!flags.online || state !== 'down') &&
      (!flags.offline || state === 'down') &&
      (!flags.local || (node === target && state !== 'down')),
  )
  const rows = queues.map((queue) => columns.map((column) => queueCell(queue, column)))
  show(session, columns, rows, flags)
}

/** What a vhost holds; an unknown vhost holds nothing, as with rabbitmqctl. */
export async function ofVhost<T>(session: Session, path: string): Promise<T[]> {
  const answer = await session.api('GET', `${path}/${segment(session.vhost)}`)
  if (answer.status === 404) return []
  if (answer.status !== 200) throw unexpected(`GET /api${path}`, answer)
  return answer.body as T[]
}

export const exchangeColumns = ['name', 'type', 'durable', 'auto_delete', 'internal', 'arguments', 'policy']

export async function listExchanges(session: Session, given: string[], flags: ListFlags): Promise<void> {
  const columns = chosenColumns(given, exchangeColumns, ['name', 'type'])
  session.say(`Listing exchanges for vhost ${session.vhost} ...`)
  const exchanges = await ofVhost<Item>(session, '/exchanges')
  const rows = exchanges.map((exchange) => columns.map((column) => plainCell(exchange, column)))
  show(session, columns, rows, flags)
}

export const bindingColumns = [
  'source_name',
  'source_kind',
  'destination_name',
  'destination_kind',
  'routing_key',
  'arguments',
]

export async function listBindings(session: Session, given: string[], flags: ListFlags): Promise<void> {
  const columns = chosenColumns(given, bindingColumns, bindingColumns)
  session.say(`Listing bindings for vhost ${session.vhost}...`)
  const bindings = (await ofVhost<Item>(session, '/bindings')).map((binding) => ({
    source_name: binding['source'],
    source_kind: 'exchange',
    destination_name: binding['destination'],
    destination_kind: binding['destination_type'],
    routing_key: binding['routing_key'],
    arguments: binding['arguments'],
  }))
  const rows = bindings.map((binding) => columns.map((column) => plainCell(binding, column)))
  show(session, columns, rows, flags)
}

export const connectionColumns = [
  'pid',
  'user',
  'peer_host',
  'peer_port',
  'state',
  'name',
  'node',
  'host',
  'port',
  'vhost',
  'channels',
  'protocol',
  'auth_mechanism',
  'timeout',
  'frame_max',
  'channel_max',
  'client_properties',
  'connected_at',
]

function connectionCell(connection: Item, column: string, pids: ReadonlyMap<string, string>): Cell {
  if (column === 'pid') return pids.get(String(connection['name'])) ?? ''
  const value = connection[column]
  const version = column === 'protocol' ? /^AMQP (\d)-(\d)-(\d)$/.exec(String(value)) : null
  return version === null ? plainCell(connection, column) : { tuple: version.slice(1).map(Number) }
}

interface Client {
  readonly id: number
  readonly name: string
  readonly node: string
}

/** What Warren shows for a connection's process, by the connection's name. */
export async function connectionPids(session: Session): Promise<ReadonlyMap<string, string>> {
  const answer = await session.control('GET', '/warren/clients')
  if (answer.status !== 200) throw unexpected('the clients', answer)
  return new Map((answer.body as Client[]).map(({ name, node, id }) => [name, `<${node}.${id}.0.0>`]))
}

export async function listConnections(session: Session, given: string[], flags: ListFlags): Promise<void> {
  const columns = chosenColumns(given, connectionColumns, ['user', 'peer_host', 'peer_port', 'state'])
  session.say('Listing connections ...')
  const connections = await session.get<Item[]>('/connections')
  const pids = columns.includes('pid') ? await connectionPids(session) : new Map<string, string>()
  const rows = connections.map((connection) =>
    columns.map((column) => connectionCell(connection, column, pids)),
  )
  show(session, columns, rows, flags)
}

export const policyColumns = ['vhost', 'name', 'pattern', 'apply-to', 'definition', 'priority']

/** A policy's cells; its definition is JSON. */
export const policyRow = (policy: Item): Cell[] =>
  policyColumns.map((column) =>
    column === 'definition' ? JSON.stringify(policy[column]) : plainCell(policy, column),
  )

export async function listPolicies(session: Session, flags: ListFlags): Promise<void> {
  session.say(`Listing policies for vhost "${session.vhost}" ...`)
  const answer = await session.api('GET', `/policies/${segment(session.vhost)}`)
  if (answer.status === 404)
    throw new Failure(exitCodes.data, `Virtual host '${session.vhost}' does not exist`)
  if (answer.status !== 200) throw unexpected('GET /api/policies', answer)
  const rows = (answer.body as Item[]).map(policyRow)
  if (rows.length === 0 && session.flags.formatter === 'json') session.print('[]')
  else show(session, policyColumns, rows, flags)
}

export async function listNodes(session: Session, flags: ListFlags): Promise<void> {
  session.say('Listing nodes ...')
  const nodes = await session.nodes()
  const rows = nodes.map(({ name, state, port }) => [name, state, port])
  show(session, ['name', 'state', 'port'], rows, flags)
}
