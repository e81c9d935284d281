// Policies set by the library: of both kinds, at the start and later, and refused in one sentence without a trace.

import { expect, test } from 'vitest'
import { type PolicyInput, startCluster } from '../../index.ts'
import { site } from './support.ts'

const good: PolicyInput = { name: 'good', pattern: '^g', definition: { 'max-length': 5 } }
const cap: PolicyInput = { name: 'cap', pattern: '', operator: true, definition: { 'max-length': 3 } }
const far: PolicyInput = { ...good, name: 'far', vhost: 'nowhere' }

test('a cluster starts with policies and operator policies, and takes more of both', async () => {
  const { cluster, get } = await site({ policies: [good, cap] })
  await cluster.setPolicy({ ...cap, name: 'second', priority: -1 })
  await cluster.setPolicy({ ...good, name: 'third', priority: -1 })
  expect((await get('/api/policies')).map(({ name }: { name: string }) => name).sort()).toEqual([
    'good',
    'third',
  ])
  expect((await get('/api/operator-policies')).map(({ name }: { name: string }) => name).sort()).toEqual([
    'cap',
    'second',
  ])
})

test('a policy for a vhost that is not there is refused, at the start and later', async () => {
  const sentence = 'Policy "far", vhost: there is no virtual host "nowhere".'
  await expect(startCluster({ port: 0, adminPort: null, policies: [good, far] })).rejects.toThrow(sentence)
  const { cluster, get } = await site()
  await expect(cluster.setPolicy(far)).rejects.toThrow(sentence)
  expect(() => cluster.policies.apply({ set: [good, far] })).toThrow(sentence)
  expect(await get('/api/policies')).toEqual([])
})

test('one bad policy among good ones changes nothing, and the refusal names policy, key and value', async () => {
  const { cluster, get } = await site({ policies: [good] })
  const bad = { ...good, name: 'bad', definition: { 'ha-mode': 'some' } }
  const change = { set: [{ ...good, definition: { 'max-length': 9 } }, bad], clear: [{ name: 'good' }] }
  expect(() => cluster.policies.apply(change)).toThrow(
    'Policy "bad", definition.ha-mode: "some" is not a valid ha-mode value.',
  )
  expect((await get('/api/policies'))[0].definition).toEqual({ 'max-length': 5 })
})
