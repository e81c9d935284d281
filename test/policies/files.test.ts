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
    expect(parsePolicyFile(good, 'p.yaml')).toEqual([
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
    expect(parsePolicyFile(text, 'p.json')).toMatchObject([
      { name: 'a', pattern: '^a', definition: { expires: 5 } },
    ])
  })

  it('may be an empty list', () => {
    expect(parsePolicyFile('[]', 'p.yaml')).toEqual([])
  })

  it('may share a definition by alias', () => {
    const text =
      '- {name: a, pattern: a, definition: &d {expires: 5}}\n- {name: b, pattern: b, definition: *d}\n'
    expect(parsePolicyFile(text, 'p.yaml').map((policy) => policy.definition)).toEqual([
      { expires: 5 },
      { expires: 5 },
    ])
  })

  it('is written so that it reads back equal', () => {
    const policies = parsePolicyFile(good, 'p.yaml')
    const odd = {
      ...policies[0]!,
      name: 'no',
      pattern: '- {"\\[: #\n',
      definition: { 'dead-letter-exchange': '12' },
    }
    expect(parsePolicyFile(dumpPolicies([...policies, odd]), 'p.yaml')).toEqual([...policies, odd])
    expect(parsePolicyFile(dumpPolicies([]), 'p.yaml')).toEqual([])
  })
})

describe('a faulty policy file is refused with file, line and key', () => {
  const entry = (lines: string) => `- name: a\n  pattern: a\n  definition: {expires: 5}\n${lines}`
  const faults: [string, string, string][] = [
    [
      'a bad value in block style',
      '- name: a\n  pattern: a\n\n  # on all\n  definition:\n    ha-sync-mode: manual\n    ha-mode: some\n',
      'p.yaml:7: definition.ha-mode: "some" is not a valid ha-mode value',
    ],
    [
      'a bad value in flow style',
      '[{name: a, pattern: a,\n  definition: {expires: 5,\n    overflow: "x" }}]',
      'p.yaml:3: definition.overflow: "x" is not a valid overflow value',
    ],
    [
      'a bad value in JSON with Windows line ends',
      '[\r\n {"name": "a", "pattern": "a", "definition": {\r\n "max-length":\r\n -1}}]',
      'p.yaml:3: definition.max-length: -1 is not a valid maximum length',
    ],
    [
      'the second entry, after a block of text',
      '- name: a\n  pattern: |-\n    x\n    y\n  definition: {expires: 5}\n- name: b\n  pattern: b\n  definition: {expires: 0}\n',
      'p.yaml:8: definition.expires: 0 is not a valid queue expiry',
    ],
    [
      'a value on which RabbitMQ would crash',
      '- {name: a, pattern: a, definition: {max-age: x}}',
      'p.yaml:1: definition.max-age: "x" is not a valid max age',
    ],
    [
      'a missing parameter',
      '- {name: a, pattern: a,\n   definition: {ha-mode: exactly}}',
      'p.yaml:2: definition.ha-mode: ha-mode="exactly" takes an integer, none given',
    ],
    [
      'an empty string as value',
      '- {name: a, pattern: a, definition: {overflow: ""}}',
      'p.yaml:1: definition.overflow: "" is not a valid overflow value',
    ],
    [
      'a key in quotes that no policy knows',
      '- name: a\n  pattern: a\n  definition:\n    "ha-mod\\u0065": all\n    "max/prio": 5\n',
      'p.yaml:5: definition.max/prio: not a recognised policy setting',
    ],
    [
      'an empty definition',
      '- name: a\n  pattern: a\n  definition: {}\n',
      'p.yaml:3: definition: no policy provided',
    ],
    [
      'a definition that is a list',
      '- name: a\n  pattern: a\n  definition: [1]\n',
      'p.yaml:3: definition: a list is not a mapping of policy keys',
    ],
    [
      'an unknown key of an entry',
      entry('  applies-to: queues\n'),
      'p.yaml:4: applies-to: not a key of a policy, which has name, pattern, apply-to, priority, definition, vhost',
    ],
    [
      'a missing name',
      '-\n  pattern: a\n  definition: {expires: 5}\n',
      'p.yaml:2: name: missing in this policy',
    ],
    [
      'a missing pattern',
      '- name: a\n  definition: {expires: 5}\n',
      'p.yaml:1: pattern: missing in this policy',
    ],
    ['a missing definition', '\n- name: a\n  pattern: a\n', 'p.yaml:2: definition: missing in this policy'],
    [
      'a number as name',
      '- pattern: a\n  name: 5\n  definition: {expires: 5}\n',
      'p.yaml:2: name: 5 is not a name',
    ],
    [
      'no value as name',
      '- pattern: a\n  name:\n  definition: {expires: 5}\n',
      'p.yaml:2: name: null is not a name',
    ],
    ['an empty vhost', entry('  vhost: ""\n'), 'p.yaml:4: vhost: "" is not a name'],
    [
      'a strange apply-to',
      entry('  apply-to: queue\n'),
      'p.yaml:4: apply-to: "queue" is neither "queues", "exchanges" nor "all"',
    ],
    ['a word as priority', entry('  priority: high\n'), 'p.yaml:4: priority: "high" is not a number'],
    ['no number as priority', entry('  priority: .nan\n'), 'p.yaml:4: priority: null is not a number'],
    [
      'a broken pattern',
      '- name: a\n  pattern: "("\n  definition: {expires: 5}\n',
      'p.yaml:2: pattern: "(" is not a regular expression (missing ) at character 1)',
    ],
    [
      'a number as pattern',
      '- name: a\n  pattern: 5\n  definition: {expires: 5}\n',
      'p.yaml:2: pattern: 5 is not a regular expression',
    ],
    [
      'the same name twice',
      `${entry('')}- pattern: b\n  name: a\n  definition: {expires: 5}\n`,
      'p.yaml:5: name: "a" is taken, policy 1 of the file has this name in vhost "/" already',
    ],
    [
      'a mapping at the top',
      'policies:\n  - a\n',
      'p.yaml:1: a list of policies is expected here, not a mapping',
    ],
    ['a word at the top', '\nhello\n', 'p.yaml:2: a list of policies is expected here, not "hello"'],
    ['nothing at the top', '---\n', 'p.yaml:1: a list of policies is expected here, not nothing'],
    ['a list in the list', '- []\n', 'p.yaml:1: a policy is expected here, not a list'],
    [
      'an empty item after a text with dashes',
      '- name: a\n  pattern: |\n    -\n    x\n  definition: {expires: 5}\n- # soon\n',
      'p.yaml:6: a policy is expected here, not nothing',
    ],
    [
      'an entry that an alias repeats',
      '- &e {name: a, pattern: a, definition: {expires: 5}}\n- *e\n',
      'p.yaml:2: name: "a" is taken, policy 1 of the file has this name in vhost "/" already',
    ],
    ['an empty file', '# nothing\n', 'p.yaml:1: the file is empty, a list of policies is expected'],
    [
      'two documents',
      '- {name: a, pattern: a, definition: {expires: 5}}\n---\n[]\n',
      'p.yaml:2: a second YAML document begins here, one list of policies is expected',
    ],
    [
      'two empty documents',
      '---\n---\n',
      'p.yaml:2: a second YAML document begins here, one list of policies is expected',
    ],
    ['broken YAML', '- name: a\n  pattern: [a\n', 'p.yaml:3: not valid YAML, '],
    ['a key given twice', '- name: a\n  name: b\n', 'p.yaml:2: not valid YAML, duplicated mapping key'],
    ['an unknown alias', '- name: a\n  definition: *d\n', 'p.yaml:2: not valid YAML, '],
  ]
  it.each(faults)('%s', (_, text, message) => {
    const found = complaint(text)
    if (message.endsWith(', ')) expect(found.startsWith(message), found).toBe(true)
    else expect(found).toBe(message)
    expect(found).not.toContain('\n')
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
