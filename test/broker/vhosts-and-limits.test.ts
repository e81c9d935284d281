// Vhosts and users come and go while clients are connected; limits bound what they may open (docs/observed.md §16.2).

import { describe, expect, test } from 'vitest'
import { type ChannelModel, consume, queueExists, until } from '../support/clients.ts'
import { outcome, realm } from './realm.ts'

const here = realm('limit')

const limitVhost = (name: string, value: number) =>
  here.make(`/vhost-limits/${here.vhost}/${name}`, { value })
const limitUser = (name: string, value: number) => here.make(`/user-limits/${here.user}/${name}`, { value })

/** The text by which the broker closes the connection. */
function closing(connection: ChannelModel): Promise<string> {
  return new Promise((resolve) => {
    const seen = (reason?: Error) =>
      resolve(/with message "(.*)"$/s.exec(String(reason?.message))?.[1] ?? 'none')
    connection.once('error', seen)
    connection.once('close', seen)
  })
}

describe('connection.open', () => {
  test('of a vhost that the user has no permissions in is refused', async () => {
    expect(await here.openRefusal(here.user, '/')).toEqual({
      code: 530,
      text: `NOT_ALLOWED - access to vhost '/' refused for user '${here.user}'`,
      classId: 10,
      methodId: 40,
    })
  })

  test('is refused after the permissions were taken away; who is in stays in', async () => {
    const before = await here.connect()
    await here.must('DELETE', `/permissions/${here.vhost}/${here.user}`)
    const refusal = await here.openRefusal()
    expect(refusal?.text).toBe(
      `NOT_ALLOWED - access to vhost '${here.vhost}' refused for user '${here.user}'`,
    )
    expect(await outcome(before, (channel) => channel.assertQueue('x'))).toBe(
      `403 50.10 ACCESS_REFUSED - access to queue 'x' in vhost '${here.vhost}' refused for user '${here.user}'`,
    )
    await here.permit('', '', '')
    expect(await here.openRefusal()).toBeNull()
  })

  test('of a vhost with max-connections 0 is refused, whoever asks', async () => {
    await limitVhost('max-connections', 0)
    for (const user of ['guest', here.user])
      expect(await here.openRefusal(user)).toEqual({
        code: 530,
        text: `NOT_ALLOWED - access to vhost '${here.vhost}' refused for user '${user}': connection limit (0) is reached`,
        classId: 10,
        methodId: 40,
      })
  })

  test('is refused at the limit of the vhost, and taken again when one has gone', async () => {
    await limitVhost('max-connections', 1)
    const first = await here.connect('guest')
    const refusal = await until('a refusal', () => here.openRefusal())
    expect(refusal.text).toBe(
      `NOT_ALLOWED - access to vhost '${here.vhost}' refused for user '${here.user}': connection limit (1) is reached`,
    )
    await first.close()
    await until('an acceptance', async () => (await here.openRefusal()) === null)
  })

  test('is refused at the limit of the user, before its permissions are looked at', async () => {
    await limitUser('max-connections', 0)
    for (const vhost of [here.vhost, '/'])
      expect((await here.openRefusal(here.user, vhost))?.text).toBe(
        `NOT_ALLOWED - connection refused for user '${here.user}': user connection limit (0) is reached`,
      )
    expect((await here.openRefusal(here.user, 'no such'))?.text).toBe('NOT_ALLOWED - vhost no such not found')
    expect(await here.openRefusal('guest')).toBeNull()
  })

  test('names the limit of the vhost when that of the user is reached too', async () => {
    await limitUser('max-connections', 0)
    await limitVhost('max-connections', 0)
    expect((await here.openRefusal())?.text).toMatch(/: connection limit \(0\) is reached$/)
  })

  test('knows no bound for a negative limit', async () => {
    await limitUser('max-connections', -1)
    await limitVhost('max-connections', -5)
    expect(await here.openRefusal()).toBeNull()
  })

  test('a lowered limit closes nothing that is open', async () => {
    const connection = await here.connect('guest')
    await limitVhost('max-connections', 0)
    expect(await outcome(connection, (channel) => channel.checkExchange('amq.topic'))).toBe('ok')
  })
})

describe('max-queues of a vhost', () => {
  const tooMany = (queue: string, limit: number) =>
    `406 50.10 PRECONDITION_FAILED - cannot declare queue '${queue}': queue limit in vhost '${here.vhost}' (${limit}) is reached`

  test('refuses a queue beyond it, exclusive ones too, but not one that is there', async () => {
    const connection = await here.connect('guest')
    const channel = await connection.createChannel()
    await channel.assertQueue('q1')
    await limitVhost('max-queues', 2)
    expect(await outcome(connection, (c) => c.assertQueue('q2'))).toBe('ok')
    expect(await outcome(connection, (c) => c.assertQueue('q3'))).toBe(tooMany('q3', 2))
    expect(await outcome(connection, (c) => c.assertQueue('q4', { exclusive: true }))).toBe(tooMany('q4', 2))
    expect(await outcome(connection, (c) => c.assertQueue('q2'))).toBe('ok')
    expect(await here.ask('PUT', `/queues/${here.vhost}/q5`, {})).toEqual({
      status: 400,
      body: {
        error: 'bad_request',
        reason: `cannot declare queue 'q5': queue limit in vhost '${here.vhost}' (2) is reached`,
      },
    })
    await channel.deleteQueue('q1')
    expect(await outcome(connection, (c) => c.assertQueue('q3'))).toBe('ok')
    for (const queue of ['q2', 'q3']) await channel.deleteQueue(queue)
  })

  test('is asked before the arguments', async () => {
    await limitVhost('max-queues', 0)
    const connection = await here.connect('guest')
    expect(await outcome(connection, (c) => c.assertQueue('q', { arguments: { 'x-message-ttl': -1 } }))).toBe(
      tooMany('q', 0),
    )
  })
})

describe('max-channels of a user', () => {
  test('ends the connection on which one too many is opened', async () => {
    await limitUser('max-channels', 1)
    const wire = await here.wire()
    // The count of a real broker follows at some distance.
    for (let channel = 2; ; channel++) {
      wire.method(channel, 'ChannelOpen')
      const frame = await wire.next()
      if (frame.name === 'ChannelOpenOk' && channel < 50) continue
      expect(frame.fields).toMatchObject({
        replyCode: 530,
        replyText: `NOT_ALLOWED - number of channels opened for user '${here.user}' has reached the maximum allowed user limit of (1)`,
        classId: 0,
        methodId: 0,
      })
      return
    }
  })

  test('of 0 allows a connection, but no channel', async () => {
    await limitUser('max-channels', 0)
    const connection = await here.connect()
    const closed = closing(connection)
    await expect(connection.createChannel()).rejects.toThrow()
    expect(await closed).toBe(
      `NOT_ALLOWED - number of channels opened for user '${here.user}' has reached the maximum allowed user limit of (0)`,
    )
  })
})

describe('when a vhost is deleted', () => {
  test('its consumers are cancelled, its connections closed with 320, and it begins anew empty', async () => {
    const vhost = `${here.vhost}-gone`
    await here.make(`/vhosts/${vhost}`)
    const connection = await here.connect('guest', vhost)
    const channel = await connection.createChannel()
    await channel.assertQueue('q')
    await channel.assertExchange('x', 'topic')
    await channel.bindQueue('q', 'x', '#')
    const consumer = await consume(channel, 'q')
    const closed = closing(connection)
    await here.must('DELETE', `/vhosts/${vhost}`)
    await consumer.cancelled()
    // RabbitMQ says one or the other, as it happens.
    expect(await closed).toMatch(/^CONNECTION_FORCED - vhost '[\w-]+' is (deleted|down)$/)
    expect((await here.openRefusal('guest', vhost))?.text).toBe(`NOT_ALLOWED - vhost ${vhost} not found`)
    await here.make(`/vhosts/${vhost}`)
    const again = await here.connect('guest', vhost)
    expect(await queueExists(again, 'q')).toBe(false)
    expect(await outcome(again, (c) => c.checkExchange('amq.topic'))).toBe('ok')
    expect(await here.must('GET', `/bindings/${vhost}`)).toEqual([])
  })

  test('its permissions, topic permissions, policies and limits go with it', async () => {
    const vhost = `${here.vhost}-gone`
    await here.make(`/vhosts/${vhost}`)
    const everything = { configure: '.*', write: '.*', read: '.*' }
    await here.must('PUT', `/permissions/${vhost}/${here.user}`, everything)
    await here.must('PUT', `/topic-permissions/${vhost}/${here.user}`, { ...everything, exchange: 'x' })
    await here.must('PUT', `/policies/${vhost}/p`, { pattern: '', definition: { 'max-length': 1 } })
    await here.must('PUT', `/vhost-limits/${vhost}/max-queues`, { value: 7 })
    await here.must('DELETE', `/vhosts/${vhost}`)
    await here.make(`/vhosts/${vhost}`)
    expect(await here.must('GET', `/vhosts/${vhost}/permissions`)).toEqual([
      { vhost, user: 'guest', ...everything },
    ])
    for (const path of ['topic-permissions', 'policies', 'vhost-limits']) {
      const rows = (await here.must('GET', `/${path}`)) as { vhost: string; value?: unknown }[]
      expect(rows.filter((row) => row.vhost === vhost)).toEqual([])
    }
  })
})

describe('a user', () => {
  test('who is deleted is disconnected with 320 and cannot come back', async () => {
    const user = `${here.user}-gone`
    await here.make(`/users/${user}`, { password: user, tags: '' })
    await here.must('PUT', `/permissions/${here.vhost}/${user}`, { configure: '', write: '', read: '' })
    const closed = closing(await here.connect(user))
    await here.must('DELETE', `/users/${user}`)
    expect(await closed).toBe(`CONNECTION_FORCED - user '${user}' is deleted`)
    await expect(here.connect(user)).rejects.toThrow(/Login was refused/)
  })

  test('whose password changes stays connected; the old password no longer logs in', async () => {
    const user = `${here.user}-new`
    await here.make(`/users/${user}`, { password: user, tags: '' })
    await here.must('PUT', `/permissions/${here.vhost}/${user}`, { configure: '', write: '', read: '' })
    const connection = await here.connect(user)
    await here.must('PUT', `/users/${user}`, { password: 'another', tags: '' })
    await expect(here.connect(user)).rejects.toThrow(/Login was refused/)
    expect(await outcome(connection, (channel) => channel.checkExchange('amq.topic'))).toBe('ok')
  })

  test('cannot log in with an empty password, even if that is the password', async () => {
    const user = `${here.user}-blank`
    await here.make(`/users/${user}`, { password: '', tags: 'administrator' })
    expect(await here.ask('GET', '/whoami', undefined, `${user}:`)).toEqual({
      status: 401,
      body: { error: 'not_authorized', reason: 'Login failed' },
    })
  })

  test('may be given the hash of a password instead', async () => {
    const user = `${here.user}-hash`
    await here.make(`/users/${user}`, { password: user, tags: 'monitoring' })
    const { password_hash } = (await here.must('GET', `/users/${user}`)) as { password_hash: string }
    await here.must('PUT', `/users/${user}`, { password: 'x', tags: 'monitoring' })
    await here.must('PUT', `/users/${user}`, { password_hash, tags: 'monitoring' })
    expect((await here.ask('GET', '/whoami', undefined, `${user}:${user}`)).body).toEqual({
      name: user,
      tags: ['monitoring'],
    })
  })
})

test('a connection closed over the management API is told why', async () => {
  const connection = await here.connect()
  const closed = closing(connection)
  await until('the connection is listed and closed', async () => {
    const path = `/connections/username/${here.user}`
    const rows = (await here.must('GET', path)) as { name: string }[]
    if (rows.length === 0) return false
    const name = encodeURIComponent(rows[0]!.name)
    const { status } = await here.ask('DELETE', `/connections/${name}`)
    return status === 204
  })
  expect(await closed).toBe('CONNECTION_FORCED - Closed via management plugin')
})
