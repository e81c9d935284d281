// What was just done to this cluster as a scenario file: its nodes, queues and policies, and the faults of the timeline at their times.
// Used by `comparison-routes`. Work is made up, since what clients do is theirs to say: one publisher and one consumer a queue.

import type { QueueRecord } from '../../nodes/definitions.ts'
import type { TraceEvent } from '../../nodes/trace.ts'
import { entriesOf } from '../../policies/file-entries.ts'
import type { View } from '../view.ts'

type Entry = Record<string, unknown>

/** So many queues get work: a comparison is about modes, not about loads. */
const queuesMost = 3
/** The work before the first fault and after the last one, and the longest wait between two, in ms. */
const leadMs = 5000
const tailMs = 15_000
const gapMost = 60_000

/** The faults from event `since` on. Throws as the view does. */
export async function recordedScenario(
  view: View,
  since: number,
): Promise<{ readonly text: string; readonly faults: number }> {
  const { cluster, definitions } = view
  const faults = faultsOf(cluster.trace.events(since))
  const queues = [...definitions.queues.values()]
    .filter(({ exclusiveOwner, name, vhost }) => exclusiveOwner === null && vhost === '/' && isName(name))
    .slice(0, queuesMost)
  const { length: nodes } = cluster.members
  const workS = Math.ceil(((faults.at(-1)?.atMs ?? leadMs) + tailMs) / 1000)
  const { partitionHandling: handling } = cluster
  const policies = [...definitions.policies.values()].filter(({ vhost }) => vhost === '/')
  const file = {
    name: 'recorded',
    question: 'What would these faults have cost in another mode?',
    cluster: {
      nodes,
      'partition-handling':
        typeof handling === 'string' ? handling : { ...handling, nodes: handling.nodes.map(short) },
    },
    topology: {
      queues:
        queues.length === 0
          ? [{ name: 'work', leader: 'node1' }]
          : queues.map(({ name, leader, durable }) => ({
              name,
              leader: short(leader),
              ...(!durable && { durable }),
            })),
    },
    variants: [
      ...(nodes === 1 ? ['single'] : ['single', 'ordinary', 'mirrored-all']),
      ...(policies.length === 0
        ? []
        : [{ name: 'as-it-was', policies: entriesOf({ policies, operatorPolicies: [] }) }]),
    ],
    workload: workloadOf(queues, nodes, workS),
    ...(faults.length > 0 && { faults: faults.map(({ atMs, action }) => ({ at: `${atMs} ms`, ...action })) }),
    assertions: ['confirmed-lost = 0'],
  }
  // Loaded only here: writing YAML takes a library.
  const { dump } = await import('js-yaml')
  return { text: dump(file, { noRefs: true, lineWidth: 120, flowLevel: 3 }), faults: faults.length }
}

/** As scenario files take them: others are left out. */
const isName = (name: string) => /^[^\s,/]+$/.test(name)

/** Clients on the nodes beside the leader's, so that links carry what they carry. */
function workloadOf(queues: readonly QueueRecord[], nodes: number, workS: number): Entry {
  const of = queues.length === 0 ? [{ name: 'work', leader: 'rabbit@node1' }] : queues
  const beside = (leader: string, by: number) => `node${((numberOf(leader) - 1 + by) % nodes) + 1}`
  return {
    publishers: of.map(({ name, leader }) => ({
      ...{ node: beside(leader, 1), queue: name, rate: 100, time: `${workS} s`, size: 1000 },
      ...{ flag: ['persistent'], confirm: 100 },
    })),
    consumers: of.map(({ name, leader }) => ({
      ...{ node: beside(leader, 2), queue: name, qos: 100, 'consumer-latency': '1 ms' },
    })),
  }
}

const short = (node: string) => node.replace(/^[^@]*@/, '')
const numberOf = (node: string) => Number(/\d+$/.exec(node)?.[0] ?? 1)

interface RecordedFault {
  readonly atMs: number
  readonly action: Entry
}

/** A node that starts of itself at the beginning is no fault; nor is what only follows from one. */
function faultsOf(events: Iterable<TraceEvent>): RecordedFault[] {
  const faults: RecordedFault[] = []
  const away = new Set<string>()
  let last = 0
  let atMs = leadMs
  for (const event of events) {
    const action = actionOf(event, away)
    if (action === null) continue
    if (faults.length > 0) atMs += Math.min(gapMost, Math.round(event.at - last))
    last = event.at
    faults.push({ atMs, action })
  }
  return faults
}

/** `away`: who was stopped or killed before. */
function actionOf({ kind, node, subject }: TraceEvent, away: Set<string>): Entry | null {
  const groups = (text: string) => text.split(' | ').map((group) => group.split(',').map(short))
  switch (kind) {
    case 'node-killed':
      away.add(node)
      return { kill: short(node) }
    case 'node-stopped':
      away.add(node)
      return { stop: short(node) }
    case 'node-started':
      return away.delete(node) ? { start: short(node) } : null
    case 'node-frozen':
      return { freeze: short(node) }
    case 'node-thawed':
      return { thaw: short(node) }
    case 'partition':
      return node === '' ? { cut: groups(subject) } : { 'cut-link': [short(node), short(subject)] }
    case 'silence':
      return node === ''
        ? { silence: groups(subject) }
        : { deafen: short(node), to: subject.split(',').map(short) }
    case 'healed':
      return node === '' ? { heal: true } : null
    default:
      return null
  }
}
