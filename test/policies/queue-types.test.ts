// Which policies queues of each type match, key by key, as a RabbitMQ 3.10.8 showed it (docs/observed.md §25): a policy of that one key was set over a
// classic, a quorum and a stream queue, and list_queues told which of them had it.
import { describe, expect, it, test } from 'vitest'
import { policyKeys } from '../../policies/keys.ts'
import { acts, strangeKeys } from '../../policies/queue-types.ts'

const all = ['classic', 'quorum', 'stream']
const seen: Readonly<Record<string, readonly string[]>> = {
  'ha-mode': ['classic'],
  'queue-mode': ['classic'],
  'queue-master-locator': ['classic'],
  'queue-version': all,
  'alternate-exchange': all,
  'max-length-bytes': all,
  'queue-leader-locator': ['quorum', 'stream'],
  'max-in-memory-length': ['classic', 'quorum'],
  overflow: ['classic', 'quorum'],
  'message-ttl': ['classic', 'quorum'],
  expires: ['classic', 'quorum'],
  'dead-letter-exchange': ['classic', 'quorum'],
  'dead-letter-routing-key': ['classic', 'quorum'],
  'max-length': ['classic', 'quorum'],
  'delivery-limit': ['quorum'],
  'dead-letter-strategy': ['quorum'],
  'max-age': ['stream'],
  'initial-cluster-size': ['stream'],
  'stream-max-segment-size-bytes': ['stream'],
}
/** Keys that come in families, of which one was asked about. */
const likewise: Readonly<Record<string, string>> = {
  'ha-params': 'ha-mode',
  'ha-sync-mode': 'ha-mode',
  'ha-sync-batch-size': 'ha-mode',
  'ha-promote-on-shutdown': 'ha-mode',
  'ha-promote-on-failure': 'ha-mode',
  'max-in-memory-bytes': 'max-in-memory-length',
}

describe('a policy of one key', () => {
  it.each(policyKeys.map(({ key }) => key))('%s matches the types it was seen to match', (key) => {
    const matching = all.filter((type) => strangeKeys(type, { [key]: 1 }).length === 0)
    expect(matching).toEqual(seen[likewise[key] ?? key])
  })
})

test('one strange key among others is named alone', () => {
  expect(strangeKeys('quorum', { expires: 5, 'ha-mode': 'all', 'queue-mode': 'lazy' })).toEqual([
    'ha-mode',
    'queue-mode',
  ])
})

test('keys act on their own kind of object, and two of them on no classic queue', () => {
  expect(acts('expires', 'queue', 'classic')).toBe(true)
  expect(acts('expires', 'exchange', '')).toBe(false)
  expect(acts('alternate-exchange', 'exchange', '')).toBe(true)
  expect(acts('alternate-exchange', 'queue', 'classic')).toBe(false)
  expect(acts('max-in-memory-length', 'queue', 'classic')).toBe(false)
  expect(acts('max-in-memory-length', 'queue', 'quorum')).toBe(true)
  expect(acts('no-such-key', 'queue', 'classic')).toBe(false)
})
