// What a user may do in a vhost: patterns of what it may configure, write and read. Refusals come before anything is looked
// up, so that they say nothing of what exists (docs/observed.md §5.3, §16.1).

import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Channel, ChannelModel } from '../support/clients.ts'
import { outcome, realm } from './realm.ts'

const here = realm('perm')
const body = Buffer.from('x')

let mine: ChannelModel

/** `access to queue 'other' …`, with the class and method that were refused. */
const refused = (method: string, what: string) =>
  `403 ${method} ACCESS_REFUSED - access to ${what} in vhost '${here.vhost}' refused for user '${here.user}'`
const missing = (method: string, what: string) =>
  `404 ${method} NOT_FOUND - no ${what} in vhost '${here.vhost}'`

const publish =
  (exchange: string, key: string, headers: Record<string, unknown> = {}) =>
  (channel: Channel) =>
    channel.publish(exchange, key, body, { headers })

beforeAll(async () => {
  const guest = await here.connect('guest')
  const channel = await guest.createChannel()
  for (const name of ['other', 'own.q']) await channel.assertQueue(name)
  for (const name of ['own.direct', 'other.direct']) await channel.assertExchange(name, 'direct')
  for (const name of ['own.topic', 'own.topic2']) await channel.assertExchange(name, 'topic')
  for (const name of ['own.internal', 'other.internal'])
    await channel.assertExchange(name, 'direct', { internal: true })
  await guest.close()
})

beforeEach(async () => {
  await here.permit('^own', '^own', '^own')
  mine = await here.connect()
})

type Case = readonly [title: string, act: (channel: Channel) => unknown, expected: () => string]

const queueCases: readonly Case[] = [
  ['declaring a queue', (c) => c.assertQueue('other'), () => refused('50.10', "queue 'other'")],
  [
    'declaring a queue that is there with other properties',
    (c) => c.assertQueue('other', { durable: false }),
    () => refused('50.10', "queue 'other'"),
  ],
  [
    'declaring a queue with arguments that will not do',
    (c) => c.assertQueue('new', { arguments: { 'x-message-ttl': -1 } }),
    () => refused('50.10', "queue 'new'"),
  ],
  ['declaring one of its own', (c) => c.assertQueue('own.q'), () => 'ok'],
  ['looking whether a queue is there', (c) => c.checkQueue('other'), () => 'ok'],
  ['looking for a queue that is not', (c) => c.checkQueue('new'), () => missing('50.10', "queue 'new'")],
  [
    'declaring a reserved name',
    (c) => c.assertQueue('amq.mine'),
    () => "403 50.10 ACCESS_REFUSED - queue name 'amq.mine' contains reserved prefix 'amq.*'",
  ],
  ['deleting a queue', (c) => c.deleteQueue('other'), () => refused('50.40', "queue 'other'")],
  ['deleting a queue that is not there', (c) => c.deleteQueue('new'), () => refused('50.40', "queue 'new'")],
  ['purging a queue', (c) => c.purgeQueue('other'), () => refused('50.30', "queue 'other'")],
  ['purging a queue that is not there', (c) => c.purgeQueue('new'), () => refused('50.30', "queue 'new'")],
  ['getting from a queue', (c) => c.get('other'), () => refused('60.70', "queue 'other'")],
  ['getting from a queue that is not there', (c) => c.get('new'), () => refused('60.70', "queue 'new'")],
  ['consuming from a queue', (c) => c.consume('other', () => {}), () => refused('60.20', "queue 'other'")],
  ['consuming from none', (c) => c.consume('new', () => {}), () => refused('60.20', "queue 'new'")],
  ['consuming from its own', (c) => c.consume('own.q', () => {}), () => 'ok'],
  [
    'consuming direct replies',
    (c) => c.consume('amq.rabbitmq.reply-to', () => {}, { noAck: true }),
    () => 'ok',
  ],
]

const bindCases: readonly Case[] = [
  ['binding its queue to its exchange', (c) => c.bindQueue('own.q', 'own.direct', 'k'), () => 'ok'],
  [
    'binding another queue',
    (c) => c.bindQueue('other', 'own.direct', 'k'),
    () => refused('50.20', "queue 'other'"),
  ],
  [
    'binding to another exchange',
    (c) => c.bindQueue('own.q', 'other.direct', 'k'),
    () => refused('50.20', "exchange 'other.direct'"),
  ],
  [
    'binding what is neither its queue nor its exchange',
    (c) => c.bindQueue('other', 'other.direct', 'k'),
    () => refused('50.20', "queue 'other'"),
  ],
  [
    'binding a missing queue',
    (c) => c.bindQueue('none', 'own.direct', 'k'),
    () => refused('50.20', "queue 'none'"),
  ],
  [
    'binding a missing queue of its own',
    (c) => c.bindQueue('own.none', 'own.direct', 'k'),
    () => missing('50.20', "queue 'own.none'"),
  ],
  [
    'binding to a missing exchange',
    (c) => c.bindQueue('own.q', 'none', 'k'),
    () => refused('50.20', "exchange 'none'"),
  ],
  [
    'binding to a missing exchange of its own',
    (c) => c.bindQueue('own.q', 'own.none', 'k'),
    () => missing('50.20', "exchange 'own.none'"),
  ],
  [
    'binding another queue to the default exchange',
    (c) => c.bindQueue('other', '', 'k'),
    () => refused('50.20', "queue 'other'"),
  ],
  [
    'binding its queue to the default exchange',
    (c) => c.bindQueue('own.q', '', 'k'),
    () => '403 50.20 ACCESS_REFUSED - operation not permitted on the default exchange',
  ],
  [
    'unbinding another queue',
    (c) => c.unbindQueue('other', 'own.direct', 'k'),
    () => refused('50.50', "queue 'other'"),
  ],
  [
    'unbinding from another exchange',
    (c) => c.unbindQueue('own.q', 'other.direct', 'k'),
    () => refused('50.50', "exchange 'other.direct'"),
  ],
  [
    'unbinding nothing from nothing',
    (c) => c.unbindQueue('no', 'no', 'k'),
    () => refused('50.50', "queue 'no'"),
  ],
  [
    'binding another exchange to its own',
    (c) => c.bindExchange('other.direct', 'own.direct', 'k'),
    () => refused('40.30', "exchange 'other.direct'"),
  ],
  [
    'binding its exchange to another',
    (c) => c.bindExchange('own.direct', 'other.direct', 'k'),
    () => refused('40.30', "exchange 'other.direct'"),
  ],
  [
    'binding exchanges that are not',
    (c) => c.bindExchange('a', 'b', 'k'),
    () => refused('40.30', "exchange 'a'"),
  ],
  [
    'unbinding another exchange',
    (c) => c.unbindExchange('other.direct', 'own.direct', 'k'),
    () => refused('40.40', "exchange 'other.direct'"),
  ],
]

const exchangeCases: readonly Case[] = [
  [
    'declaring an exchange',
    (c) => c.assertExchange('new', 'direct'),
    () => refused('40.10', "exchange 'new'"),
  ],
  [
    'declaring a reserved exchange',
    (c) => c.assertExchange('amq.new', 'direct'),
    () => refused('40.10', "exchange 'amq.new'"),
  ],
  [
    'declaring a predeclared exchange as it is',
    (c) => c.assertExchange('amq.direct', 'direct'),
    () => refused('40.10', "exchange 'amq.direct'"),
  ],
  [
    'declaring an exchange as what it is not',
    (c) => c.assertExchange('other.direct', 'topic'),
    () => refused('40.10', "exchange 'other.direct'"),
  ],
  ['looking whether an exchange is there', (c) => c.checkExchange('other.direct'), () => 'ok'],
  ['looking for one that is not', (c) => c.checkExchange('none'), () => missing('40.10', "exchange 'none'")],
  [
    'deleting an exchange',
    (c) => c.deleteExchange('other.direct'),
    () => refused('40.20', "exchange 'other.direct'"),
  ],
  [
    'deleting one that is not there',
    (c) => c.deleteExchange('none'),
    () => refused('40.20', "exchange 'none'"),
  ],
  [
    'deleting a predeclared exchange',
    (c) => c.deleteExchange('amq.direct'),
    () =>
      `403 40.20 ACCESS_REFUSED - deletion of system exchange 'amq.direct' in vhost '${here.vhost}' not allowed`,
  ],
  [
    'publishing to another exchange',
    publish('other.direct', 'k'),
    () => refused('60.40', "exchange 'other.direct'"),
  ],
  ['publishing to none', publish('none', 'k'), () => refused('60.40', "exchange 'none'")],
  ['publishing to none of its own', publish('own.none', 'k'), () => missing('60.40', "exchange 'own.none'")],
  [
    'publishing to the default exchange',
    publish('', 'own.q'),
    () => refused('60.40', "exchange 'amq.default'"),
  ],
  ['publishing to its own exchange', publish('own.direct', 'k'), () => 'ok'],
  [
    'publishing to an internal exchange of its own',
    publish('own.internal', 'k'),
    () =>
      `403 60.40 ACCESS_REFUSED - cannot publish to internal exchange 'own.internal' in vhost '${here.vhost}'`,
  ],
  [
    'publishing to another internal exchange',
    publish('other.internal', 'k'),
    () => refused('60.40', "exchange 'other.internal'"),
  ],
  [
    'publishing to another exchange what would be refused anyway',
    (c) => c.publish('other.direct', 'k', body, { expiration: 'x' }),
    () => refused('60.40', "exchange 'other.direct'"),
  ],
]

describe('a user with permissions for ^own', () => {
  test.each([...queueCases, ...bindCases, ...exchangeCases])('%s', async (_, act, expected) => {
    expect(await outcome(mine, act)).toBe(expected())
  })

  test('may not declare a queue that the server is to name', async () => {
    const seen = await outcome(mine, (channel) => channel.assertQueue(''))
    expect(seen.replace(/amq\.gen-[\w-]{22}/, 'amq.gen-')).toBe(refused('50.10', "queue 'amq.gen-'"))
  })

  test('is refused before the owner of an exclusive queue matters', async () => {
    const guest = await here.connect('guest')
    await (await guest.createChannel()).assertQueue('exclusive', { exclusive: true })
    for (const [method, act] of [
      ['50.10', (c: Channel) => c.assertQueue('exclusive')],
      ['50.30', (c: Channel) => c.purgeQueue('exclusive')],
      ['50.40', (c: Channel) => c.deleteQueue('exclusive')],
      ['60.70', (c: Channel) => c.get('exclusive')],
    ] as const)
      expect(await outcome(mine, act)).toBe(refused(method, "queue 'exclusive'"))
  })
})

describe('a dead-letter or alternate exchange', () => {
  const withDlx = (name: string, exchange: string) => (channel: Channel) =>
    channel.assertQueue(name, { arguments: { 'x-dead-letter-exchange': exchange } })
  const withAlternate = (name: string, exchange: string) => (channel: Channel) =>
    channel.assertExchange(name, 'direct', { alternateExchange: exchange })

  test.each<Case>([
    ['of its own may be named', withDlx('own.dead1', 'own.direct'), () => 'ok'],
    [
      'may not be another',
      withDlx('own.dead2', 'other.direct'),
      () => refused('50.10', "exchange 'other.direct'"),
    ],
    [
      'may not be the default one',
      withDlx('own.dead3', ''),
      () => refused('50.10', "exchange 'amq.default'"),
    ],
    [
      'is looked at before the other arguments',
      (c) =>
        c.assertQueue('own.dead4', { arguments: { 'x-dead-letter-exchange': 'none', 'x-message-ttl': -1 } }),
      () => refused('50.10', "exchange 'none'"),
    ],
    [
      'does not matter for a queue that is there already',
      withDlx('own.q', 'other.direct'),
      () =>
        `406 50.10 PRECONDITION_FAILED - inequivalent arg 'x-dead-letter-exchange' for queue 'own.q' in vhost '${here.vhost}': received the value 'other.direct' of type 'longstr' but current is none`,
    ],
    ['of its own may be an alternate', withAlternate('own.x1', 'own.direct'), () => 'ok'],
    [
      'may not be another alternate',
      withAlternate('own.x2', 'none'),
      () => refused('40.10', "exchange 'none'"),
    ],
    [
      'may not be the default one as alternate',
      withAlternate('own.x3', ''),
      () => refused('40.10', "exchange 'amq.default'"),
    ],
  ])('%s', async (_, act, expected) => {
    expect(await outcome(mine, act)).toBe(expected())
  })

  test('needs leave to read what it is declared on', async () => {
    await here.permit('^own', '^own', '^none')
    expect(await outcome(mine, withDlx('own.dead5', 'own.direct'))).toBe(
      refused('50.10', "queue 'own.dead5'"),
    )
    expect(await outcome(mine, withAlternate('own.x4', 'own.direct'))).toBe(
      refused('40.10', "exchange 'own.x4'"),
    )
  })

  test('needs leave to write to it', async () => {
    await here.permit('^own', '^none', '^own')
    expect(await outcome(mine, withDlx('own.dead6', 'own.direct'))).toBe(
      refused('50.10', "exchange 'own.direct'"),
    )
    expect(await outcome(mine, withAlternate('own.x5', 'own.direct'))).toBe(
      refused('40.10', "exchange 'own.direct'"),
    )
  })
})

describe('patterns of permissions', () => {
  const declares = (name: string) => outcome(mine, (channel) => channel.assertQueue(name))

  test('an empty one allows nothing', async () => {
    await here.permit('', '', '')
    expect(await declares('x')).toBe(refused('50.10', "queue 'x'"))
    expect(await outcome(mine, publish('', 'x'))).toBe(refused('60.40', "exchange 'amq.default'"))
  })

  test('one without anchors matches anywhere', async () => {
    await here.permit('wn', '', '')
    expect(await declares('own.anywhere')).toBe('ok')
  })

  test('options, assertions and POSIX classes mean what they mean in PCRE', async () => {
    await here.permit('(?i)^OWN\\.(?!no)[[:alpha:]]+\\z', '', '')
    expect(await declares('own.yes')).toBe('ok')
    expect(await declares('own.no')).toBe(refused('50.10', "queue 'own.no'"))
    expect(await declares('own.y1')).toBe(refused('50.10', "queue 'own.y1'"))
  })

  test('one that would take an age to match stalls nobody', async () => {
    await here.permit('^(a+)+$', '', '')
    const name = `${'a'.repeat(120)}!`
    const begun = performance.now()
    expect(await declares(name)).toBe(refused('50.10', `queue '${name}'`))
    expect(performance.now() - begun).toBeLessThan(5_000)
  })
})

describe('topic permissions', () => {
  const allow = (exchange: string, write: string, read: string) =>
    here.must('PUT', `/topic-permissions/${here.vhost}/${here.user}`, { exchange, write, read })
  const topic = (method: string, key: string, exchange = 'own.topic') =>
    refused(method, `topic '${key}' in exchange '${exchange}'`)

  test('bound the keys of publishes, but not those of CC', async () => {
    await allow('own.topic', '^a', '.*')
    expect(await outcome(mine, publish('own.topic', 'a.b'))).toBe('ok')
    expect(await outcome(mine, publish('own.topic', 'a.b', { CC: ['b.c'] }))).toBe('ok')
    expect(await outcome(mine, publish('own.topic', 'b.c'))).toBe(topic('60.40', 'b.c'))
  })

  test('bound the keys of bindings by what may be read', async () => {
    await allow('own.topic', '.*', '^a')
    expect(await outcome(mine, (c) => c.bindQueue('own.q', 'own.topic', 'a.*'))).toBe('ok')
    expect(await outcome(mine, (c) => c.bindQueue('own.q', 'own.topic', '#'))).toBe(topic('50.20', '#'))
    expect(await outcome(mine, (c) => c.unbindQueue('own.q', 'own.topic', '#'))).toBe(topic('50.50', '#'))
    expect(await outcome(mine, (c) => c.bindExchange('own.topic2', 'own.topic', 'b'))).toBe(
      topic('40.30', 'b'),
    )
    expect(await outcome(mine, (c) => c.bindExchange('own.topic', 'own.topic2', 'b'))).toBe('ok')
  })

  test('may speak of the user and the vhost', async () => {
    await allow('own.topic', '^{username}-{vhost}$', '')
    expect(await outcome(mine, publish('own.topic', `${here.user}-${here.vhost}`))).toBe('ok')
    expect(await outcome(mine, publish('own.topic', 'x'))).toBe(topic('60.40', 'x'))
  })

  test('an empty one allows the empty key alone', async () => {
    await allow('own.topic', '', '')
    expect(await outcome(mine, publish('own.topic', ''))).toBe('ok')
    expect(await outcome(mine, publish('own.topic', 'a'))).toBe(topic('60.40', 'a'))
  })

  test('mean nothing to exchanges of other types', async () => {
    await allow('own.direct', '^z', '^z')
    expect(await outcome(mine, publish('own.direct', 'a'))).toBe('ok')
  })

  test('that are taken away bind nobody', async () => {
    await allow('own.topic', '^a', '^a')
    await here.must('DELETE', `/topic-permissions/${here.vhost}/${here.user}`)
    expect(await outcome(mine, publish('own.topic', 'b'))).toBe('ok')
  })
})

test('a user tagged impersonator may sign messages with any name', async () => {
  const signed = (channel: Channel) => channel.publish('own.direct', 'k', body, { userId: 'somebody' })
  expect(await outcome(mine, signed)).toBe(
    `406 60.40 PRECONDITION_FAILED - user_id property set to 'somebody' but authenticated user was '${here.user}'`,
  )
  await here.must('PUT', `/users/${here.user}`, { password: here.user, tags: 'impersonator' })
  expect(await outcome(await here.connect(), signed)).toBe('ok')
})
