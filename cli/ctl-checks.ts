// The health checks of rabbitmq-diagnostics and rabbitmq-queues, and what they tell of one node: each looks through the HTTP API
// and ends with 69 when what it checks is not so.

import { connect } from 'node:net'
import { type Session, unexpected } from './ctl-session.ts'
import { exitCodes, Failure, refused } from './failure.ts'

interface Listener {
  readonly node: string
  readonly protocol: string
  readonly ip_address: string
  readonly port: number
}
interface Overview {
  readonly rabbitmq_version: string
  readonly erlang_version: string
  readonly listeners: readonly Listener[]
}
interface NodeView {
  readonly name: string
  readonly running: boolean
  readonly mem_alarm?: boolean
  readonly disk_free_alarm?: boolean
}

/** The asked node's name when it runs, else null; throws for one that there is not. */
async function runs(session: Session): Promise<{ node: string; running: boolean; state: string }> {
  const node = await session.addressedOrFirst()
  const { state } = (await session.nodes()).find(({ name }) => name === node)!
  return { node, running: state === 'running', state }
}

/** Fails as the real tool does when nobody is there. */
async function requireProcess(session: Session): Promise<string> {
  const { node, state } = await runs(session)
  if (state === 'stopped' || state === 'frozen') await session.target()
  return node
}

export async function ping(session: Session): Promise<void> {
  const node = await session.addressedOrFirst()
  const ms = (session.flags.timeout ?? 60) * 1000
  session.say(
    `Will ping ${node}. This only checks if the OS process is running and registered with epmd. Timeout: ${ms} ms.`,
  )
  await requireProcess(session)
  session.tell('Ping succeeded')
}

/** How often to look again, and how long in all unless -t says so. */
const lookMs = 200
const startupMs = 300_000

async function until(session: Session, done: (fresh: Session) => Promise<boolean>): Promise<boolean> {
  const end =
    performance.now() + (session.flags.timeout === undefined ? startupMs : session.flags.timeout * 1000)
  for (;;) {
    if (await done(session.fresh())) return true
    if (performance.now() > end) return false
    await new Promise((resolve) => setTimeout(resolve, lookMs))
  }
}

export async function awaitStartup(session: Session): Promise<void> {
  if (await until(session, async (fresh) => (await runs(fresh)).running)) return
  throw new Failure(exitCodes.timedOut, 'Error: operation await_startup timed out.')
}

export async function awaitOnlineNodes(session: Session, count: string): Promise<void> {
  const wanted = Number(count)
  if (!Number.isInteger(wanted) || wanted < 1) throw refused('the count must be a whole number from 1 on')
  const node = await session.addressedOrFirst()
  const seconds = session.flags.timeout ?? 300
  session.say(
    `Will wait for at least ${wanted} nodes to join the cluster of ${node}. Timeout: ${seconds} seconds.`,
  )
  const enough = async (fresh: Session) =>
    (await fresh.get<NodeView[]>('/nodes')).filter(({ running }) => running).length >= wanted
  if (await until(session, enough)) return
  throw new Failure(exitCodes.timedOut, 'Error: operation await_online_nodes timed out.')
}

export async function isRunning(session: Session): Promise<void> {
  const node = await session.addressedOrFirst()
  session.say(`Asking node ${node} for its status ...`)
  const { running } = await runs(session)
  const message = running
    ? `RabbitMQ on node ${node} is fully booted and running`
    : `RabbitMQ on node ${node} is not running or has not fully booted yet (check with is_booting)`
  session.tell(message, { message, result: running })
}

export async function isBooting(session: Session): Promise<void> {
  const node = await session.addressedOrFirst()
  session.say(`Asking node ${node} for its boot status ...`)
  const { state } = await runs(session)
  const booting = state === 'starting' || state === 'waiting'
  const message = booting
    ? `RabbitMQ on node ${node} is booting`
    : `RabbitMQ on node ${node} is fully booted (check with is_running), stopped or has not started booting yet`
  session.tell(message, { message, result: booting })
}

export async function checkRunning(session: Session): Promise<void> {
  const node = await session.addressedOrFirst()
  session.say(`Checking if RabbitMQ is running on node ${node} ...`)
  if (!(await runs(session)).running)
    throw refused(
      `RabbitMQ on node ${node} is not running or has not fully booted yet (check with is_booting)`,
    )
  session.tell(`RabbitMQ on node ${node} is fully booted and running`)
}

/** Alarms of the nodes of the asked node's view, as `alarms` lists them. */
async function alarmsOf(session: Session): Promise<{ node: string; resource: string; type: string }[]> {
  return (await session.get<NodeView[]>('/nodes')).flatMap(({ name, mem_alarm, disk_free_alarm }) => [
    ...(mem_alarm ? [{ node: name, resource: 'memory', type: 'resource_limit' }] : []),
    ...(disk_free_alarm ? [{ node: name, resource: 'disk', type: 'resource_limit' }] : []),
  ])
}

const alarmNames: Readonly<Record<string, string>> = {
  memory: 'Memory alarm',
  disk: 'Free disk space alarm',
}
const alarmLine = ({ node, resource }: { node: string; resource: string }) =>
  `${alarmNames[resource]} on node ${node}`

export async function alarms(session: Session): Promise<void> {
  const node = await session.target()
  session.say(`Asking node ${node} to report any known resource alarms ...`)
  const found = await alarmsOf(session)
  const sentence =
    found.length === 0
      ? `Node ${node} reported no alarms, local or clusterwide`
      : found.map(alarmLine).join('\n')
  session.tell(sentence, { alarms: found, node, result: 'ok' })
}

export async function checkAlarms(session: Session, local: boolean): Promise<void> {
  const node = await session.target()
  session.say(`Asking node ${node} to report any local resource alarms ...`)
  const found = (await alarmsOf(session)).filter((alarm) => !local || alarm.node === node)
  if (found.length > 0) throw refused(`Error: ${found.map(alarmLine).join('\n')}`)
  const what = local ? 'local alarms' : 'alarms, local or clusterwide'
  session.tell(`Node ${node} reported no ${what}`, { result: 'ok' })
}

async function listenersOf(session: Session, node: string): Promise<Listener[]> {
  const { listeners } = await session.get<Overview>('/overview')
  return listeners.filter((listener) => listener.node === node)
}

const portsOf = (listeners: readonly Listener[]) => [...new Set(listeners.map(({ port }) => port))]

export async function listeners(session: Session): Promise<void> {
  const node = await session.target()
  session.say(`Asking node ${node} to report its protocol listeners ...`)
  const found = await listenersOf(session, node)
  const lines = found.map(
    ({ ip_address, port, protocol }) =>
      `Interface: ${ip_address.includes(':') ? `[${ip_address}]` : ip_address}, port: ${port}, protocol: ${protocol}`,
  )
  session.tell(lines.join('\n'), { listeners: found, node, result: 'ok' })
}

export async function checkPortConnectivity(session: Session): Promise<void> {
  const node = await session.target()
  session.say(`Testing TCP connections to all active listeners on node ${node} ...`)
  const ports = portsOf(await listenersOf(session, node))
  const host = session.flags.url.hostname.replace(/^\[|\]$/g, '')
  const closed: number[] = []
  for (const port of ports) if (!(await opens(host, port))) closed.push(port)
  if (closed.length > 0)
    throw refused(
      `Connection to ports of the following listeners on node ${node} failed: ${closed.join(', ')}`,
    )
  session.tell(`Successfully connected to ports ${ports.join(', ')} on node ${node}.`)
}

function opens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host)
    const end = (open: boolean) => {
      socket.destroy()
      resolve(open)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
    socket.setTimeout(5000, () => end(false))
  })
}

export async function checkPortListener(session: Session, port: string): Promise<void> {
  const node = await session.target()
  session.say(`Asking node ${node} if there's an active listener on port ${port} ...`)
  const found = await listenersOf(session, node)
  const known = portsOf(found)
  if (known.some((one) => String(one) === port))
    return session.tell(`A listener for port ${port} is running on node ${node}.`)
  if (session.flags.formatter === 'json')
    throw new Failure(exitCodes.unavailable, JSON.stringify({ listeners: found }))
  throw new Failure(
    exitCodes.unavailable,
    `No listener for port ${port} is active on node ${node}. ` +
      `Found listeners that use the following ports: ${known.join(', ')}`,
  )
}

/** Protocols by the names that people give them. */
const otherNames: Readonly<Record<string, string>> = {
  amqp091: 'amqp',
  'amqp0.9.1': 'amqp',
  'amqp0-9-1': 'amqp',
  amqp10: 'amqp',
  amqps: 'amqp/ssl',
  prometheus: 'http/prometheus',
  'management-ui': 'http',
}

export async function checkProtocolListener(session: Session, given: string): Promise<void> {
  const node = await session.target()
  session.say(`Asking node ${node} if there's an active listener for protocol ${given} ...`)
  const protocol = otherNames[given.toLowerCase()] ?? given.toLowerCase()
  const known = [...new Set((await listenersOf(session, node)).map((listener) => listener.protocol))].sort()
  if (known.includes(protocol))
    return session.tell(`A listener for protocol ${protocol} is running on node ${node}.`)
  throw refused(
    `No listener for protocol ${given} is active on node ${node}. ` +
      `Found listeners for the following protocols: ${known.join(', ')}`,
  )
}

export async function checkVirtualHosts(session: Session): Promise<void> {
  const node = await session.target()
  session.say(`Checking if all vhosts are running on node ${node} ...`)
  const vhosts =
    await session.get<{ name: string; cluster_state?: Readonly<Record<string, string>> }[]>('/vhosts')
  const down = vhosts.filter(({ cluster_state: states }) => states?.[node] !== 'running')
  if (down.length > 0)
    throw refused(`Some virtual hosts on node ${node} are down:\n${down.map(({ name }) => name).join('\n')}`)
  session.tell(`Node ${node} reported all vhosts as running`)
}

export async function checkQuorumCritical(session: Session): Promise<void> {
  const node = await session.target()
  session.say(`Checking if node ${node} is critical for quorum of any quorum queues ...`)
  session.tell(`Node ${node} reported no quorum queues with minimum quorum`)
}

export async function checkMirrorSyncCritical(session: Session): Promise<void> {
  const node = await session.target()
  session.say(`Checking if node ${node} is critical for data safety of any classic mirrored queues ...`)
  const answer = await session.api('GET', '/health/checks/node-is-mirror-sync-critical')
  if (answer.status === 200)
    return session.tell(
      `Node ${node} reported no classic mirrored queues without online synchronised mirrors`,
    )
  if (answer.status !== 503) throw unexpected('the check', answer)
  const { queues = [] } = answer.body as { queues?: { readable_name: string }[] }
  const names = queues.map(({ readable_name: name }) => name).join('\n')
  throw refused(
    `Node ${node} reported local classic mirrored queues without online synchronised mirrors:\n${names}`,
  )
}

export async function serverVersion(session: Session): Promise<void> {
  const node = await session.target()
  session.say(`Asking node ${node} for its RabbitMQ version...`)
  const { rabbitmq_version: value } = await session.get<Overview>('/overview')
  session.tell(value, { result: 'ok', value })
}

export async function erlangVersion(session: Session): Promise<void> {
  const node = await session.target()
  session.say(`Asking node ${node} for its Erlang/OTP version...`)
  const { erlang_version: value } = await session.get<Overview>('/overview')
  session.tell(`Erlang/OTP ${value}`, { result: 'ok', value })
}
