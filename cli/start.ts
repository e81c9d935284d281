// `warren start`: opens a cluster's ports, says where they are and waits for a signal. It never leaves anything open when
// it fails, and says in one sentence why it did.

import {
  DefinitionsError,
  type PartitionHandling,
  type PauseIfAllDownInput,
  PolicyChangeError,
  type RunningCluster,
  startCluster,
  TlsError,
} from '../index.ts'
import { exitCodes, Failure } from './failure.ts'
import { readText } from './read-text.ts'
import { firstTlsPort, leaveThrowAway, readTls, type TlsFlags } from './start-tls.ts'

export interface StartFlags extends TlsFlags {
  readonly nodes: number
  readonly port: number
  readonly adminPort?: number
  /** Of the first node. */
  readonly prometheusPort?: number
  readonly host: string
  readonly policies?: string
  /** Edits of that file are applied as they are made. */
  readonly watch: boolean
  /** A definitions.json. */
  readonly definitions?: string
  readonly partitionHandling: Extract<PartitionHandling, string> | PauseIfAllDownInput['mode']
  /** Of pause_if_all_down: node names joined by commas, and what follows when several sides went on. */
  readonly pauseIfAllDownNodes?: string
  readonly pauseIfAllDownRecover?: 'ignore' | 'autoheal'
  /** In seconds. */
  readonly netTicktime: number
  readonly memoryLimit: string
  readonly seed?: number
  readonly consumerTimeout?: number
  readonly trace: 'events' | 'messages'
}

/** Resolves once the cluster has been stopped by a signal. Throws Failure when it cannot be started. */
export async function start(flags: StartFlags): Promise<void> {
  refuseOverlap(flags)
  const tls = readTls(flags)
  const { policies, watch } = await startingPolicies(flags)
  const definitions =
    flags.definitions === undefined ? undefined : readText(flags.definitions, 'definitions file')
  const signal = firstSignal()
  const { consumerTimeout: consumerTimeoutMs } = flags
  const running = await startCluster({
    ...flags,
    partitionHandling: handlingOf(flags),
    netTickMs: flags.netTicktime * 1000,
    tls,
    policies,
    ...(definitions !== undefined && { definitions }),
    ...(consumerTimeoutMs !== undefined && { consumerTimeoutMs }),
  }).catch((error) => {
    throw new Failure(exitCodes.failed, `warren: ${whyNot(error, flags)}`)
  })
  process.stdout.write(places(running, flags))
  if (definitions !== undefined) await sayWhatIsKept(definitions)
  const unwatch = watch(running)
  await signal
  unwatch()
  void firstSignal().then(() => process.exit(130))
  await endGently(running)
}

/** Throws Failure when the options do not fit together. */
function handlingOf(flags: StartFlags): PartitionHandling | PauseIfAllDownInput {
  const { partitionHandling: mode, pauseIfAllDownNodes: given, pauseIfAllDownRecover: recover } = flags
  const usage = (text: string) => new Failure(exitCodes.usage, `warren: ${text}`)
  if (mode !== 'pause_if_all_down') {
    if (given === undefined && recover === undefined) return mode
    throw usage(
      '--pause-if-all-down-nodes and --pause-if-all-down-recover go with --partition-handling pause_if_all_down.',
    )
  }
  const names = (given ?? '').split(/[\s,]+/).filter((word) => word !== '')
  if (names.length === 0)
    throw usage('pause_if_all_down needs --pause-if-all-down-nodes, such as node1,node2.')
  const nodes = names.map((name) => name.replace(/^(?:rabbit@)?(?:node)?(\d+)$/, 'rabbit@node$1'))
  return { mode, nodes, ...(recover !== undefined && { recover }) }
}

function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve())
  })
}

/** Clients are told (320) before their sockets close, as when RabbitMQ's service is stopped. */
async function endGently(running: RunningCluster): Promise<void> {
  const serving = running.cluster.members.filter((member) => member.state === 'running')
  await Promise.all(serving.map((member) => running.node(member.name).stop()))
  await running.stop()
}

function places(running: RunningCluster, { host, definitions }: StartFlags): string {
  const width = Math.max(...running.cluster.members.map((member) => member.name.length))
  const line = (name: string, url: string) => `${name.padEnd(width)}  ${reachable(url, host)}\n`
  const nodes = running.cluster.members.map((member, i) => line(member.name, running.urls[i]!)).join('')
  const secure = running.tlsUrls.map((url, i) => line(running.cluster.members[i]!.name, url)).join('')
  const admin = running.adminUrl === null ? '' : line('admin', running.adminUrl)
  const [first] = running.metricsUrls
  const metrics = first === undefined ? '' : `${'metrics'.padEnd(width)}  ${reachable(first, host)}/metrics\n`
  const users = definitions === undefined ? 'User guest, password guest.' : `Users as in ${definitions}.`
  return `${nodes}${secure}${admin}${metrics}${leaveThrowAway(running, width)}${users} Stop with Ctrl-C.\n`
}

/** Queues of the file that nobody can use here. */
async function sayWhatIsKept(definitions: string): Promise<void> {
  const { notEmulated, parseDefinitions } = await import('../policies/definitions-file.ts')
  const note = notEmulated(parseDefinitions(definitions))
  if (note !== null) process.stderr.write(`warren: ${note}\n`)
}

/** The URL with an address that clients on this machine can use: that asked for, or loopback when it was all of them. */
function reachable(url: string, host: string): string {
  const address = host === '0.0.0.0' || host === 'localhost' ? '127.0.0.1' : host === '::' ? '::1' : host
  const { protocol, port } = new URL(url)
  // A throw-away certificate has this name too.
  if (protocol === 'amqps:' && host === 'localhost') return `${protocol}//localhost:${port}`
  return `${protocol}//${address.includes(':') ? `[${address}]` : address}:${port}`
}

/** What --policies says, and what watches it. Loaded only when asked for: reading YAML takes a library. */
async function startingPolicies({ policies: source, watch }: StartFlags) {
  if (source === undefined && watch)
    throw new Failure(exitCodes.usage, 'warren: --watch goes with --policies FILE.')
  if (source === undefined) return { policies: [], watch: () => () => {} }
  const { startPolicies } = await import('./policies/start.ts')
  return startPolicies(source, watch)
}

/** As the library has it: 0 for any free ports. */
const firstPrometheusPort = ({ prometheusPort, port, adminPort }: StartFlags) =>
  prometheusPort ?? (port === 0 || adminPort === 0 ? 0 : 15_692)

const portNames: Readonly<Record<string, string>> = {
  '--port': "the nodes' ports",
  '--tls-port': 'TLS ports',
  '--prometheus-port': 'Prometheus ports',
}

/** Ports that cannot work whatever else runs on the machine. */
function refuseOverlap(flags: StartFlags): void {
  const { nodes, port, adminPort = 15_672 } = flags
  const prometheusPort = firstPrometheusPort(flags)
  if (port === 0) return
  const usage = (text: string) => new Failure(exitCodes.usage, `warren: ${text}`)
  const ranges = [{ option: '--port', first: port }]
  const tlsPort = firstTlsPort(flags)
  if (tlsPort > 0) ranges.push({ option: '--tls-port', first: tlsPort })
  if (prometheusPort > 0) ranges.push({ option: '--prometheus-port', first: prometheusPort })
  for (const { option, first } of ranges) {
    const last = first + nodes - 1
    if (last > 65_535)
      throw usage(
        `${nodes} nodes from port ${first} on would end at ${last}, past 65535; choose a lower ${option}.`,
      )
    if (adminPort >= first && adminPort <= last)
      throw usage(
        `the nodes' ports ${first} to ${last} include --admin-port ${adminPort}; change one of them.`,
      )
  }
  for (const [i, { option, first }] of ranges.entries())
    for (const other of ranges.slice(i + 1))
      if (Math.abs(other.first - first) < nodes)
        throw usage(
          `${portNames[option]} from ${first} on and ${portNames[other.option]} from ${other.first} on overlap; change one of them.`,
        )
}

/** What the port of a system's error was meant for, and the option that chooses another. */
function ownerOf(taken: number | undefined, flags: StartFlags): readonly [owner: string, option: string] {
  const starts = [
    ['--port', flags.port],
    ['--tls-port', firstTlsPort(flags)],
    ['--prometheus-port', firstPrometheusPort(flags)],
  ] as const
  for (const [option, first] of starts) {
    const node = (taken ?? -1) - first
    if (first !== 0 && node >= 0 && node < flags.nodes) return [`rabbit@node${node + 1}`, option]
  }
  return ['the admin page', '--admin-port']
}

function whyNot(error: NodeJS.ErrnoException & { port?: number }, flags: StartFlags): string {
  const { code, port: taken } = error
  const [owner, option] = ownerOf(taken, flags)
  if (error instanceof TlsError) return error.message
  if (error instanceof DefinitionsError) return `${flags.definitions}: ${error.message}`
  if (error instanceof PolicyChangeError) return `${flags.policies}: ${error.message}`
  if (code === 'EADDRINUSE')
    return `port ${taken}, meant for ${owner}, is taken by another program; choose another with ${option}.`
  if (code === 'EACCES')
    return `port ${taken}, meant for ${owner}, needs more rights; choose one above 1023 with ${option}.`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `${flags.host} is no address of this machine; choose another with --host.`
  throw error
}
