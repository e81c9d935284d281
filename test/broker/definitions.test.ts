// Definitions as a file over the management API: what is taken in, and what becomes of what is there already; and Warren's own
// export, of everything that a real cluster once exported, taken in by the broker under test and given out again
// (docs/observed.md §23). Against a real broker the management plugin must be on.

import { describe, expect, onTestFinished, test } from 'vitest'
import { startCluster } from '../../index.ts'
import { type Definitions, lost, recordedText } from '../support/definitions.ts'
import { binding, exchange, permission, policy, queue, takeIn, taken } from './definitions-entries.ts'
import { realm } from './realm.ts'

const here = realm('definitions')

const take = (body: unknown, path?: string) => takeIn(here, body, path)

const got = async (path: string) =>
  (await here.must('GET', path.replace('$v', here.vhost))) as Record<string, unknown>

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
    onTestFinished(() => cleanUp(file, before))
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

  /** Takes away what the file brought, and nothing that other tests have made meanwhile. */
  async function cleanUp(file: Definitions, before: Definitions): Promise<void> {
    const byName = ({ name }: Record<string, unknown>) => encodeURIComponent(String(name))
    const inRoot = (entry: Record<string, unknown>) => `${entry['vhost']} ${byName(entry)}`
    const added = (section: string, same: (entry: Record<string, unknown>) => string) => {
      const known = new Set(before[section]!.map(same))
      return file[section]!.filter((entry) => !known.has(same(entry)))
    }
    for (const section of ['vhosts', 'users', 'global_parameters'])
      for (const entry of added(section, byName))
        await here.ask('DELETE', `/${section.replace('_', '-')}/${byName(entry)}`)
    for (const section of ['queues', 'exchanges', 'policies'])
      for (const entry of added(section, inRoot))
        if (entry['vhost'] === '/') await here.ask('DELETE', `/${section}/%2F/${byName(entry)}`)
    await here.ask('DELETE', '/operator-policies/%2F/cap')
    const overwritten = (section: string) => {
      const names = new Set(file[section]!.map(byName))
      return before[section]!.filter((entry) => names.has(byName(entry)))
    }
    await here.must('POST', '/definitions', {
      users: overwritten('users'),
      global_parameters: overwritten('global_parameters'),
    })
  }
})
