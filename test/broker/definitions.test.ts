// Definitions as a file over the management API: what is taken in, what becomes of what is there already, how each mistake
// is refused; and Warren's own export, of everything that a real cluster once exported, taken in by the broker under test
// and given out again (docs/observed.md §23). Against a real broker the management plugin must be on.

import { describe, expect, onTestFinished, test } from 'vitest'
import { startCluster } from '../../index.ts'
import { type Definitions, lost, recordedText } from '../support/definitions.ts'
import { realm } from './realm.ts'

const here = realm('definitions')

const bad = (reason: unknown) => [400, { error: 'bad_request', reason }]
const bytes = (text: string) => [...Buffer.from(text)]

/** `$v` in the body is the realm's vhost, `$u` its user. */
const filled = (body: unknown): unknown =>
  JSON.parse(JSON.stringify(body).replaceAll('$v', here.vhost).replaceAll('$u', here.user))

/** What the broker answers to the definitions, of the cluster or of the realm's vhost. */
async function take(body: unknown, path = '/definitions'): Promise<[number, unknown]> {
  const answer = await here.ask('POST', path.replace('$v', here.vhost), filled(body))
  return [answer.status, JSON.parse(JSON.stringify(answer.body).replaceAll(here.vhost, '$v'))]
}

const taken = [204, '']
const queue = (name: string, more: object = {}) => ({
  vhost: '$v',
  name,
  durable: true,
  auto_delete: false,
  arguments: {},
  ...more,
})
const exchange = (name: string, type: string) => ({ ...queue(name), type, internal: false })
const binding = (source: string, destination: string) => ({
  vhost: '$v',
  source,
  destination,
  destination_type: 'queue',
  routing_key: 'k',
  arguments: {},
})
const policy = (definition: unknown, more: object = {}) => ({
  vhost: '$v',
  name: 'p',
  pattern: '^x',
  definition,
  ...more,
})
const operatorPolicy = (value: unknown, vhost = '$v') => ({
  vhost,
  component: 'operator_policy',
  name: 'o',
  value,
})
const limits = (value: unknown) => ({ vhost: '$v', component: 'vhost-limits', name: 'limits', value })
const permission = (more: object = {}) => ({
  user: '$u',
  vhost: '$v',
  configure: '',
  write: '',
  read: '',
  ...more,
})

const got = async (path: string) =>
  (await here.must('GET', path.replace('$v', here.vhost))) as Record<string, unknown>

describe('what is refused', () => {
  const faulty = (text: string, where: string) => `Validation failed\n\n${text}\n (${where})`
  const rows: readonly [why: string, body: unknown, reason: unknown][] = [
    ['a list', [], 'failed_to_parse_json'],
    ['text', 'x', 'failed_to_parse_json'],
    ['a user without tags', { users: [{ name: 'u1' }] }, 'tags_not_present'],
    [
      'a hash that is not base64',
      { users: [{ name: 'u1', tags: '', password_hash: 'x!' }] },
      ['not_base64', 'x!'],
    ],
    [
      'a password and a hash',
      { users: [{ name: 'u1', tags: '', password: 'x', password_hash: 'AAAA' }] },
      'both_password_and_password_hash_are_provided',
    ],
    ['a permission of nobody', { permissions: [permission({ user: 'nobody' })] }, ['no_such_user', 'nobody']],
    ['a permission nowhere', { permissions: [permission({ vhost: 'nov' })] }, ['no_such_vhost', 'nov']],
    [
      'a permission that is no pattern',
      { permissions: [permission({ configure: '(' })] },
      ['invalid_regexp', bytes('('), [bytes('missing )'), 1]],
    ],
    [
      'a topic permission of nobody',
      { topic_permissions: [{ user: 'nobody', vhost: '$v', exchange: 'e', write: '', read: '' }] },
      ['no_such_user', 'nobody'],
    ],
    [
      'a topic permission that is no pattern',
      { topic_permissions: [{ user: '$u', vhost: '$v', exchange: 'e', write: '(', read: '' }] },
      ['invalid_regexp', '(', [bytes('missing )'), 1]],
    ],
    [
      'a bad value in a policy',
      { policies: [policy({ 'ha-mode': 'some' })] },
      faulty('&lt;&lt;"some"&gt;&gt; is not a valid ha-mode value', '$v/p'),
    ],
    [
      'a bad pattern',
      { policies: [policy({ 'ha-mode': 'all' }, { pattern: '(' })] },
      faulty('pattern should be regular expression but is invalid: {"missing )",1}', '$v/p'),
    ],
    [
      'a policy without pattern',
      { policies: [policy({ 'ha-mode': 'all' }, { pattern: undefined })] },
      faulty('pattern should be a binary but was undefined', '$v/p'),
    ],
    [
      'a policy without definition',
      { policies: [policy(undefined)] },
      faulty('parse error while reading policy definition: undefined. Validator: policy_validator.', '$v/p'),
    ],
    ['an empty list of settings', { policies: [policy([])] }, faulty('no policy provided', '$v/p')],
    [
      'a priority that is no number',
      { policies: [policy({ 'ha-mode': 'all' }, { priority: '1' })] },
      faulty('priority should be a number, actually was &lt;&lt;"1"&gt;&gt;', '$v/p'),
    ],
    [
      'an apply-to that is none',
      { policies: [policy({ 'ha-mode': 'all' }, { 'apply-to': 'nope' })] },
      faulty("apply-to 'nope' unrecognised; should be 'queues', 'exchanges' or 'all'", '$v/p'),
    ],
    [
      'a policy nowhere',
      { policies: [policy({ 'ha-mode': 'all' }, { vhost: 'nov' })] },
      ['no_such_vhost', 'nov'],
    ],
    [
      'an operator policy without priority',
      { parameters: [operatorPolicy({ pattern: '.', definition: { 'max-length': 1 } })] },
      faulty('Key "priority" not found in o', '$v/operator_policy/o'),
    ],
    [
      'an operator policy without pattern',
      { parameters: [operatorPolicy({ priority: 1, definition: { 'max-length': 1 } })] },
      faulty('Key "pattern" not found in o', '$v/operator_policy/o'),
    ],
    [
      'a key that operator policies have not',
      { parameters: [operatorPolicy({ pattern: '.', priority: 1, definition: { 'ha-mode': 'all' } })] },
      faulty(
        '[{&lt;&lt;"ha-mode"&gt;&gt;,&lt;&lt;"all"&gt;&gt;}] are not recognised policy settings',
        '$v/operator_policy/o',
      ),
    ],
    [
      'an operator policy nowhere',
      { parameters: [operatorPolicy({ pattern: '.', priority: 1, definition: { 'max-length': 1 } }, 'nov')] },
      ['no_such_vhost', 'nov'],
    ],
    [
      'a policy among the parameters',
      { parameters: [{ vhost: '$v', component: 'policy', name: 'p', value: {} }] },
      'policies may not be set using this method ($v/policy/p)',
    ],
    [
      'a limit that is none',
      { parameters: [limits({ 'max-foo': 1 })] },
      faulty('Unrecognised terms [{&lt;&lt;"max-foo"&gt;&gt;,1}] in limits', '$v/vhost-limits/limits'),
    ],
    [
      'a limit that is no number',
      { parameters: [limits({ 'max-queues': 'x' })] },
      faulty('max-queues should be a number, actually was &lt;&lt;"x"&gt;&gt;', '$v/vhost-limits/limits'),
    ],
    ['a queue nowhere', { queues: [queue('q', { vhost: 'nov' })] }, ['no_such_vhost', 'nov']],
    [
      'a bad argument of a queue',
      { queues: [queue('q', { arguments: { 'x-max-length': -5 } })] },
      [
        'amqp_error',
        'precondition_failed',
        "invalid arg 'x-max-length' for queue 'q' in vhost '$v': {value_negative,-5}",
        'none',
      ],
    ],
    ['an argument that is null', { queues: [queue('q', { arguments: { foo: null } })] }, 'null_not_allowed'],
    [
      'an exchange nowhere',
      { exchanges: [{ ...exchange('x', 'topic'), vhost: 'nov' }] },
      ['no_such_vhost', 'nov'],
    ],
    [
      'an exchange of a type that is none',
      { exchanges: [exchange('x', 'nope')] },
      ['amqp_error', 'command_invalid', "invalid exchange type 'nope'", 'none'],
    ],
  ]

  test.each(rows)('%s', async (_, body, reason) => {
    const [status, answer] = (await take(body)) as [number, { error: string; reason: unknown }]
    const { reason: given } = answer
    // The text within an Erlang term comes as a list of characters. Once a type was asked for, an unknown one is no longer
    // an invalid one.
    const isError = Array.isArray(given) && given[0] === 'amqp_error'
    const readable = isError
      ? given.map((part) =>
          Array.isArray(part)
            ? Buffer.from(part)
                .toString()
                .replace(here.vhost, '$v')
                .replace(/^unknown/, 'invalid')
            : part,
        )
      : given
    expect([status, { ...answer, reason: readable }]).toEqual(bad(reason))
  })

  test('what is no JSON', async () => {
    const [status, answer] = await take('x')
    expect([status, answer]).toEqual(bad('failed_to_parse_json'))
  })

  test('more queues than the vhost may have, by the limit before the import', async () => {
    expect(
      await take({ parameters: [limits({ 'max-queues': 1 })], queues: [queue('a'), queue('b')] }),
    ).toEqual(taken)
    const text =
      `Adding 1 queue(s) to virtual host "${here.vhost}" would exceed the limit of 1 queue(s).\n\n` +
      'This virtual host currently has 2 queue(s) defined.\n\nImport aborted!'
    expect(await take({ queues: [queue('a'), queue('c')] })).toEqual(
      bad(['vhost_limit_exceeded', bytes(text)]),
    )
    expect(await take({ parameters: [limits({})], queues: [queue('a'), queue('b')] })).toEqual(taken)
  })

  test('a vhost that is not there: by its export as a bad request, by its import as not found', async () => {
    expect((await here.ask('GET', '/definitions/nov')).body).toEqual(bad('vhost_not_found')[1])
    expect(await take({}, '/definitions/nov')).toEqual([
      404,
      { error: 'not_found', reason: 'vhost_not_found' },
    ])
  })

  test('what is wrong in one vhost, as an Erlang term', async () => {
    const reason =
      '<<"Validation failed\\n\\n&lt;&lt;\\"some\\"&gt;&gt; is not a valid ha-mode value\\n ($v/p)">>'
    expect(await take({ policies: [policy({ 'ha-mode': 'some' })] }, '/definitions/$v')).toEqual(bad(reason))
  })

  test('other methods, other types of body, and whoever is no administrator', async () => {
    expect((await here.ask('PUT', '/definitions', {})).status).toBe(405)
    const who = `${here.user}-policymaker`
    await here.make(`/users/${who}`, { password: 'p', tags: 'policymaker' })
    const refusal = { error: 'not_authorised', reason: 'Not administrator user' }
    for (const [method, path] of [
      ['GET', ''],
      ['GET', `/${here.vhost}`],
      ['POST', ''],
      ['POST', `/${here.vhost}`],
    ])
      expect(
        await here.ask(method!, `/definitions${path}`, method === 'GET' ? undefined : {}, `${who}:p`),
      ).toEqual({ status: 401, body: refusal })
  })
})

describe('what is taken in', () => {
  test('nothing, and sections that nobody knows', async () => {
    expect(await take({})).toEqual(taken)
    expect(await take({ nobody: [1] })).toEqual(taken)
  })

  test('queues and exchanges that are there stay as they are, however the file differs', async () => {
    await here.must('PUT', `/queues/${here.vhost}/stays`, { durable: true, arguments: { 'x-max-length': 7 } })
    await here.must('PUT', `/exchanges/${here.vhost}/stays`, { type: 'topic', durable: true })
    const body = {
      queues: [queue('stays', { durable: false, arguments: { 'x-max-length': 5 } })],
      exchanges: [{ ...exchange('stays', 'fanout'), durable: false }],
    }
    expect(await take(body)).toEqual(taken)
    expect((await got('/queues/$v/stays'))['arguments']).toEqual({ 'x-max-length': 7 })
    expect(await got('/exchanges/$v/stays')).toMatchObject({ type: 'topic', durable: true })
  })

  test('names that only the broker gives, and bindings of what is not there, are passed over', async () => {
    const body = {
      queues: [queue('amq.mine'), queue('bound')],
      exchanges: [exchange('amq.mine', 'topic'), exchange('', 'topic'), exchange('source', 'topic')],
      bindings: [
        binding('nowhere', 'bound'),
        binding('source', 'nowhere'),
        binding('', 'bound'),
        binding('source', 'bound'),
      ],
    }
    expect(await take(body)).toEqual(taken)
    const exported = (await got('/definitions/$v')) as unknown as Definitions
    expect(exported['queues']!.map(({ name }) => name)).not.toContain('amq.mine')
    expect(exported['exchanges']!.map(({ name }) => name)).not.toContain('amq.mine')
    const { vhost: _, ...kept } = binding('source', 'bound')
    expect(exported['bindings']).toEqual([kept])
  })

  test('users that are there get tags and hash anew, and keep limits that the file does not name', async () => {
    const name = `${here.user}-again`
    await here.make(`/users/${name}`, { password: 'p', tags: 'management' })
    await here.must('PUT', `/user-limits/${name}/max-channels`, { value: 5 })
    const hashing = 'rabbit_password_hashing_sha512'
    expect(
      await take({ users: [{ name, tags: 'a, b', password_hash: 'AAAA', hashing_algorithm: hashing }] }),
    ).toEqual(taken)
    const user = { name, tags: ['a', 'b'], password_hash: 'AAAA', hashing_algorithm: hashing }
    expect(await got(`/users/${name}`)).toEqual({ ...user, limits: { 'max-channels': 5 } })
    expect(await take({ users: [{ name, tags: ['c'] }] })).toEqual(taken)
    expect(await got(`/users/${name}`)).toMatchObject({ tags: ['c'], password_hash: '' })
  })

  test('a clear password is hashed by SHA-256, whatever algorithm is named', async () => {
    const name = `${here.user}-clear`
    await here.make(`/users/${name}`, {
      password: 'p',
      tags: '',
      hashing_algorithm: 'rabbit_password_hashing_sha512',
    })
    expect((await got(`/users/${name}`))['hashing_algorithm']).toBe('rabbit_password_hashing_sha256')
  })

  test('vhosts lose the description and tags that the file does not name', async () => {
    const described = { description: 'd', tags: ['t'] }
    expect(await take({ vhosts: [{ name: '$v', metadata: described }] })).toEqual(taken)
    expect(await got('/vhosts/$v')).toMatchObject(described)
    expect(await take({ vhosts: [{ name: '$v' }] })).toEqual(taken)
    expect(await got('/vhosts/$v')).toMatchObject({ description: '', tags: [] })
  })

  test("a new vhost may be entered by whoever imported it, and its limits in the vhost's own entry are not read", async () => {
    const name = `${here.vhost}-new`
    onTestFinished(async () => void (await here.ask('DELETE', `/vhosts/${name}`)))
    expect(await take({ vhosts: [{ name, limits: [['max-queues', 3]] }] })).toEqual(taken)
    expect(await got(`/permissions/${name}/guest`)).toMatchObject({
      configure: '.*',
      write: '.*',
      read: '.*',
    })
    expect(await here.must('GET', `/vhost-limits/${name}`)).toEqual([])
  })

  test('into one vhost: whatever vhost its entries name, and nothing of the whole cluster', async () => {
    const body = {
      queues: [queue('elsewhere', { vhost: '/' })],
      policies: [policy({ 'ha-mode': 'all' }, { vhost: '/', name: 'here' })],
      users: [{ name: 'nobody-at-all', tags: '' }],
      permissions: [permission({ read: 'never' })],
    }
    expect(await take(body, '/definitions/$v')).toEqual(taken)
    expect((await got('/queues/$v/elsewhere'))['durable']).toBe(true)
    expect((await got('/policies/$v/here'))['vhost']).toBe(here.vhost)
    expect((await here.ask('GET', '/users/nobody-at-all')).status).toBe(404)
    expect((await got(`/permissions/$v/${here.user}`))['read']).toBe('')
  })
})

describe("Warren's export of everything", () => {
  /** What the broker under test can hold: parameters of plugins and exchange types that it has. */
  async function fitting(file: Definitions): Promise<Definitions> {
    const { exchange_types: types } = (await here.must('GET', '/overview')) as {
      exchange_types: { name: string }[]
    }
    const parameters: Record<string, unknown>[] = []
    for (const parameter of file['parameters']!) {
      const probe = { ...parameter, vhost: 'nov' }
      const { body } = await here.ask('POST', '/definitions', { parameters: [probe] })
      if (!/component \S+ not found/.test(JSON.stringify(body))) parameters.push(parameter)
    }
    const known = (name: unknown) => types.some((type) => type.name === name)
    const exchanges = file['exchanges']!.filter(({ type }) => known(type))
    const dropped = file['exchanges']!.filter((one) => !exchanges.includes(one)).map(({ name }) => name)
    const bindings = file['bindings']!.filter(({ source }) => !dropped.includes(source))
    return { ...file, parameters, exchanges, bindings }
  }

  test('is taken in by the broker and given out again with nothing lost', async () => {
    const warren = await startCluster({ nodes: 1, port: 0, definitions: recordedText('cluster') })
    onTestFinished(() => warren.stop())
    const exported = (await warren.exportDefinitions()) as unknown as Definitions
    const file = await fitting(exported)
    const before = (await here.must('GET', '/definitions')) as Definitions
    onTestFinished(() => cleanUp(before))
    expect((await here.ask('POST', '/definitions', file)).status).toBe(204)
    const after = (await here.must('GET', '/definitions')) as Definitions
    expect(lost(file, after)).toEqual([])
    expect(Object.keys(after)).toEqual(Object.keys(exported))
    // Nothing was added to what is the file's alone.
    const shop = ({ vhost }: Record<string, unknown>) => vhost === 'shop'
    const ofShop = (all: Definitions): Definitions =>
      Object.fromEntries(
        ['parameters', 'policies', 'queues', 'exchanges', 'bindings', 'permissions'].map((section) => [
          section,
          all[section]!.filter(shop),
        ]),
      )
    expect(lost(ofShop(after), ofShop(file))).toEqual([])
  })

  /** Takes away what the file brought. */
  async function cleanUp(before: Definitions): Promise<void> {
    const after = (await here.must('GET', '/definitions')) as Definitions
    const added = (section: string, same: (entry: Record<string, unknown>) => string) => {
      const known = new Set(before[section]!.map(same))
      return after[section]!.filter((entry) => !known.has(same(entry))).map(same)
    }
    const byName = ({ name }: Record<string, unknown>) => encodeURIComponent(String(name))
    const inRoot = (entry: Record<string, unknown>) => (entry['vhost'] === '/' ? `%2F/${byName(entry)}` : '')
    for (const name of added('vhosts', byName)) await here.ask('DELETE', `/vhosts/${name}`)
    for (const name of added('users', byName)) await here.ask('DELETE', `/users/${name}`)
    for (const section of ['queues', 'exchanges', 'policies'])
      for (const path of added(section, inRoot))
        if (path !== '') await here.ask('DELETE', `/${section}/${path}`)
    await here.ask('DELETE', '/operator-policies/%2F/cap')
    for (const name of added('global_parameters', byName))
      await here.ask('DELETE', `/global-parameters/${name}`)
    await here.must('POST', '/definitions', {
      users: before['users'],
      global_parameters: before['global_parameters'],
    })
  }
})
