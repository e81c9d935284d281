// Vhosts, users, permissions and limits over the management API: what is answered to every request that can be made of
// them, and what each tag allows (docs/observed.md §6, §16). Against a real broker the management plugin must be on.

import { describe, expect, test } from 'vitest'
import { realm } from './realm.ts'

const here = realm('http')
const bob = () => `${here.user}-bob`

/** The body of a refusal. */
const bad = (reason: unknown) => [400, { error: 'bad_request', reason }]
const gone = [404, { error: 'Object Not Found', reason: 'Not Found' }]
const list = (...rows: unknown[]) => [200, rows]

/** `$v` is the realm's vhost, `$u` its user, `$b` another user that a test makes. */
async function ask(request: string, body?: unknown, login?: string): Promise<[number, unknown]> {
  const [method, path] = request.split(' ')
  const real = path!.replace('$v', here.vhost).replace('$u', here.user).replace('$b', bob())
  const answer = await here.ask(method!, real, body, login)
  return [answer.status, answer.body]
}

const makeBob = (tags = '') => here.make(`/users/${bob()}`, { password: bob(), tags })
const all = { configure: '.*', write: '.*', read: '.*' }

describe('vhosts', () => {
  const vhost = (description: string, tags: string[], tracing = false) => ({
    name: `${here.vhost}-2`,
    description,
    tags,
    tracing,
    default_queue_type: 'undefined',
    metadata: { description, tags },
  })

  test('are made with a description, tags and tracing, and changed: what is not named is taken away, but for tracing', async () => {
    const path = 'PUT /vhosts/$v-2'
    await here.ask('DELETE', `/vhosts/${here.vhost}-2`)
    expect(await ask(path, { description: 'd', tags: 'a, b', tracing: true })).toEqual([201, ''])
    expect((await ask('GET /vhosts/$v-2'))[1]).toMatchObject(vhost('d', ['a', 'b'], true))
    expect(await ask(path, { tags: ['x'] })).toEqual([204, ''])
    expect((await ask('GET /vhosts/$v-2'))[1]).toMatchObject(vhost('', ['x'], true))
    expect(await ask(path)).toEqual([204, ''])
    expect((await ask('GET /vhosts/$v-2'))[1]).toMatchObject(vhost('', [], true))
    expect(await ask(path, { tracing: 'x' })).toEqual(bad(['not_boolean', 'x']))
    expect(await ask('GET /vhosts/$v-2/permissions')).toEqual(
      list({ vhost: `${here.vhost}-2`, user: 'guest', ...all }),
    )
    expect(await ask('DELETE /vhosts/$v-2')).toEqual([204, ''])
    expect(await ask('DELETE /vhosts/$v-2')).toEqual(gone)
  })

  test.each(['GET /vhosts/none', 'GET /vhosts/none/permissions', 'GET /vhosts/none/topic-permissions'])(
    '%s finds nothing',
    async (request) => expect(await ask(request)).toEqual(gone),
  )

  test('may have any name', async () => {
    const name = encodeURIComponent(`a/b c ${here.vhost}`)
    await here.make(`/vhosts/${name}`)
    expect((await ask(`GET /vhosts/${name}`))[1]).toMatchObject({ name: `a/b c ${here.vhost}` })
  })
})

describe('users', () => {
  const sha256 = 'rabbit_password_hashing_sha256'

  test('are made, changed and deleted', async () => {
    expect(await ask('PUT /users/$b', { password: 'b', tags: 'management, policymaker,,' })).toEqual([
      201,
      '',
    ])
    expect((await ask('GET /users/$b'))[1]).toEqual({
      name: bob(),
      password_hash: expect.stringMatching(/^[\w+/]{48}$/),
      hashing_algorithm: sha256,
      tags: ['management', 'policymaker'],
      limits: {},
    })
    expect(await ask('PUT /users/$b', { password: 'b', tags: ['administrator'] })).toEqual([204, ''])
    expect((await ask('GET /users/$b'))[1]).toMatchObject({ tags: ['administrator'] })
    expect(await ask('DELETE /users/$b')).toEqual([204, ''])
    expect(await ask('DELETE /users/$b')).toEqual(gone)
  })

  test('lose their password when they are changed without one', async () => {
    await makeBob()
    expect(await ask('PUT /users/$b', { tags: '' })).toEqual([204, ''])
    expect((await ask('GET /users/$b'))[1]).toMatchObject({ password_hash: '' })
  })

  test('keep a given hash and its algorithm', async () => {
    await makeBob()
    const password_hash = 'XMJ3zttkoIpNw8DrS2288qS6sDrXN+4Y3BLKAbzTzs7Q3E6b'
    for (const hashing_algorithm of [sha256, 'rabbit_password_hashing_md5']) {
      expect(await ask('PUT /users/$b', { password_hash, hashing_algorithm, tags: '' })).toEqual([204, ''])
      expect((await ask('GET /users/$b'))[1]).toMatchObject({ password_hash, hashing_algorithm })
    }
  })

  test.each<[body: object, reason: unknown]>([
    [{ password: 'b' }, 'tags_not_present'],
    [{}, 'tags_not_present'],
    [{ password: 'a', password_hash: 'b', tags: '' }, 'both_password_and_password_hash_are_provided'],
    [{ password_hash: '!!!', tags: '' }, ['not_base64', '!!!']],
  ])('are refused with %j', async (body, reason) => {
    expect(await ask('PUT /users/$b', body)).toEqual(bad(reason))
    expect(await ask('GET /users/$b')).toEqual(gone)
  })

  test('are deleted several at once, up to one that is not there', async () => {
    await makeBob()
    expect(await ask('POST /users/bulk-delete', { users: ['nobody', bob()] })).toEqual(
      bad(['no_such_user', 'nobody']),
    )
    expect(await ask('POST /users/bulk-delete', {})).toEqual(bad('[{key_missing,users}]'))
    expect(await ask('POST /users/bulk-delete', { users: [bob()] })).toEqual([204, ''])
    expect(await ask('GET /users/$b')).toEqual(gone)
    await makeBob()
    await ask('POST /users/bulk-delete', { users: [bob(), 'nobody'] })
    expect(await ask('GET /users/$b')).toEqual(gone)
  })

  test('without permissions are listed', async () => {
    await makeBob()
    const names = async () =>
      ((await ask('GET /users/without-permissions?columns=name'))[1] as { name: string }[]).map((u) => u.name)
    expect(await names()).toContain(bob())
    await here.must('PUT', `/permissions/${here.vhost}/${bob()}`, all)
    expect(await names()).not.toContain(bob())
  })

  test.each(['GET /users/nobody', 'GET /users/nobody/permissions', 'GET /users/nobody/topic-permissions'])(
    '%s finds nothing',
    async (request) => expect(await ask(request)).toEqual(gone),
  )
})

describe('permissions', () => {
  const path = '/permissions/$v/$b'

  test('are set, listed by vhost and by user, and taken away', async () => {
    await makeBob()
    const mine = { user: bob(), vhost: here.vhost, configure: '.*', write: '', read: '^r' }
    const { user: _user, vhost: _vhost, ...patterns } = mine
    expect(await ask(`PUT ${path}`, patterns)).toEqual([201, ''])
    expect(await ask(`PUT ${path}`, patterns)).toEqual([204, ''])
    expect(await ask(`GET ${path}`)).toEqual([200, mine])
    expect(await ask('GET /users/$b/permissions')).toEqual(list(mine))
    for (const where of ['/permissions', '/vhosts/$v/permissions'])
      expect((await ask(`GET ${where}`))[1]).toContainEqual(mine)
    expect(await ask(`DELETE ${path}`)).toEqual([204, ''])
    expect(await ask(`DELETE ${path}`)).toEqual(gone)
    expect(await ask(`GET ${path}`)).toEqual(gone)
  })

  test.each<[request: string, body: object, reason: unknown]>([
    ['PUT /permissions/$v/$u', { configure: '' }, '[{key_missing,write},{key_missing,read}]'],
    ['PUT /permissions/none/$u', all, 'vhost_or_user_not_found'],
    ['PUT /permissions/$v/nobody', all, 'vhost_or_user_not_found'],
    [
      'PUT /permissions/$v/$u',
      { configure: 'ok', write: '(', read: '[' },
      ['invalid_regexp', [40], [[...Buffer.from('missing )')], 1]],
    ],
    [
      'PUT /permissions/$v/$u',
      { configure: 'a{3,2}', write: '', read: '' },
      [
        'invalid_regexp',
        [...Buffer.from('a{3,2}')],
        [[...Buffer.from('numbers out of order in {} quantifier')], 5],
      ],
    ],
    [
      'PUT /topic-permissions/$v/$u',
      { exchange: 'x', write: '(', read: '' },
      ['invalid_regexp', '(', [[...Buffer.from('missing )')], 1]],
    ],
    ['PUT /topic-permissions/$v/$u', { exchange: 'x' }, '[{key_missing,write},{key_missing,read}]'],
    ['PUT /topic-permissions/none/$u', { exchange: 'x', write: '', read: '' }, 'vhost_or_user_not_found'],
    ['PUT /topic-permissions/$v/nobody', { exchange: 'x', write: '', read: '' }, 'vhost_or_user_not_found'],
  ])('%s is refused with %j', async (request, body, reason) => {
    expect(await ask(request, body)).toEqual(bad(reason))
  })

  test('of topics are set by exchange, and taken away one by one or all together', async () => {
    await makeBob()
    const at = '/topic-permissions/$v/$b'
    const one = (exchange: string) => ({ user: bob(), vhost: here.vhost, exchange, write: '^a', read: '.*' })
    const put = (exchange: string) => ask(`PUT ${at}`, { exchange, write: '^a', read: '.*' })
    expect(await ask(`GET ${at}`)).toEqual(gone)
    expect(await put('amq.topic')).toEqual([201, ''])
    expect(await put('other')).toEqual([204, ''])
    expect(await ask('GET /users/$b/topic-permissions')).toEqual(list(one('amq.topic'), one('other')))
    expect((await ask(`GET ${at}`))[1]).toContainEqual(one('other'))
    expect(await ask(`DELETE ${at}/other`)).toEqual([204, ''])
    expect(await ask(`GET ${at}`)).toEqual(list(one('amq.topic')))
    expect(await ask(`DELETE ${at}`)).toEqual([204, ''])
    expect(await ask(`DELETE ${at}`)).toEqual(gone)
  })

  test('go with their user', async () => {
    await makeBob()
    await here.must('PUT', `/permissions/${here.vhost}/${bob()}`, all)
    await here.must('PUT', `/topic-permissions/${here.vhost}/${bob()}`, { ...all, exchange: 'x' })
    await here.must('DELETE', `/users/${bob()}`)
    await makeBob()
    expect(await ask('GET /users/$b/permissions')).toEqual(list())
    expect(await ask('GET /users/$b/topic-permissions')).toEqual(list())
  })
})

describe('limits', () => {
  test('of a vhost are set, listed and taken away', async () => {
    expect(await ask('PUT /vhost-limits/$v/max-queues', { value: 3 })).toEqual([204, ''])
    expect(await ask('PUT /vhost-limits/$v/max-connections', { value: -1 })).toEqual([204, ''])
    const value = { 'max-queues': 3, 'max-connections': -1 }
    expect(await ask('GET /vhost-limits/$v')).toEqual(list({ vhost: here.vhost, value }))
    for (const name of ['max-queues', 'max-connections', 'nonsense'])
      expect(await ask(`DELETE /vhost-limits/$v/${name}`)).toEqual([204, ''])
    expect(await ask('GET /vhost-limits/$v')).toEqual(list())
    // The list of all keeps an empty entry.
    expect((await ask('GET /vhost-limits'))[1]).toContainEqual({ vhost: here.vhost, value: [] })
  })

  test('of a user are set, listed and taken away', async () => {
    await makeBob()
    expect(await ask('PUT /user-limits/$b/max-channels', { value: 3 })).toEqual([204, ''])
    expect(await ask('GET /user-limits/$b')).toEqual(list({ user: bob(), value: { 'max-channels': 3 } }))
    expect((await ask('GET /users/$b'))[1]).toMatchObject({ limits: { 'max-channels': 3 } })
    expect(await ask('DELETE /user-limits/$b/max-channels')).toEqual([204, ''])
    expect(await ask('GET /user-limits/$b')).toEqual(list())
  })

  test.each<[request: string, body: object, reason: unknown]>([
    ['PUT /vhost-limits/$v/max-queues', {}, '[{key_missing,value}]'],
    [
      'PUT /vhost-limits/$v/max-queues',
      { value: 'x' },
      'Validation failed\n\nmax-queues should be a number, actually was <<"x">>\n',
    ],
    [
      'PUT /vhost-limits/$v/foo',
      { value: 1 },
      'Validation failed\n\nUnrecognised terms [{<<"foo">>,1}] in limits\n',
    ],
    ['PUT /user-limits/$u/max-channels', {}, '[{key_missing,value}]'],
    ['PUT /user-limits/$u/max-channels', { value: 1.5 }, 'max-channels should be a number, actually was 1.5'],
    [
      'PUT /user-limits/$u/max-queues',
      { value: 2 },
      'Unrecognised terms [{<<"max-queues">>,2}] in user-limits',
    ],
    ['PUT /user-limits/nobody/max-channels', { value: 1 }, ['no_such_user', 'nobody']],
  ])('%s is refused with %j', async (request, body, reason) => {
    expect(await ask(request, body)).toEqual(bad(reason))
  })

  test('of what is not there are not found', async () => {
    expect(await ask('PUT /vhost-limits/none/max-queues', { value: 1 })).toEqual([
      404,
      { error: 'not_found', reason: 'vhost_not_found' },
    ])
    expect(await ask('GET /vhost-limits/none')).toEqual(gone)
    expect(await ask('GET /user-limits/nobody')).toEqual(gone)
  })
})

describe('tags', () => {
  const refusal = (reason: string) => [401, { error: 'not_authorised', reason }]
  const forAdministrators: readonly (readonly [string, unknown?])[] = [
    ['GET /users'],
    ['GET /users/$u'],
    ['GET /users/$u/permissions'],
    ['GET /users/without-permissions'],
    ['PUT /users/$b', { password: 'b', tags: '' }],
    ['DELETE /users/nobody'],
    ['POST /users/bulk-delete', { users: [] }],
    ['GET /vhosts/$v'],
    ['GET /vhosts/$v/permissions'],
    ['GET /vhosts/$v/topic-permissions'],
    ['PUT /vhosts/$v', {}],
    ['DELETE /vhosts/none'],
    ['GET /permissions'],
    ['GET /permissions/$v/$u'],
    ['PUT /permissions/$v/$u', all],
    ['DELETE /permissions/$v/nobody'],
    ['GET /topic-permissions'],
    ['GET /topic-permissions/$v/$u'],
    ['PUT /vhost-limits/$v/max-queues', { value: -1 }],
    ['DELETE /vhost-limits/$v/max-queues'],
    ['PUT /user-limits/$u/max-channels', { value: -1 }],
    ['DELETE /user-limits/$u/max-channels'],
  ]

  const as = async (tag: string): Promise<string> => {
    const name = `${here.user}-${tag}`
    await here.make(`/users/${name}`, { password: name, tags: tag })
    return `${name}:${name}`
  }

  test.each(['management', 'policymaker', 'monitoring'])('%s is not enough for users', async (tag) => {
    const login = await as(tag)
    for (const [request, body] of forAdministrators)
      expect([request, ...(await ask(request, body, login))]).toEqual([
        request,
        ...refusal('Not administrator user'),
      ])
  })

  test('an administrator needs no permissions to manage, but to declare', async () => {
    const login = await as('administrator')
    expect((await ask('GET /vhosts/$v', undefined, login))[0]).toBe(200)
    expect((await ask('GET /queues/$v', undefined, login))[0]).toBe(200)
    expect(await ask('PUT /queues/$v/q', {}, login)).toEqual(refusal('Access refused.'))
  })

  test('none is not enough for anything', async () => {
    expect(await ask('GET /whoami', undefined, await as(''))).toEqual(refusal('Not management user'))
  })

  test('management shows the vhosts that are open to the user, monitoring all', async () => {
    const seen = async (login: string) =>
      ((await ask('GET /vhosts?columns=name', undefined, login))[1] as { name: string }[]).map((v) => v.name)
    expect(await seen(await as('management'))).toEqual([])
    expect(await seen(await as('monitoring'))).toContain(here.vhost)
    const noVhost = refusal('User not authorised to access virtual host')
    expect(await ask('GET /vhost-limits/$v', undefined, await as('management'))).toEqual(noVhost)
    expect((await ask('GET /vhost-limits/$v', undefined, await as('monitoring')))[0]).toBe(200)
    for (const tag of ['management', 'monitoring'])
      expect(await ask('GET /queues/$v', undefined, await as(tag))).toEqual(noVhost)
  })

  test('what is declared over HTTP needs the permissions of a channel', async () => {
    const login = await as('management')
    const user = login.split(':')[0]
    await here.must('PUT', `/permissions/${here.vhost}/${user}`, {
      configure: '^own',
      write: '^own',
      read: '^own',
    })
    const refused = refusal('Access refused.')
    expect(await ask('PUT /queues/$v/own', {}, login)).toEqual([201, ''])
    expect(await ask('PUT /queues/$v/other', {}, login)).toEqual(refused)
    expect(await ask('PUT /exchanges/$v/other', { type: 'direct' }, login)).toEqual(refused)
    expect(
      await ask('PUT /queues/$v/own2', { arguments: { 'x-dead-letter-exchange': 'other' } }, login),
    ).toEqual(refused)
    expect(await ask('POST /bindings/$v/e/amq.direct/q/own', {}, login)).toEqual(refused)
    expect(await ask('DELETE /queues/$v/own/contents', undefined, login)).toEqual([204, ''])
    expect(await ask('DELETE /queues/$v/own', undefined, login)).toEqual([204, ''])
  })
})
