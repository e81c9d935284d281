// What an editor of policies is told before the change: the objects concerned, who stays with another policy and why, and what
// lint would find then.
import { expect, test } from 'vitest'
import { concernedBy, findingsAfter } from '../../policies/check.ts'
import { exchange, policy, queue, snapshot } from './snapshots.ts'

const queues = [queue('orders'), queue('orders.eu', { leader: 'rabbit@node1', messages: 3 }), queue('audit')]
const exchanges = [exchange('orders'), exchange('other')]
const all = policy('all', '.*', { 'max-length': 9 }, { applyTo: 'queues' })

test('objects that match are concerned, queues and exchanges alike, and nothing else is', () => {
  const found = concernedBy(snapshot({ queues, exchanges }), {
    set: [policy('new', '^orders', { 'message-ttl': 1 })],
  })
  expect(found.map(({ kind, name, follows }) => [kind, name, follows])).toEqual([
    ['queue', 'orders', 'new'],
    ['queue', 'orders.eu', 'new'],
    ['exchange', 'orders', 'new'],
  ])
  expect(found.map(({ now }) => now)).toEqual([
    null,
    { leader: 'rabbit@node1', mirrors: [], messages: 3 },
    null,
  ])
})

test('a queue that matches and follows another policy all the same says which', () => {
  const found = concernedBy(snapshot({ queues, policies: [{ ...all, priority: 5 }] }), {
    set: [policy('new', '^orders$', { 'message-ttl': 1 })],
  })
  expect(found).toMatchObject([{ name: 'orders', follows: null, instead: 'all' }])
})

test('a queue that followed a policy until now is concerned when the policy goes, or matches it no more', () => {
  const now = snapshot({ queues, policies: [all] })
  const cleared = concernedBy(now, { clear: [{ vhost: '/', name: 'all' }] })
  expect(cleared.map(({ name, follows, instead }) => [name, follows, instead])).toEqual([
    ['orders', null, null],
    ['orders.eu', null, null],
    ['audit', null, null],
  ])
  const narrowed = concernedBy(now, { set: [{ ...all, pattern: '^audit' }] })
  expect(narrowed.map(({ name, follows }) => [name, follows])).toEqual([
    ['orders', null],
    ['orders.eu', null],
    ['audit', 'all'],
  ])
})

test('operator policies concern queues beside their own policy', () => {
  const found = concernedBy(snapshot({ queues, exchanges, policies: [all] }), {
    setOperator: [policy('guard', '^orders', { 'max-length': 1 })],
  })
  expect(found.map(({ kind, name, follows }) => [kind, name, follows])).toEqual([
    ['queue', 'orders', 'guard'],
    ['queue', 'orders.eu', 'guard'],
  ])
})

test('lint tells what the change would bring and what it would mend', () => {
  const now = snapshot({ queues, policies: [policy('idle', '^nothing', { 'max-length': 1 })] })
  const added = findingsAfter(now, { set: [policy('unused', '^never', { 'max-length': 1 })] })
  expect(added.findings.map(({ isNew, sentence }) => [isNew, sentence])).toEqual([
    [true, expect.stringContaining('"unused"')],
  ])
  expect(added.mended).toEqual([])
  const cleared = findingsAfter(now, { clear: [{ vhost: '/', name: 'idle' }] })
  expect(cleared.findings).toEqual([])
  expect(cleared.mended.map(({ sentence }) => sentence)).toEqual([expect.stringContaining('"idle"')])
})
