// Health checks: 200 when all is well, 503 with the reason when it is not (docs/observed.md §5.4, §6, §15, §26). A check
// looks; it must never change anything.

import { X509Certificate } from 'node:crypto'
import type { QueueRecord } from '../../nodes/definitions.ts'
import { badRequest, HttpError, objectNotFound } from '../http-error.ts'
import type { Call, Resource } from '../resource.ts'
import { listenersOf } from './listeners.ts'

const well = { status: 'ok' } as const

/** 503 with what is not well. */
const failed = (reason: string, details: object) =>
  new HttpError(503, { status: 'failed', reason, ...details })

export const health: readonly Resource[] = [
  { path: '/health/checks/alarms', GET: alarms('in the cluster', ({ view }) => view.running) },
  { path: '/health/checks/local-alarms', GET: alarms('on the node', ({ view }) => [view.node.name]) },
  { path: '/health/checks/certificate-expiration/:within/:unit', GET: certificates },
  { path: '/health/checks/port-listener/:port', GET: portListener },
  { path: '/health/checks/protocol-listener/:protocol', GET: protocolListener },
  // A vhost of this cluster is never anything but up.
  { path: '/health/checks/virtual-hosts', GET: () => well },
  { path: '/health/checks/node-is-mirror-sync-critical', GET: mirrorSyncCritical },
  // There are no quorum queues that could lose their majority.
  {
    path: '/health/checks/node-is-quorum-critical',
    GET: (call) => (isAlone(call) ? alone : well),
  },
  { path: '/healthchecks/node', GET: node },
  { path: '/healthchecks/node/:name', GET: node },
]

/** Memory is the process's, so that under an alarm every node that runs has one. */
function alarms(where: string, nodes: (call: Call) => readonly string[]) {
  return (call: Call) => {
    if (!call.view.cluster.memory.alarm) return well
    const entries = nodes(call).map((name) => ({ node: name, resource: 'memory' }))
    throw failed(`There are alarms in effect ${where}`, { alarms: entries })
  }
}

const unitMs = { days: 86_400_000, weeks: 604_800_000, months: 2_592_000_000, years: 31_536_000_000 }

/** Of the node's TLS port; nothing expires where there is none. */
function certificates({ view, params }: Call) {
  const unit = Object.entries(unitMs).find(([name]) => name === params['unit'])
  if (!/^-?\d{1,12}$/.test(params['within']!)) throw badRequest('Invalid expiration value.')
  if (unit === undefined)
    throw badRequest('Time unit not recognised. Supported units: days, weeks, months, years.')
  const before = view.now + Number(params['within']) * unit[1]
  const expired = view.context.ports.tls
    .filter(({ member }) => member.name === view.node.name)
    .flatMap(({ port, tls }) => {
      const until = tls === null ? '' : new X509Certificate(tls.cert).validTo
      return Date.parse(until) < before ? [{ port, interface: '127.0.0.1', protocol: 'amqp/ssl', until }] : []
    })
  if (expired.length === 0) return well
  const listed = expired.map(({ until, ...entry }) => ({
    ...entry,
    node: view.node.name,
    certfile: '',
    certfile_expires_on: until,
  }))
  throw failed('Certificates expiring', { expired: listed })
}

const own = ({ view }: Call) => listenersOf(view).filter((listener) => listener.node === view.node.name)

function portListener(call: Call) {
  const text = call.params['port']!
  if (!/^\d{1,9}$/.test(text)) throw badRequest('Invalid port')
  const port = Number(text)
  const ports = own(call).map((listener) => listener.port)
  if (ports.includes(port)) return { ...well, port }
  throw failed('No active listener', { missing: port, ports })
}

/** Names that people use, as the listener calls itself. */
const protocols: Readonly<Record<string, string>> = {
  amqp091: 'amqp',
  'amqp0.9.1': 'amqp',
  'amqp0-9-1': 'amqp',
  amqp10: 'amqp',
  'amqp1.0': 'amqp',
  'amqp1-0': 'amqp',
  amqps: 'amqp/ssl',
}

function protocolListener(call: Call) {
  const asked = call.params['protocol']!.toLowerCase()
  const protocol = Object.hasOwn(protocols, asked) ? protocols[asked]! : asked
  const there = [...new Set(own(call).map((listener) => listener.protocol))]
  if (there.includes(protocol)) return { ...well, protocol }
  throw failed('No active listener', { missing: protocol, protocols: there })
}

const alone = { ...well, reason: 'single node cluster' } as const

const isAlone = ({ view }: Call) => view.definitions.nodes.size === 1

/** Mirrored queues led here that nobody could take over without a loss (docs/observed.md §6). */
function mirrorSyncCritical(call: Call) {
  const { view } = call
  if (isAlone(call)) return alone
  const critical = ({ leader, state, settings, mirrors }: QueueRecord) =>
    leader === view.node.name &&
    state === 'running' &&
    settings.haMode !== null &&
    !mirrors.some(({ synced, node: mirror }) => synced && view.running.includes(mirror))
  const queues = [...view.definitions.queues.values()].filter(critical).map(({ name, vhost }) => ({
    name,
    readable_name: `queue '${name}' in vhost '${vhost}'`,
    type: 'classic',
    virtual_host: vhost,
  }))
  if (queues.length === 0) return well
  throw failed('There are classic mirrored queues without online synchronised mirrors', { queues })
}

/** The older check: a node that answers is well. */
function node({ view, params }: Call) {
  if (!view.definitions.nodes.has(params['name'] ?? view.node.name)) throw objectNotFound()
  if (params['name'] !== undefined && !view.running.includes(params['name']))
    throw new HttpError(503, { status: 'failed', reason: `node ${params['name']} is not running` })
  return well
}
