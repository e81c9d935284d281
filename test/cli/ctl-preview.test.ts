// The verbs preview_policy, preview_clear_policy, preview_policies and explain: what they print and their exit codes.

import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, put } from '../support/clients.ts'
import { endAll, type Started, start } from './warren.ts'

let warren: Started
const all = '{"ha-mode":"all"}'

beforeAll(async () => {
  warren = await start('--port', '0')
  const client = await connect(warren.urls[0]!)
  const channel = await client.createConfirmChannel()
  await channel.assertQueue('orders', { durable: true, arguments: { 'x-max-length': 100 } })
  await put(channel, 'orders', 'one', 'two')
  await client.close()
  await warren.ctl('set_policy', 'ttl', '^orders', '{"message-ttl":9000000}', '--apply-to', 'queues')
})
afterAll(endAll)

describe('preview_policy', () => {
  test('tells what changes, what is at risk and what each crash would cost, and sets nothing', async () => {
    const { code, out, err } = await warren.ctl('preview_policy', 'ha', '^orders', all, '--priority', '0.5')
    expect([code, err]).toEqual([1, 'The change puts something at risk.\n'])
    for (const line of [
      '1 queue and 0 exchanges to change, 2 mirrors to start, 4 messages (12 bytes) to synchronise by hand.',
      "queue 'orders' in vhost '/'",
      '  policy: "ttl" -> "ha"',
      '  ha-mode: not set -> "all"',
      '  message-ttl: 9000000 -> not set',
      '  mirrors: none -> rabbit@node2 (not synchronised), rabbit@node3 (not synchronised)',
      '  to synchronise: 4 messages (12 bytes) for 2 mirrors, when somebody asks: sync_queue',
      'rabbit@node1\t1 queue out of use, 2 messages lost\t0 queues out of use, 2 messages lost\t0 queues out of use, 2 messages lost',
    ])
      expect(out.split('\n')).toContain(line)
    expect((await warren.ctl('list_policies', '-s')).out).not.toContain('ha')
  })

  test('gives it all as JSON too', async () => {
    const { code, out } = await warren.ctl('preview_policy', 'ha', '^orders', all, '--formatter', 'json')
    expect([code, JSON.parse(out).totals]).toMatchObject([1, { queues: 1 }])
  })

  test('exits with 0 when nothing is at risk', async () => {
    const { code, out } = await warren.ctl('preview_policy', 'none', '^nothing', all)
    expect([code, out]).toEqual([0, 'Nothing changes.\n'])
  })

  test.each([
    [
      ['ha', '.', '{"ha-mode":"some"}'],
      65,
      'Policy "ha", definition.ha-mode: "some" is not a valid ha-mode value.',
    ],
    [['ha', '.', 'nonsense'], 65, 'Policy "ha", definition: nonsense is not JSON.'],
    [['ha', '.', all, '-p', 'test'], 65, 'Policy "ha", vhost: there is no virtual host "test".'],
    [['ha', '.', all, '--priority', 'high'], 64, 'It must be a number.'],
    [['ha', '.'], 64, 'not enough arguments'],
  ])('of %j exits with %i', async (words, code, complaint) => {
    const ended = await warren.ctl('preview_policy', ...words)
    expect([ended.code, ended.out]).toEqual([code, ''])
    expect(ended.err).toContain(complaint)
  })
})

test('preview_clear_policy tells what is left', async () => {
  const { code, out } = await warren.ctl('preview_clear_policy', 'ttl')
  expect([code, out]).toEqual([
    0,
    expect.stringContaining('policy: "ttl" -> none\n  message-ttl: 9000000 -> not set\n'),
  ])
  expect(await warren.ctl('preview_clear_policy', 'gone')).toMatchObject({
    code: 65,
    err: 'Error:\nThere is no policy "gone" in virtual host "/" that could be cleared.\n',
  })
})

test('preview_policies tells what a whole file would do, and refuses one with a mistake', async () => {
  const file = join(tmpdir(), `warren-preview-${process.pid}.yaml`)
  writeFileSync(
    file,
    '- name: limit\n  pattern: ^orders\n  apply-to: queues\n  definition: { max-length: 1 }\n',
  )
  const { code, out } = await warren.ctl('preview_policies', file)
  expect([code, out]).toEqual([
    1,
    expect.stringContaining('  policy: "ttl" -> "limit"\n  max-length: not set -> 1\n'),
  ])
  expect(out).toContain('! The new limit drops 1 message from the head at once: lost.')
  writeFileSync(file, '- name: limit\n  pattern: ^orders\n  definition: { max-length: -1 }\n')
  expect(await warren.ctl('preview_policies', file)).toMatchObject({
    code: 65,
    err: expect.stringContaining(`${file}:3`),
  })
})

describe('explain', () => {
  test('tells which policy a queue follows, and where each key comes from', async () => {
    const { code, out } = await warren.ctl('explain', 'queue', 'orders')
    expect(code).toBe(0)
    expect(out).toBe(
      `queue 'orders' in vhost '/' follows policy "ttl" and no operator policy.

Policies, in the order in which they are considered:
  "ttl" holds: It matches, and of those that match its priority 0 is the highest.

What holds:
  max-length = 100, from argument x-max-length
  message-ttl = 9000000, from policy "ttl"
`,
    )
  })

  test('exits with 1 when a policy does not do what it says', async () => {
    await warren.ctl('set_policy', 'limits', '^orders', '{"delivery-limit":3}', '--priority', '9')
    const { code, out, err } = await warren.ctl('explain', 'queue', 'orders')
    expect([code, err]).toEqual([1, 'Not all of these policies do what they say.\n'])
    expect(out).toContain('"limits" kept away: It holds "delivery-limit", which classic queues do not know')
    await warren.ctl('clear_policy', 'limits')
  })

  test('gives it as JSON, and refuses what is not there', async () => {
    const { out } = await warren.ctl('explain', 'exchange', 'amq.topic', '--formatter', 'json')
    expect(JSON.parse(out)).toMatchObject({
      kind: 'exchange',
      policies: [{ name: 'ttl', verdict: 'apply-to' }],
    })
    expect(await warren.ctl('explain', 'queue', 'gone')).toMatchObject({
      code: 65,
      err: "Error:\nThere is no queue 'gone' in virtual host '/'.\n",
    })
    expect((await warren.ctl('explain', 'user', 'guest')).code).toBe(64)
  })
})
