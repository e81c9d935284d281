// What crossed links, how many copies there were, and what happened when, from the target's evidence. Used by `judge`.

import { linkKinds } from '../../nodes/link.ts'
import type { TraceEvent } from '../../nodes/trace.ts'
import type { Matter } from './judge.ts'
import { historyOf, type QueueHistory, short } from './judge-history.ts'
import type { Metrics, Moment } from './result.ts'

export function trafficOf(matter: Matter): Metrics {
  return { ...linkMetrics(matter), ...copies(matter) }
}

function linkMetrics({ evidence, journal }: Matter): Metrics {
  if (evidence.links === null) return {}
  const found: Record<string, number> = { bodies: 0, bytes: 0 }
  for (const kind of linkKinds) found[`bodies of ${kind}`] = found[`bytes of ${kind}`] = 0
  for (const { kind, bodies, bytes } of evidence.links) {
    found['bodies']! += bodies
    found['bytes']! += bytes
    found[`bodies of ${kind}`]! += bodies
    found[`bytes of ${kind}`]! += bytes
  }
  const published = journal.count.published
  if (published === 0) return found
  for (const [name, value] of Object.entries(found))
    found[name.replace(/^(bodies|bytes)/, '$1-per-message')] = Math.round((1000 * value) / published) / 1000
  return found
}

/** Copies of the queue at the end, and of a message published before the first fault. */
function copies(matter: Matter): Metrics {
  const { evidence, scenario, journal, faults } = matter
  const found: Record<string, number> = {}
  const { topology, workload } = scenario
  const before = faults.struck[0]?.at ?? matter.workedUntil
  let [most, memory, disk] = [0, 0, 0]
  for (const history of historyOf(matter)) {
    const { name } = history
    const held = evidence.holdings?.filter(({ queue }) => queue === name).length
    if (held !== undefined) {
      found[`copies of ${name}`] = held
      most = Math.max(most, held)
    }
    const count = copiesAt(history, Math.max(journal.beganAt, before - 1))
    const durable = topology.queues.find((queue) => queue.name === name)!.durable
    const persistent = workload.publishers.every((publisher) => publisher.persistent)
    found[`copies-in-memory of ${name}`] = count
    found[`copies-on-disk of ${name}`] = durable && persistent ? count : 0
    memory = Math.max(memory, count)
    disk = Math.max(disk, found[`copies-on-disk of ${name}`]!)
  }
  return {
    ...found,
    ...(evidence.holdings === null ? {} : { copies: most }),
    ...{ 'copies-in-memory': memory, 'copies-on-disk': disk },
  }
}

/** The leader and the mirrors there were. */
const copiesAt = ({ terms, stays }: QueueHistory, at: number) =>
  terms.length === 0 ? 0 : 1 + stays.filter(({ from, to }) => from <= at && at < to).length

// ---- the timeline

const told: Partial<Record<TraceEvent['kind'], (event: TraceEvent) => string>> = {
  'node-started': () => 'serves',
  'node-stopped': () => 'has stopped',
  'node-killed': () => 'was killed',
  'node-waiting': () => 'waits for the nodes it last ran with',
  'node-paused': () => 'pauses: it is in a minority',
  'node-frozen': () => 'stands still',
  'node-thawed': () => 'goes on',
  'peer-down': ({ subject }) => `notices that ${short(subject)} is gone`,
  partition: ({ subject }) => `links are cut: ${subject.replaceAll('rabbit@', '')}`,
  silence: ({ subject }) => `links fall silent: ${subject.replaceAll('rabbit@', '')}`,
  healed: () => 'links are healed',
  'queue-down': ({ subject }) => `${subject} is down: its only node is away`,
  'queue-waiting': ({ subject }) => `${subject} has no replica that may lead`,
  'queue-recovered': ({ subject, value }) => `${subject} is back from the disk with ${value} messages`,
  'queue-deleted': ({ subject }) => `${subject} is deleted`,
  promoted: ({ subject }) => `leads ${subject} now`,
  'mirror-added': ({ subject }) => `becomes a mirror of ${subject}`,
  'mirror-dropped': ({ subject }) => `is no mirror of ${subject} any more`,
  'mirror-synced': ({ subject }) => `is level with the leader of ${subject}`,
  'sync-started': ({ subject, value }) => `begins to fill the mirrors of ${subject} with ${value} messages`,
  'memory-alarm': () => 'memory alarm',
  'memory-alarm-cleared': () => 'the memory alarm is over',
}

/** Faults, the cluster's events and what clients noticed, from the work's beginning, by time. */
export function timelineOf({ journal, faults, evidence }: Matter): Moment[] {
  const cluster = evidence.events.flatMap((event): Moment[] => {
    const text = told[event.kind]?.(event)
    if (text === undefined || event.at < journal.beganAt) return []
    return [{ atMs: event.at - journal.beganAt, who: 'cluster', where: short(event.node), text }]
  })
  return [...faults.moments, ...cluster, ...journal.moments].sort((a, b) => a.atMs - b.atMs)
}
