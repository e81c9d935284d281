// `warren policies` and the verbs of ctl about policy files: what they print, their exit codes, and files that read back.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { schemaText } from '../../policies/file-schema.ts'
import { parsePolicyFile } from '../../policies/files.ts'
import { lintRules } from '../../policies/lint.ts'
import { endAll, type Started, start, warren } from './warren.ts'

const folder = mkdtempSync(join(tmpdir(), 'warren-policies-'))
const written = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

afterAll(async () => {
  await endAll()
  rmSync(folder, { recursive: true })
})

const sound =
  '- name: ha\n  pattern: ^orders\n  apply-to: queues\n  definition: { ha-mode: exactly, ha-params: 2, ha-sync-mode: automatic }\n'
const tied = `${sound}- name: ttl\n  pattern: ^orders\\.\n  apply-to: queues\n  definition: { message-ttl: 5000 }\n`

const queue = (name: string, args: object = {}) => ({
  ...{ name, vhost: '/', durable: true, auto_delete: false, arguments: args },
})
const definitions = (queues: object[], policies: object[] = []) =>
  JSON.stringify({
    rabbit_version: '3.10.8',
    vhosts: [{ name: '/' }],
    queues,
    policies,
    exchanges: [],
    bindings: [],
  })
const mirrored = {
  ...{ vhost: '/', name: 'ha', pattern: '^o', 'apply-to': 'all', priority: 0 },
  definition: { 'ha-mode': 'all', 'max-length': 5 },
}

describe('warren policies lint', () => {
  test('exits with 0 and one line for a sound file', async () => {
    const { code, out, err } = await warren('policies', 'lint', written('sound.yaml', sound))
    expect([code, out, err]).toEqual([0, 'Nothing found in 1 policies.\n', ''])
  })

  test('exits with 1 and a paragraph per finding', async () => {
    const { code, out, err } = await warren('policies', 'lint', written('tied.yaml', tied))
    expect([code, err]).toEqual([1, '1 error.\n'])
    expect(out).toMatch(
      /^error {4}same-priority\n {2}Policy "ha" and policy "ttl" have the same priority 0 .*\n {2}-> Give each /,
    )
  })

  test('judges a file against the queues of a definitions file', async () => {
    const with_ = written('definitions.json', definitions([queue('bills')]))
    const { code, out } = await warren('policies', 'lint', written('a.yaml', sound), '--definitions', with_)
    expect(code).toBe(1)
    expect(out).toContain('Policy "ha" matches nothing: no queue or exchange has a name that fits "^orders"')
  })

  test('judges the policies of definitions alone, as JSON, from a severity on', async () => {
    const file = written('mirrored.json', definitions([queue('orders')], [mirrored]))
    const run = (...more: string[]) => warren('policies', 'lint', '--definitions', file, '--json', ...more)
    const all = await run()
    expect(all.code).toBe(1)
    expect(JSON.parse(all.out)).toEqual([
      expect.objectContaining({ rule: 'can-lose-on-failure', severity: 'warning', objectCount: 1 }),
    ])
    const errors = await run('--at-least', 'error')
    expect([errors.code, errors.out]).toEqual([0, '[]\n'])
  })

  test.each([
    [
      'a bad value',
      '- {name: a, pattern: a,\n  definition: {ha-mode: some}}',
      ':2:16: policy "a", definition.ha-mode: "some" is not a valid ha-mode value',
    ],
    ['no YAML', '- [', ':1:4: not valid YAML, '],
  ])('exits with 65 for a file with %s, and names file, line and column', async (_, text, message) => {
    const file = written('bad.yaml', text)
    const { code, out, err } = await warren('policies', 'lint', file)
    expect([code, out]).toEqual([65, ''])
    expect(err.startsWith(`warren: ${file}${message}`), err).toBe(true)
    expect(err.trimEnd()).not.toContain('\n')
  })

  test('exits with 65 for files that are not there and definitions that are none', async () => {
    const missing = await warren('policies', 'lint', join(folder, 'missing.yaml'))
    expect([missing.code, missing.err]).toEqual([
      65,
      `warren: the policy file ${join(folder, 'missing.yaml')} cannot be read, there is no such file.\n`,
    ])
    const none = written('none.json', '[1]')
    const wrong = await warren('policies', 'lint', '--definitions', none)
    expect([wrong.code, wrong.err]).toEqual([65, `warren: ${none}: definitions are a JSON object.\n`])
    const bad = written('bad.json', definitions([], [{ ...mirrored, definition: { 'ha-mode': 'some' } }]))
    const refused = await warren('policies', 'lint', '--definitions', bad)
    expect(refused.code).toBe(65)
    expect(refused.err).toMatch(/^warren: \S+: .*'ha'.*some.*\n$/)
  })

  test('exits with 64 for wrong words', async () => {
    for (const words of [
      ['lint'],
      ['lint', 'a', 'b'],
      ['lint', 'a', '--at-least', 'bad'],
      ['nothing'],
      ['lint', '-x'],
    ]) {
      const { code, out, err } = await warren('policies', ...words)
      expect([words, code, out]).toEqual([words, 64, ''])
      expect(err).toMatch(/^warren policies: /)
    }
  })
})

test.each(['lint', 'migrate', 'presets'])('warren policies %s --help shows examples', async (word) => {
  const { code, out } = await warren('policies', word, '--help')
  expect([code, out.includes(`Examples:\n  warren policies ${word}`)]).toEqual([0, true])
})

describe('warren policies migrate', () => {
  test('lists what is in the way, writes the definitions and exits with 1', async () => {
    const file = written(
      'old.json',
      definitions([queue('orders'), queue('old', { 'x-max-priority': 3 })], [mirrored]),
    )
    const out = join(folder, 'new.json')
    const before = readFileSync(file, 'utf8')
    const run = await warren('policies', 'migrate', file, '--out', out)
    expect([run.code, run.err]).toEqual([1, ''])
    expect(run.out).toContain('Queue "old" cannot be moved: x-max-priority')
    expect(run.out).toContain('2 mirrored queues: 1 can become quorum queues, 1 cannot.\n')
    expect(run.out).toContain(`The new definitions are in ${out}.`)
    expect(readFileSync(file, 'utf8')).toBe(before)
    const now = JSON.parse(readFileSync(out, 'utf8'))
    expect(now.queues).toEqual([
      queue('orders', { 'x-queue-type': 'quorum' }),
      queue('old', { 'x-max-priority': 3 }),
    ])
    expect(now.policies.map(({ name }: { name: string }) => name)).toEqual(['ha', 'ha-quorum'])
  })

  test('gives the definitions alone to a pipe', async () => {
    const file = written('old.json', definitions([queue('orders')], [mirrored]))
    const { code, out, err } = await warren('policies', 'migrate', file, '--out', '-')
    expect(code).toBe(1)
    expect(JSON.parse(out).queues[0].arguments).toEqual({ 'x-queue-type': 'quorum' })
    expect(err).toContain('1 mirrored queue: 1 can become quorum queues, 0 cannot.')
  })

  test('reads the file of one vhost when it is named', async () => {
    const { vhost: _q, ...bare } = queue('orders')
    const { vhost: _p, ...policy } = mirrored
    const text = JSON.stringify({
      queues: [bare],
      policies: [policy],
      exchanges: [],
      bindings: [],
      parameters: [],
    })
    const file = written('shop.json', text)
    const { out } = await warren('policies', 'migrate', file, '--vhost', 'shop')
    expect(out).toContain('1 mirrored queue: 1 can become quorum queues, 0 cannot.')
    expect(out).toContain('queue "orders" of vhost "shop"')
    const unnamed = await warren('policies', 'migrate', file)
    expect([unnamed.code, unnamed.err]).toEqual([65, expect.stringContaining('name it with --vhost')])
  })

  test('exits with 0 when nothing is mirrored, 65 for bad data and 64 for the file itself as --out', async () => {
    const file = written('plain.json', definitions([queue('orders')]))
    const clean = await warren('policies', 'migrate', file)
    expect([clean.code, clean.out]).toEqual([0, '0 mirrored queues: 0 can become quorum queues, 0 cannot.\n'])
    expect((await warren('policies', 'migrate', written('no.json', '{'))).code).toBe(65)
    const same = await warren('policies', 'migrate', file, '--out', file)
    expect([same.code, same.err]).toEqual([
      64,
      'warren policies: --out is the file that is read; name another.\n',
    ])
  })
})

describe('warren policies presets, rules and schema', () => {
  const names = readdirSync(join(import.meta.dirname, '..', '..', 'policies', 'presets')).map((file) =>
    file.replace(/\.yaml$/, ''),
  )

  test('every preset is listed with a sentence', async () => {
    const { code, out } = await warren('policies', 'presets')
    const lines = out.trimEnd().split('\n')
    expect([code, lines.map((line) => line.split(' ')[0])]).toEqual([0, names])
    for (const line of lines) expect(line).toMatch(/^[a-z0-9-]+ +\S.{20,}\.$/)
  })

  test('one is printed as the file it is; a name of none is 64', async () => {
    const { out } = await warren('policies', 'presets', 'ha-all')
    expect(parsePolicyFile(out, 'ha-all').policies.map(({ name }) => name)).toEqual(['ha-all'])
    const none = await warren('policies', 'presets', 'nope')
    expect([none.code, none.err]).toEqual([
      64,
      `warren: there is no preset 'nope'; the presets are ${names.join(', ')}.\n`,
    ])
  })

  test('the rules of lint are listed with a sentence each', async () => {
    const { code, out } = await warren('policies', 'rules')
    const lines = out.trimEnd().split('\n')
    expect([code, lines.map((line) => line.split(' ')[0])]).toEqual([0, lintRules.map(({ rule }) => rule)])
    for (const line of lines) expect(line).toMatch(/^[a-z-]+ +\S.{20,}\.$/)
  })

  test('the schema is printed as it is published', async () => {
    expect((await warren('policies', 'schema')).out).toBe(schemaText())
  })
})

describe('a running cluster', () => {
  let cluster: Started
  beforeAll(async () => {
    cluster = await start('--port', '0', '--policies', 'preset:operator-guard-rails')
  })

  test('started with a preset has its operator policies, and exports what it has as files that read back', async () => {
    await cluster.ctl(
      'set_policy',
      'ha',
      '^orders',
      '{"ha-mode":"exactly","ha-params":2,"ha-sync-mode":"automatic"}',
    )
    await cluster.ctl('add_vhost', 'shop')
    await cluster.ctl('set_permissions', '-p', 'shop', 'guest', '.*', '.*', '.*')
    await cluster.ctl('set_policy', '-p', 'shop', 'ttl', '^bills', '{"message-ttl":5000}', '--priority', '3')
    const yaml = await cluster.ctl('export_policies')
    const json = await cluster.ctl('export_policies', '--formatter', 'json')
    expect([yaml.code, json.code]).toEqual([0, 0])
    const file = parsePolicyFile(yaml.out, 'yaml')
    expect(parsePolicyFile(json.out, 'json')).toEqual(file)
    expect(JSON.parse(json.out)).toContainEqual({
      ...{ name: 'ttl', vhost: 'shop', pattern: '^bills', 'apply-to': 'all', priority: 3 },
      definition: { 'message-ttl': 5000 },
    })
    expect(file.policies.map(({ name }) => name).sort()).toEqual(['ha', 'ttl'])
    expect(file.operatorPolicies.map(({ name }) => name).sort()).toEqual([
      'guard-rails',
      'guard-rails-of-replies',
    ])
    const one = await cluster.ctl('export_policies', '-p', 'shop')
    expect(parsePolicyFile(one.out, 'yaml').policies.map(({ name }) => name)).toEqual(['ttl'])
  })

  test('takes no other form than those two, and no verb takes yaml that does not say so', async () => {
    for (const words of [
      ['export_policies', '--formatter', 'table'],
      ['list_policies', '--formatter', 'yaml'],
    ]) {
      const { code, err } = await cluster.ctl(...words)
      expect([words, code]).toEqual([words, 64])
      expect(err).toContain('--formatter')
    }
  })

  test('lint_policies says what is wrong with exit code 1, and nothing with 0', async () => {
    await cluster.ctl(
      'set_policy',
      'nowhere',
      '^nothing-is-called-so',
      '{"ha-mode":"nodes","ha-params":["rabbit@no"]}',
    )
    const found = await cluster.ctl('lint_policies', '--formatter', 'json', '--at-least', 'error')
    expect(found.code).toBe(1)
    expect(JSON.parse(found.out)).toEqual([
      expect.objectContaining({
        rule: 'unknown-nodes',
        severity: 'error',
        policies: [{ kind: 'policy', vhost: '/', name: 'nowhere' }],
      }),
    ])
    await cluster.ctl('clear_policy', 'nowhere')
    const clean = await cluster.ctl('lint_policies', '--at-least', 'error')
    expect([clean.code, clean.out]).toEqual([
      0,
      'Looking at the policies as rabbit@node1 sees them ...\nNothing found.\n',
    ])
  })
})
