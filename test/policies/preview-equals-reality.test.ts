// What a preview announces is what is found once the change has been made and nothing moves any more: for random clusters and
// random changes, by seed. `npm run previews` is the long form; a failure names its seed: PREVIEWS=SEED..SEED npx vitest run FILE.
import { describe, expect, test } from 'vitest'
import { comparison } from '../../policies/comparison.ts'
import { effectiveDefinition } from '../../policies/effective.ts'
import { type Preview, preview, type QueueChange } from '../../policies/preview.ts'
import type { Placement } from '../../policies/preview-placement.ts'
import type { QueueSnapshot, Snapshot } from '../../policies/snapshot.ts'
import { RandomCluster } from './preview-cluster.ts'

const [first, last] = (process.env['PREVIEWS'] ?? '1..150').split('..').map(Number) as [number, number]

/** How often something happened that the test is about: a world in which nothing does would prove nothing. */
const seen = {
  changes: 0,
  moves: 0,
  fills: 0,
  chance: 0,
  several: 0,
  dropped: 0,
  waits: 0,
  later: 0,
  lost: 0,
  certain: 0,
}

describe('what a preview announces is what is found', () => {
  for (let from = first; from <= last; from += 50) {
    const to = Math.min(last, from + 49)
    test(`after the changes of seeds ${from} to ${to}`, { timeout: 600_000 }, () => {
      for (let seed = from; seed <= to; seed++) {
        try {
          check(seed)
        } catch (error) {
          throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error })
        }
      }
    })
  }

  test('and these clusters have seen all of it', () => {
    if (last - first < 100) return
    // Where the order of events decides, which is rare, is left to the long form.
    const few = last - first < 1000
    for (const [what, count] of Object.entries(seen))
      expect([what, count > 0 || (few && what === 'several')]).toEqual([what, true])
    if (process.env['PREVIEWS'] !== undefined) console.log(JSON.stringify(seen))
    expect(seen.several).toBeLessThan(seen.changes / 20)
  })
})

function check(seed: number): void {
  const cluster = new RandomCluster(seed)
  const before = cluster.snapshot()
  const change = cluster.change()
  const announced = preview(before, change)
  const filled = cluster.synchronised
  cluster.apply(change)
  const after = cluster.snapshot()
  count(announced)
  expect(JSON.parse(JSON.stringify(announced)), 'it is plain data').toEqual(announced)
  checkPolicies(announced, before, after)
  checkExchanges(cluster, announced, before)
  checkPlacements(announced, before, after)
  checkFilling(cluster, announced, before, filled)
  const exact = announced.queues.every(({ placement }) => (placement?.to.length ?? 1) === 1)
  if (!exact) return
  const found = comparison(before, after)
  if (announced.totals.messagesDropped === 0)
    expect(found.losses.map((loss) => loss.after)).toEqual(announced.losses.map((loss) => loss.after))
  expect(namesOf(found.queues)).toEqual(namesOf(announced.queues))
  if (!cluster.divided) checkLoss(cluster, announced)
}

const keyOf = ({ vhost, name }: { vhost: string; name: string }) => `${vhost} ${name}`
const namesOf = (list: readonly { vhost: string; name: string }[]) => list.map(keyOf).sort()

function announcedFor(announced: Preview, queue: QueueSnapshot): QueueChange | undefined {
  return announced.queues.find((change) => keyOf(change) === keyOf(queue))
}

function checkPolicies(announced: Preview, before: Snapshot, after: Snapshot): void {
  expect(namesOf(after.queues)).toEqual(namesOf(before.queues))
  for (const queue of after.queues) {
    const old = before.queues.find((one) => keyOf(one) === keyOf(queue))!
    const expected = announcedFor(announced, queue)
    const definition = (one: QueueSnapshot) =>
      effectiveDefinition(one.inForce!.policy, one.inForce!.operatorPolicy)
    const what = [queue.name, queue.inForce?.policy?.name ?? null, definition(queue)]
    if (expected === undefined)
      expect(what).toEqual([queue.name, old.inForce?.policy?.name ?? null, definition(old)])
    else expect(what).toEqual([queue.name, expected.policy.to, expected.definition.to])
  }
}

function checkExchanges({ world, view }: RandomCluster, announced: Preview, before: Snapshot): void {
  const { definitions } = world.cluster.islandOf(view)
  for (const { vhost, name } of before.exchanges) {
    const change = announced.exchanges.find((one) => keyOf(one) === keyOf({ vhost, name }))
    const policy = definitions.exchange(vhost, name)?.policy
    if (change !== undefined)
      expect([name, policy?.name ?? null, policy?.definition ?? {}]).toEqual([
        name,
        change.policy.to,
        change.definition.to,
      ])
  }
}

function checkPlacements(announced: Preview, before: Snapshot, after: Snapshot): void {
  for (const queue of after.queues) {
    const old = before.queues.find((one) => keyOf(one) === keyOf(queue))!
    const change = announcedFor(announced, queue)
    const possible = change?.placement?.to ?? [
      { leader: old.leader ?? '', mirrors: old.mirrors, chosen: null },
    ]
    const failures = possible.map((placement) => difference(placement, queue))
    const all = `${queue.name} from ${written(old)}, announced ${JSON.stringify(possible)}, found ${written(queue)}`
    expect(failures.includes(null), all).toBe(true)
    expect([queue.name, queue.messages]).toEqual([
      queue.name,
      old.messages - (change?.dropped?.messages ?? 0),
    ])
    if (change?.sync?.how === 'manual' && possible.length === 1)
      expect(change.sync.mirrors, all).toBe(queue.mirrors.filter(({ synced }) => !synced).length)
  }
}

const written = ({ leader, mirrors }: QueueSnapshot) =>
  `${leader} [${mirrors.map(({ node, synced }) => node + (synced ? '' : '?')).join(' ')}]`

/** Null when the queue is as the placement says. */
function difference({ leader, mirrors, chosen }: Placement, queue: QueueSnapshot): string | null {
  const plain = (list: Placement['mirrors']) => JSON.stringify(list.map(({ node, synced }) => [node, synced]))
  if (queue.leader !== leader) return `led by ${queue.leader}`
  const known = queue.mirrors.slice(0, mirrors.length)
  if (plain(known) !== plain(mirrors)) return 'other mirrors'
  const others = queue.mirrors.slice(mirrors.length)
  if (others.length !== (chosen?.count ?? 0)) return `${others.length} more mirrors`
  const wrong = others.find(({ node, synced }) => !chosen!.of.includes(node) || synced !== chosen!.synced)
  return wrong === undefined ? null : `${wrong.node} was not announced`
}

/** The links have carried what was announced, unless a mirror was filled that had to go, or may have been. */
function checkFilling(
  cluster: RandomCluster,
  announced: Preview,
  before: Snapshot,
  filled: RandomCluster['synchronised'],
): void {
  const certain = announced.queues.every(({ name, placement, sync, stops }) => {
    const late = before.queues.find((one) => one.name === name)!.mirrors.filter(({ synced }) => !synced)
    return placement === null || !(sync?.about ?? late.some(({ node }) => stops.includes(node)))
  })
  const now = cluster.synchronised
  const messages = now.messages - filled.messages
  const { automatic } = announced.totals
  // Each message that fills a mirror costs 139 bytes beyond its body (docs/costs.md §3).
  const bytes = now.bytes - filled.bytes - 139 * messages
  if (certain) expect([messages, bytes]).toEqual([automatic.messages, automatic.bytes])
  if (certain) seen.certain++
}

/** A node is killed in earnest, and started again: what cannot be used meanwhile and what is gone then was announced. */
function checkLoss(cluster: RandomCluster, announced: Preview): void {
  const others = cluster.running().filter((name) => name !== cluster.view)
  // An exclusive queue goes with its connection, wherever that is.
  if (others.length === 0 || cluster.snapshot().queues.some(({ exclusive }) => exclusive)) return
  // What a lost client held comes back and may push others over a limit; of what a limit drops nobody knows the sort.
  if (cluster.snapshot().queues.some(({ ready, messages }) => ready !== messages)) return
  if (announced.totals.messagesDropped > 0) return
  const node = cluster.anyOf(others)
  const { cluster: nodes } = cluster.world
  const messages = (snapshot: Snapshot) => snapshot.queues.reduce((sum, queue) => sum + queue.messages, 0)
  const usable = (snapshot: Snapshot) => snapshot.queues.filter(({ state }) => state === 'running').length
  const whole = cluster.snapshot()
  nodes.kill(node)
  cluster.settle()
  const broken = cluster.snapshot()
  nodes.start(node)
  cluster.settle()
  cluster.settle()
  const expected = announced.losses.find((loss) => loss.node === node)!.after
  seen.lost += expected.messages
  expect([node, usable(whole) - usable(broken)]).toEqual([node, expected.unavailable])
  expect([node, messages(whole) - messages(cluster.snapshot())]).toEqual([node, expected.messages])
}

function count({ queues, totals, later }: Preview): void {
  seen.changes += queues.length
  seen.moves += totals.leaderMoves
  seen.fills += totals.automatic.messages
  seen.dropped += totals.messagesDropped
  seen.waits += totals.leadersWaiting
  seen.later += later.length
  seen.chance += queues.filter(
    ({ placement }) => (placement?.to[0]?.chosen?.of.length ?? 0) > (placement?.to[0]?.chosen?.count ?? 0),
  ).length
  seen.several += queues.filter(({ placement }) => (placement?.to.length ?? 1) > 1).length
}
