import { describe, expect, it } from 'vitest'
import { afterLoss, type LossCause, type LostQueue } from '../../policies/loss.ts'
import { replicas, settings } from './support.ts'

const durable: LostQueue = { durable: true, exclusive: false, mirrored: true }
const transient: LostQueue = { ...durable, durable: false }

/** Settings by ha-promote-on-failure and ha-promote-on-shutdown. */
const promote = (failure: string, shutdown: string) =>
  settings({ 'ha-mode': 'all', 'ha-promote-on-failure': failure, 'ha-promote-on-shutdown': shutdown })

const usual = promote('always', 'when-synced')
const careful = promote('when-synced', 'when-synced')
const careless = promote('always', 'always')
const mixed = promote('when-synced', 'always')

const fates: [string, LostQueue, string, LossCause, typeof usual, string][] = [
  ['killed, synchronised: the oldest leads', durable, 'r1 [r3* r2*]', 'crash', usual, 'promote r3'],
  ['killed: the oldest leads though it lacks messages', durable, 'r1 [r2 r3]', 'crash', usual, 'promote r2'],
  ['killed: even where a younger one lacks none', durable, 'r1 [r2 r3*]', 'crash', usual, 'promote r2'],
  ['killed, when-synced: the synchronised one leads', durable, 'r1 [r2 r3*]', 'crash', careful, 'promote r3'],
  ['killed, when-synced, none synchronised: wait', durable, 'r1 [r2 r3]', 'crash', careful, 'wait'],
  ['killed: promote-on-shutdown has no say', durable, 'r1 [r2]', 'crash', mixed, 'wait'],
  ['cut off: as if killed', durable, 'r1 [r2 r3]', 'partition', usual, 'promote r2'],
  ['cut off, when-synced: wait', durable, 'r1 [r2]', 'partition', careful, 'wait'],
  ['stopped, synchronised: leads', durable, 'r1 [r2 r3*]', 'shutdown', usual, 'promote r3'],
  ['stopped, none synchronised: wait', durable, 'r1 [r2 r3]', 'shutdown', usual, 'wait'],
  ['stopped, always: the oldest leads', durable, 'r1 [r2 r3]', 'shutdown', careless, 'promote r2'],
  [
    'stopped, always: a synchronised one is preferred',
    durable,
    'r1 [r2 r3*]',
    'shutdown',
    careless,
    'promote r3',
  ],
  ['stopped: when-synced on failure outranks always', durable, 'r1 [r2]', 'shutdown', mixed, 'wait'],
  [
    'stopped, when-synced on failure: a synchronised one leads',
    durable,
    'r1 [r2*]',
    'shutdown',
    mixed,
    'promote r2',
  ],
  ['no mirror left: wait', durable, 'r1 []', 'crash', usual, 'wait'],
  ['no mirror left, stopped: wait', durable, 'r1 []', 'shutdown', careless, 'wait'],
  ['no mirror left, not durable either: waited for', transient, 'r1 []', 'crash', usual, 'wait'],
  ['not durable, with a mirror: leads', transient, 'r1 [r2]', 'crash', usual, 'promote r2'],
  [
    'moved by policy: the oldest synchronised leads',
    durable,
    'r1 [r2 r3* r4*]',
    'handover',
    usual,
    'promote r3',
  ],
  ['moved by policy: never one that lacks messages', durable, 'r1 [r2]', 'handover', careless, 'wait'],
]

describe('a mirrored queue that loses its leader', () => {
  it.each(fates)('%s', (_, queue, left, cause, s, expected) => {
    const outcome = afterLoss(queue, replicas(left), cause, s)
    expect(outcome.to === 'promote' ? `promote ${outcome.node}` : outcome.to).toBe(expected)
  })
})

describe('a queue that is not mirrored', () => {
  const plain: [string, LostQueue, string][] = [
    ['is down if durable', { durable: true, exclusive: false, mirrored: false }, 'down'],
    ['is deleted if not durable', { durable: false, exclusive: false, mirrored: false }, 'delete'],
    ['is deleted if exclusive', { durable: true, exclusive: true, mirrored: false }, 'delete'],
  ]
  it.each(plain)('%s', (_, queue, expected) => {
    for (const cause of ['crash', 'shutdown', 'partition'] as const) {
      expect(afterLoss(queue, replicas('r1 []'), cause, settings({}))).toEqual({ to: expected })
    }
  })
})
