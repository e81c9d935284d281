// Definitions that a broker refuses, and how it words it (docs/observed.md §23). Against a real broker the management plugin
// must be on.

import { describe, expect, test } from 'vitest'
import {
  exchange,
  limits,
  operatorPolicy,
  permission,
  policy,
  queue,
  takeIn,
  taken,
} from './definitions-entries.ts'
import { realm } from './realm.ts'

const here = realm('definitions-refused')

const bad = (reason: unknown) => [400, { error: 'bad_request', reason }]
const bytes = (text: string) => [...Buffer.from(text)]

const take = (body: unknown, path?: string) => takeIn(here, body, path)

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
