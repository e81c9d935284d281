import { describe, expect, it } from 'vitest'
import { dumpPolicies, PolicyFileError, parsePolicyFile } from '../../policies/files.ts'

const good = `
# what the shop needs
- name: ha-orders
  pattern: '^orders\\.'
  apply-to: queues
  priority: 3
  definition:
    ha-mode: nodes
    ha-params:
      - r2@localhost
      - r3@localhost
- { name: ttl, vhost: test, pattern: "", definition: { message-ttl: 4294967296 } }
`

function complaint(text: string, fileName = 'p.yaml'): string {
  try {
    parsePolicyFile(text, fileName)
  } catch (error) {
    if (error instanceof PolicyFileError) return error.message
    throw error
  }
  return 'nothing'
}

describe('a policy file', () => {
  it('holds policies in block and flow style', () => {
    expect(parsePolicyFile(good, 'p.yaml').policies).toEqual([
      {
        vhost: '/',
        name: 'ha-orders',
        pattern: '^orders\\.',
        applyTo: 'queues',
        priority: 3,
        definition: { 'ha-mode': 'nodes', 'ha-params': ['r2@localhost', 'r3@localhost'] },
      },
      {
        vhost: 'test',
        name: 'ttl',
        pattern: '',
        applyTo: 'all',
        priority: 0,
        definition: { 'message-ttl': 2 ** 32 },
      },
    ])
  })

  it('may be JSON, with tabs', () => {
    const text = '[\n\t{\n\t\t"name": "a",\n\t\t"pattern": "^a",\n\t\t"definition": {"expires": 5}\n\t}\n]\n'
    expect(parsePolicyFile(text, 'p.json').policies).toMatchObject([
      { name: 'a', pattern: '^a', definition: { expires: 5 } },
    ])
  })

  it('may be an empty list', () => {
    expect(parsePolicyFile('[]', 'p.yaml')).toEqual({ policies: [], operatorPolicies: [] })
  })

  it('may share a definition by alias', () => {
    const text =
      '- {name: a, pattern: a, definition: &d {expires: 5}}\n- {name: b, pattern: b, definition: *d}\n'
    expect(parsePolicyFile(text, 'p.yaml').policies.map((policy) => policy.definition)).toEqual([
      { expires: 5 },
      { expires: 5 },
    ])
  })

  it('is written so that it reads back equal', () => {
    const { policies } = parsePolicyFile(good, 'p.yaml')
    const odd = {
      ...policies[0]!,
      name: 'no',
      pattern: '- {"\\[: #\n',
      definition: { 'dead-letter-exchange': '12' },
    }
    const capped = { ...policies[1]!, name: 'cap', definition: { 'max-length': 5 } }
    for (const file of [
      { policies: [...policies, odd], operatorPolicies: [capped] },
      { policies: [], operatorPolicies: [] },
    ])
      for (const form of ['yaml', 'json'] as const)
        expect(parsePolicyFile(dumpPolicies(file, form), 'p')).toEqual(file)
  })
})

describe('a faulty policy file is refused with file, line, column, policy and key', () => {
  const entry = (lines: string) => `- name: a\n  pattern: a\n  definition: {expires: 5}\n${lines}`
  /** Lines `aN: &aN …` for N from 1, each made of an alias of the line before. */
  const chain = (lines: number, of: (last: string) => string) =>
    Array.from({ length: lines }, (_, i) => `  a${i + 1}: &a${i + 1} ${of(`*a${i}`)}\n`).join('')
  const faults: [string, string, string][] = [
    [
      'a bad value in block style',
      '- name: a\n  pattern: a\n\n  # on all\n  definition:\n    ha-sync-mode: manual\n    ha-mode: some\n',
      'p.yaml:7:5: policy "a", definition.ha-mode: "some" is not a valid ha-mode value',
    ],
    [
      'a bad value in flow style',
      '[{name: a, pattern: a,\n  definition: {expires: 5,\n    overflow: "x" }}]',
      'p.yaml:3:5: policy "a", definition.overflow: "x" is not a valid overflow value',
    ],
    [
      'a bad value in JSON with Windows line ends',
      '[\r\n {"name": "a", "pattern": "a", "definition": {\r\n "max-length":\r\n -1}}]',
      'p.yaml:3:2: policy "a", definition.max-length: -1 is not a valid maximum length',
    ],
    [
      'the second entry, after a block of text',
      '- name: a\n  pattern: |-\n    x\n    y\n  definition: {expires: 5}\n- name: b\n  pattern: b\n  definition: {expires: 0}\n',
      'p.yaml:8:16: policy "b", definition.expires: 0 is not a valid queue expiry',
    ],
    [
      'a value on which RabbitMQ would crash',
      '- {name: a, pattern: a, definition: {max-age: x}}',
      'p.yaml:1:38: policy "a", definition.max-age: "x" is not a valid max age',
    ],
    [
      'a missing parameter',
      '- {name: a, pattern: a,\n   definition: {ha-mode: exactly}}',
      'p.yaml:2:17: policy "a", definition.ha-mode: ha-mode="exactly" takes an integer, none given',
    ],
    [
      'an empty string as value',
      '- {name: a, pattern: a, definition: {overflow: ""}}',
      'p.yaml:1:38: policy "a", definition.overflow: "" is not a valid overflow value',
    ],
    [
      'a key in quotes that no policy knows',
      '- name: a\n  pattern: a\n  definition:\n    "ha-mod\\u0065": all\n    "max/prio": 5\n',
      'p.yaml:5:5: policy "a", definition.max/prio: not a recognised policy setting (given: 5)',
    ],
    [
      'an empty definition',
      '- name: a\n  pattern: a\n  definition: {}\n',
      'p.yaml:3:3: policy "a", definition: no policy provided',
    ],
    [
      'a definition that is a list',
      '- name: a\n  pattern: a\n  definition: [1]\n',
      'p.yaml:3:3: policy "a", definition: a list is not a mapping of policy keys',
    ],
    [
      'an unknown key of an entry',
      entry('  applies-to: queues\n'),
      'p.yaml:4:3: policy "a", applies-to: not a key of a policy, which has name, pattern, apply-to, priority, definition, vhost, operator (given: "queues")',
    ],
    [
      'a missing name',
      '-\n  pattern: a\n  definition: {expires: 5}\n',
      'p.yaml:2:3: policy 1, name: missing in this policy',
    ],
    [
      'a missing pattern',
      '- name: a\n  definition: {expires: 5}\n',
      'p.yaml:1:3: policy "a", pattern: missing in this policy',
    ],
    [
      'a missing definition',
      '\n- name: a\n  pattern: a\n',
      'p.yaml:2:3: policy "a", definition: missing in this policy',
    ],
    [
      'a number as name',
      '- pattern: a\n  name: 5\n  definition: {expires: 5}\n',
      'p.yaml:2:3: policy 1, name: 5 is not a name',
    ],
    [
      'no value as name',
      '- pattern: a\n  name:\n  definition: {expires: 5}\n',
      'p.yaml:2:3: policy 1, name: null is not a name',
    ],
    ['an empty vhost', entry('  vhost: ""\n'), 'p.yaml:4:3: policy "a", vhost: "" is not a name'],
    [
      'a strange apply-to',
      entry('  apply-to: queue\n'),
      'p.yaml:4:3: policy "a", apply-to: "queue" is neither "queues", "exchanges" nor "all"',
    ],
    [
      'a word as priority',
      entry('  priority: high\n'),
      'p.yaml:4:3: policy "a", priority: "high" is not a number',
    ],
    [
      'no number as priority',
      entry('  priority: .nan\n'),
      'p.yaml:4:3: policy "a", priority: null is not a number',
    ],
    [
      'a broken pattern',
      '- name: a\n  pattern: "("\n  definition: {expires: 5}\n',
      'p.yaml:2:3: policy "a", pattern: "(" is not a regular expression (missing ) at character 1)',
    ],
    [
      'a number as pattern',
      '- name: a\n  pattern: 5\n  definition: {expires: 5}\n',
      'p.yaml:2:3: policy "a", pattern: 5 is not a regular expression',
    ],
    [
      'the same name twice',
      `${entry('')}- pattern: b\n  name: a\n  definition: {expires: 5}\n`,
      'p.yaml:5:3: policy "a", name: "a" is taken, policy 1 of the file has this name in vhost "/" already',
    ],
    [
      'a mapping at the top',
      'policies:\n  - a\n',
      'p.yaml:1:1: a list of policies is expected here, not a mapping',
    ],
    ['a word at the top', '\nhello\n', 'p.yaml:2:1: a list of policies is expected here, not "hello"'],
    ['nothing at the top', '---\n', 'p.yaml:1:1: a list of policies is expected here, not nothing'],
    ['a list in the list', '- []\n', 'p.yaml:1:3: a policy is expected here, not a list'],
    [
      'an empty item after a text with dashes',
      '- name: a\n  pattern: |\n    -\n    x\n  definition: {expires: 5}\n- # soon\n',
      'p.yaml:6:1: a policy is expected here, not nothing',
    ],
    [
      'an entry that an alias repeats',
      '- &e {name: a, pattern: a, definition: {expires: 5}}\n- *e\n',
      'p.yaml:2:3: policy "a", name: "a" is taken, policy 1 of the file has this name in vhost "/" already',
    ],
    ['an empty file', '# nothing\n', 'p.yaml:1:1: the file is empty, a list of policies is expected'],
    [
      'two documents',
      '- {name: a, pattern: a, definition: {expires: 5}}\n---\n[]\n',
      'p.yaml:2:1: a second YAML document begins here, one list of policies is expected',
    ],
    [
      'two empty documents',
      '---\n---\n',
      'p.yaml:2:1: a second YAML document begins here, one list of policies is expected',
    ],
    [
      'a key that belongs to another mode, whose text does not repeat the value',
      '- {name: a, pattern: a, definition: {ha-params: 2}}',
      'p.yaml:1:38: policy "a", definition.ha-params: ha-mode must be specified to specify ha-params, ha-sync-mode or ha-promote-on-shutdown (given: 2)',
    ],
    [
      'a key that operator policies do not have',
      entry('  operator: true\n').replace('expires: 5', 'overflow: drop-head'),
      'p.yaml:3:16: policy "a", definition.overflow: not a setting that operator policies have (given: "drop-head")',
    ],
    [
      'an operator that is a word',
      entry('  operator: maybe\n'),
      'p.yaml:4:3: policy "a", operator: "maybe" is neither true nor false',
    ],
    ['broken YAML', '- name: a\n  pattern: [a\n', 'p.yaml:3:1: not valid YAML, '],
    ['a key given twice', '- name: a\n  name: b\n', 'p.yaml:2:3: not valid YAML, duplicated mapping key'],
    ['an unknown alias', '- name: a\n  definition: *d\n', 'p.yaml:2:16: not valid YAML, '],
    [
      'an alias inside of what it stands for, as the fuzzer found it',
      '- &anchor\n  name: one\n  pattern: "x$"\n  definition: &d\n    expires: 5\n  ext<<: *anchor\n',
      'p.yaml:6:3: this alias stands inside of what it stands for',
    ],
    [
      'aliases that unfold beyond all memory',
      `- name: a\n  a0: &a0 [1, 1]\n${chain(30, (last) => `[${last}, ${last}]`)}`,
      'p.yaml:19:20: aliases make more than 1000000 values of this',
    ],
    [
      'aliases that nest too deep',
      `- name: a\n  a0: &a0 [1]\n${chain(200, (last) => `[${last}]`)}`,
      'p.yaml:101:14: aliases make this nest deeper than 100',
    ],
  ]
  it.each(faults)('%s', (_, text, message) => {
    const found = complaint(text)
    if (message.endsWith(', ')) expect(found.startsWith(message), found).toBe(true)
    else expect(found).toBe(message)
    expect(found).not.toContain('\n')
  })

  it('lets a policy and an operator policy use one name', () => {
    expect(complaint(`${entry('')}${entry('  operator: true\n')}`)).toBe('nothing')
  })

  it('keeps the sentence short when the value is long', () => {
    expect(complaint(`- {name: a, pattern: a, definition: {x: ${'y'.repeat(5000)}}}`).length).toBeLessThan(
      400,
    )
  })

  it('lets two vhosts use one name', () => {
    const text =
      '- {name: a, pattern: a, definition: {expires: 5}}\n- {name: a, vhost: b, pattern: a, definition: {expires: 5}}\n'
    expect(complaint(text)).toBe('nothing')
  })

  it('never throws anything else, wherever the text is cut', () => {
    for (let end = 0; end < good.length; end++) complaint(good.slice(0, end))
    expect(complaint(good)).toBe('nothing')
  })
})
