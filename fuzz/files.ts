// Texts for the parser of policy files: valid files in YAML and JSON, broken by characters, lines and values. It may refuse
// them with its own error and a line, and must do so in little time; anything else is a finding.

import { PolicyFileError, parsePolicyFile } from '../policies/files.ts'
import type { Chance } from './chance.ts'
import { Broken } from './drive.ts'
import { withinTime } from './guard.ts'

const valid = [
  `- name: ha\n  pattern: '^orders'\n  apply-to: queues\n  priority: 5\n  definition:\n    ha-mode: exactly\n    ha-params: 2\n    ha-sync-mode: automatic\n`,
  `- { name: ttl, vhost: /, pattern: ".*", definition: { message-ttl: 1000, max-length: 10, overflow: reject-publish } }\n- { name: b, pattern: b, definition: { expires: 1000 } }\n`,
  `[{"name": "a", "pattern": "^a", "definition": {"ha-mode": "nodes", "ha-params": ["rabbit@node1"]}, "apply-to": "all"}]`,
  `- &anchor\n  name: one\n  pattern: "(a|b)+[[:alpha:]]{2,5}$"\n  definition: &d\n    dead-letter-exchange: x\n    dead-letter-routing-key: |\n      text\n`,
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
  const texts = Array.from({ length: count }, () => broken(chance))
  for (const text of texts)
    try {
      withinTime(5000, () => parsePolicyFile(text, 'fuzz.yaml'))
    } catch (error) {
      if (error instanceof PolicyFileError && error.line >= 1) continue
      throw new Broken(`a policy file: ${(error as Error).message}: ${JSON.stringify(text)}`)
    }
  return count
}

function broken(chance: Chance): string {
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
