// Texts for the parsers of policy files and of definitions: valid files in YAML and JSON, broken by characters, lines and
// values. They may refuse them with their own errors, and must do so in little time; anything else is a finding.

import { DefinitionsError, parseDefinitions } from '../policies/definitions-file.ts'
import { snapshotOfDefinitions } from '../policies/definitions-snapshot.ts'
import { PolicyFileError, parsePolicyFile } from '../policies/files.ts'
import { lint, snapshotOfPolicies } from '../policies/lint.ts'
import { migrate } from '../policies/migrate.ts'
import type { Chance } from './chance.ts'
import { Broken } from './drive.ts'
import { withinTime } from './guard.ts'

const policyFiles = [
  `- name: ha\n  pattern: '^orders'\n  apply-to: queues\n  priority: 5\n  definition:\n    ha-mode: exactly\n    ha-params: 2\n    ha-sync-mode: automatic\n`,
  `- { name: ttl, vhost: /, pattern: ".*", definition: { message-ttl: 1000, max-length: 10, overflow: reject-publish } }\n- { name: b, pattern: b, definition: { expires: 1000 } }\n`,
  `[{"name": "a", "pattern": "^a", "definition": {"ha-mode": "nodes", "ha-params": ["rabbit@node1"]}, "apply-to": "all"}]`,
  `- &anchor\n  name: one\n  pattern: "(a|b)+[[:alpha:]]{2,5}$"\n  definition: &d\n    dead-letter-exchange: x\n    dead-letter-routing-key: |\n      text\n`,
]

/** Every kind of object once; also a body of the HTTP fuzzer. */
export const definitions = {
  users: [{ name: 'u1', password_hash: 'q83vEjRWeJA=', tags: ['management'], limits: { 'max-channels': 5 } }],
  vhosts: [{ name: 'v1', metadata: { description: 'd', tags: [] } }],
  permissions: [{ user: 'u1', vhost: 'v1', configure: '^a', write: '.*', read: '' }],
  topic_permissions: [{ user: 'u1', vhost: 'v1', exchange: 'x1', write: '^b', read: '.*' }],
  parameters: [
    { vhost: 'v1', component: 'vhost-limits', name: 'limits', value: { 'max-queues': 50 } },
    {
      vhost: 'v1',
      component: 'operator_policy',
      name: 'o',
      value: { pattern: '^q', definition: [['max-length', 9]], priority: 1.5 },
    },
    { vhost: 'v1', component: 'shovel', name: 's', value: { 'src-uri': 'amqp://' } },
  ],
  global_parameters: [{ name: 'g', value: [{ a: 1 }] }],
  policies: [{ vhost: 'v1', name: 'p', pattern: '(a+)+$', definition: { 'ha-mode': 'all' }, priority: -1 }],
  queues: [{ vhost: 'v1', name: 'q1', durable: true, auto_delete: false, arguments: { 'x-max-length': 5 } }],
  exchanges: [{ vhost: 'v1', name: 'x1', type: 'headers', durable: true, auto_delete: false, arguments: {} }],
  bindings: [
    {
      vhost: 'v1',
      source: 'x1',
      destination: 'q1',
      destination_type: 'queue',
      routing_key: 'k',
      arguments: { 'x-match': 'any', a: [1.5] },
    },
  ],
}

/** A parser, texts that it takes, and how it may refuse others. */
const readers = [
  {
    what: 'a policy file',
    valid: policyFiles,
    read: (text: string): unknown => lint(snapshotOfPolicies(parsePolicyFile(text, 'fuzz.yaml'))),
    refused: (error: unknown) => error instanceof PolicyFileError && error.line >= 1 && error.column >= 1,
  },
  {
    what: 'definitions',
    valid: [JSON.stringify(definitions), JSON.stringify(definitions, null, 1)],
    read: (text: string): unknown => {
      const file = parseDefinitions(text)
      lint(snapshotOfDefinitions(file))
      return migrate(JSON.parse(text))
    },
    refused: (error: unknown) => error instanceof DefinitionsError,
  },
]

const snippets = [
  '<<: *anchor',
  '*d',
  '&x',
  '!!binary ',
  '!!js/function ',
  '{',
  '}',
  '[',
  ']',
  '- ',
  ': ',
  '\n',
  '\t',
  '"',
  "'",
  '|',
  '>',
  '? ',
  '---\n',
  '...\n',
  '%YAML 9\n',
  '__proto__: 1',
  'constructor: {}',
  '1e999',
  '.nan',
  '0x7fffffffffffffff',
  '~',
  'null',
  '\u0000',
  '\ud800',
  '(a+)+$',
  '(?i)',
  '(?<=',
  '[[:',
  '\\',
  '{1,99999999}',
]

/** Parses `count` broken texts; returns the count. Throws Broken with the text. */
export function fuzzFiles(chance: Chance, count: number): number {
  for (let i = 0; i < count; i++) {
    const { what, valid, read, refused } = chance.pick(readers)
    const text = broken(chance, valid)
    try {
      withinTime(5000, () => read(text))
    } catch (error) {
      if (!refused(error)) throw new Broken(`${what}: ${(error as Error).message}: ${JSON.stringify(text)}`)
    }
  }
  return count
}

function broken(chance: Chance, valid: readonly string[]): string {
  let text = chance.pick(valid)
  for (let n = chance.between(0, 6); n > 0; n--) {
    const [at, to] = [chance.int(text.length + 1), chance.int(text.length + 1)]
    const [from, upTo] = at < to ? [at, to] : [to, at]
    const insert = (what: string) => text.slice(0, at) + what + text.slice(at)
    text = chance.weighted<() => string>([
      [5, () => insert(chance.pick(snippets))],
      [3, () => insert(String.fromCharCode(chance.int(chance.hit(80) ? 128 : 65_536)))],
      [3, () => text.slice(0, at) + text.slice(at + chance.between(1, 5))],
      [2, () => text.slice(0, from) + text.slice(from, upTo).slice(0, 200).repeat(2) + text.slice(upTo)],
      [1, () => text.slice(0, at)],
      [1, () => insert(chance.pick(['[', '{a: ', '- ', '(', '"']).repeat(chance.between(1, 300)))],
    ])()
    if (text.length > 20_000) text = text.slice(0, 20_000)
  }
  return text
}
