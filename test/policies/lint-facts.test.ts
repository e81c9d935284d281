// What lint and the migration check take for granted, against plain definitions of it, over random clusters: who is in force
// is who `matchPolicy` says, and a migrated file gives every queue what it had, but for what has to go.
import { describe, expect, it } from 'vitest'
import { randomStream } from '../../nodes/loop.ts'
import { effectiveDefinition } from '../../policies/effective.ts'
import { gatherFacts } from '../../policies/lint-facts.ts'
import { matchPolicy } from '../../policies/match.ts'
import { migrate } from '../../policies/migrate.ts'
import type { Policy } from '../../policies/policy.ts'
import { strangeKeys } from '../../policies/queue-types.ts'
import { exchange, policy, queue, snapshot } from './snapshots.ts'

const names = ['a', 'ab', 'b', 'orders', 'orders.eu', 'old-orders', 'amq.gen-1', 'x.y', 'x-y']
const patterns = ['', '.*', '^a', 'a', '^orders', 'orders$', '^x\\.', 'x.y', '^(?!amq\\.)', 'b|^o', 'zzz']
const definitions = [
  { 'ha-mode': 'all' },
  { 'ha-mode': 'exactly', 'ha-params': 2, 'queue-mode': 'lazy', 'max-length': 7 },
  { 'ha-mode': 'all', 'message-ttl': 1000, 'dead-letter-exchange': 'd' },
  { 'message-ttl': 2000 },
  { 'max-length': 3, overflow: 'reject-publish-dlx' },
  { 'ha-mode': 'all', overflow: 'reject-publish-dlx' },
  { 'alternate-exchange': 'e' },
  { 'delivery-limit': 3 },
  { 'queue-master-locator': 'random', expires: 9000 },
]

function random(seed: number) {
  const draw = randomStream(seed, 'policies')
  const pick = <T>(list: readonly T[]): T => list[Math.floor(draw() * list.length)]!
  const some = <T>(most: number, make: (i: number) => T) =>
    Array.from({ length: Math.floor(draw() * (most + 1)) }, (_, i) => make(i))
  const policies = (most: number, defs: readonly object[], prefix: string): Policy[] =>
    some(most, (i) =>
      policy(
        `${prefix}${i}`,
        pick(patterns),
        { ...pick(defs) },
        {
          vhost: pick(['/', '/', 'v']),
          applyTo: pick(['all', 'all', 'queues', 'exchanges'] as const),
          priority: pick([-1, 0, 0, 1, 1.5, 2]),
        },
      ),
    )
  return { pick, some, policies }
}

describe('over random clusters', () => {
  it('the policy in force is the one that matchPolicy finds', () => {
    let matched = 0
    for (let seed = 1; seed <= 300; seed++) {
      const { policies } = random(seed)
      const own = policies(6, definitions, 'p')
      const operators = policies(3, [{ 'max-length': 5 }, { 'delivery-limit': 1 }], 'o')
      const vhosts = ['/', 'v']
      const queues = vhosts.flatMap((vhost) => names.map((name) => queue(name, { vhost })))
      const exchanges = vhosts.flatMap((vhost) => names.map((name) => exchange(name, { vhost })))
      const { targets } = gatherFacts(
        snapshot({ queues, exchanges, policies: own, operatorPolicies: operators }),
      )
      expect(targets).toHaveLength(names.length * 4)
      for (const { kind, vhost, name, policies: found, operatorPolicies } of targets) {
        expect(found[0]?.policy ?? null).toBe(matchPolicy(own, { kind, vhost, name }))
        expect(operatorPolicies[0]?.policy ?? null).toBe(matchPolicy(operators, { kind, vhost, name }))
        if (found.length > 0) matched++
      }
    }
    expect(matched).toBeGreaterThan(1000)
  })

  it('a migrated file holds for every queue what held before, apart from what it says', () => {
    let moves = 0
    let splits = 0
    for (let seed = 1; seed <= 1000; seed++) {
      const { pick, some, policies } = random(seed)
      const own = policies(6, definitions, 'p')
      const queues = some(9, (i) => ({
        ...{
          name: names[i]!,
          vhost: pick(['/', 'v']),
          durable: pick([true, true, true, false]),
          auto_delete: false,
        },
        arguments: pick([
          {},
          {},
          { 'x-max-priority': 2 },
          { 'x-queue-mode': 'lazy' },
          { 'x-queue-type': 'quorum' },
        ]),
      }))
      const entries = own.map(({ applyTo, ...rest }) => ({ ...rest, 'apply-to': applyTo }))
      const file = {
        vhosts: [{ name: '/' }, { name: 'v' }],
        queues,
        policies: entries,
        exchanges: [],
        bindings: [],
      }
      const { definitions: after, moved, staying, findings } = migrate(file)
      const now = (after['policies'] as typeof entries).map(({ 'apply-to': applyTo, ...rest }) => ({
        ...rest,
        applyTo,
      }))
      const told = new Set(
        findings.filter(({ rule }) => rule === 'applies-otherwise').map(({ objects }) => nameOf(objects[0]!)),
      )
      for (const entry of queues) {
        const type = (entry.arguments as { 'x-queue-type'?: string })['x-queue-type'] ?? 'classic'
        const moves_ = moved.some((one) => nameOf(one) === nameOf(entry))
        const before = plain(winner(own, entry, type), moves_)
        const then = plain(winner(now, entry, moves_ ? 'quorum' : type), moves_)
        expect([seed, entry.name, told.has(nameOf(entry))]).toEqual([
          seed,
          entry.name,
          JSON.stringify(before) !== JSON.stringify(then),
        ])
      }
      moves += moved.length
      splits += now.length > own.length ? 1 : 0
      // A second look finds nothing more to move, and leaves the file as it is.
      const again = migrate(after)
      expect([again.moved, again.staying, again.definitions]).toEqual([[], staying, after])
    }
    expect(moves).toBeGreaterThan(100)
    expect(splits).toBeGreaterThan(5)
  })
})

const nameOf = ({ vhost, name }: { readonly vhost: string; readonly name: string }) => `${vhost} ${name}`

/** By the book: of those that match and know all keys, the one with the highest priority, then the lowest name. */
function winner(policies: readonly Policy[], { vhost, name }: { vhost: string; name: string }, type: string) {
  const fitting = policies.filter(
    (one) =>
      one.vhost === vhost &&
      one.applyTo !== 'exchanges' &&
      strangeKeys(type, one.definition).length === 0 &&
      matchPolicy([{ ...one, definition: {} }], { kind: 'queue', vhost, name }) !== null,
  )
  return fitting.sort((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1))[0] ?? null
}

function plain(found: Policy | null, moves: boolean): object {
  const gone = /^ha-|^queue-mode$|^queue-master-locator$|^queue-leader-locator$/
  const kept = Object.entries(effectiveDefinition(found, null)).filter(([key]) => !moves || !gone.test(key))
  return Object.fromEntries(kept)
}
