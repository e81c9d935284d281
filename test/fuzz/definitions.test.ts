// Definitions with one value, somewhere, replaced by one of another kind: an import takes them or refuses them with its own
// error, and then the cluster is as it was, to the last byte of its export.

import { expect, test } from 'vitest'
import { exportDefinitions } from '../../admin-ui/definitions/export.ts'
import { importDefinitions } from '../../admin-ui/definitions/import.ts'
import { Chance } from '../../fuzz/chance.ts'
import { definitions } from '../../fuzz/files.ts'
import { Cluster } from '../../nodes/cluster.ts'
import { DefinitionsError, definitionsOf } from '../../policies/definitions-file.ts'
import { recordedDefinitions } from '../support/definitions.ts'

const odd: readonly unknown[] = [
  ...[null, true, -1, 0, 1.5, 1e300, '', 'x', 'nov', '(', '(a+)+$', '__proto__', 'amq.x', '\u0000', 'quorum'],
  ...[[], [[]], ['x'], [['a', 1]], {}, { a: null }, { x: { y: [] } }, JSON.parse('{"__proto__":{"a":1}}')],
]

/** The value with one thing in it replaced, removed or twice there. */
function changed(value: unknown, chance: Chance): unknown {
  if (typeof value !== 'object' || value === null || chance.hit(10)) return chance.pick(odd)
  if (Array.isArray(value)) {
    if (value.length === 0) return [chance.pick(odd)]
    const at = chance.int(value.length)
    if (chance.hit(5)) return [...value, value[at]]
    return value.map((item, i) => (i === at ? changed(item, chance) : item))
  }
  const keys = Object.keys(value)
  if (keys.length === 0) return { [chance.pick(['a', 'ha-mode', 'x-max-length'])]: chance.pick(odd) }
  const key = chance.pick(keys)
  const { [key]: inner, ...others } = value as Record<string, unknown>
  return chance.hit(10) ? others : { ...others, [key]: changed(inner, chance) }
}

test.each([
  ['those of the fuzzer', definitions, 600],
  ['those of a real cluster', recordedDefinitions(), 300],
] as const)('%s', (_, original, count) => {
  const chance = new Chance(20, 'definitions')
  let refused = 0
  for (let i = 0; i < count; i++) {
    const cluster = new Cluster({ nodes: 2 })
    const at = cluster.members[0]!.name
    const text = () => JSON.stringify(exportDefinitions(cluster.islandOf(at).definitions))
    const before = text()
    const body = changed(original, chance)
    try {
      importDefinitions(cluster, at, definitionsOf(body), 'guest')
      cluster.loop.drain()
      // What was taken is given out, and can be taken in again.
      importDefinitions(cluster, at, definitionsOf(JSON.parse(text())), 'guest')
    } catch (error) {
      if (!(error instanceof DefinitionsError)) throw new Error(`${JSON.stringify(body)}: ${error}`)
      expect([body, text()]).toEqual([body, before])
      refused++
    }
  }
  expect(refused).toBeGreaterThan(count / 10)
  expect(refused).toBeLessThan(count)
})
