import { describe, expect, it } from 'vitest'
import { parseOperatorPolicy, parsePolicy } from '../../policies/policy.ts'
import { refusal } from './support.ts'

const definition = { 'ha-mode': 'all' }

describe('the body of a PUT', () => {
  const refused: [string, unknown, string][] = [
    ['no JSON', undefined, 'not_json'],
    ['an array', [], 'not_json'],
    ['no pattern', { definition }, '[{key_missing,pattern}]'],
    ['no definition', { pattern: 'x' }, '[{key_missing,definition}]'],
    ['neither', {}, '[{key_missing,pattern},{key_missing,definition}]'],
    [
      'a number as pattern',
      { pattern: 3, definition },
      'Validation failed\n\npattern should be a binary but was 3\n',
    ],
    [
      'a broken pattern',
      { pattern: '(', definition },
      'Validation failed\n\npattern should be regular expression but is invalid: {"missing )",1}\n',
    ],
    [
      'a strange apply-to',
      { pattern: 'x', definition, 'apply-to': 'zz' },
      "Validation failed\n\napply-to 'zz' unrecognised; should be 'queues', 'exchanges' or 'all'\n",
    ],
    [
      'a word as priority',
      { pattern: 'x', definition, priority: 'a' },
      'Validation failed\n\npriority should be a number, actually was <<"a">>\n',
    ],
  ]
  it.each(refused)('%s is refused', (_, body, reason) => {
    expect(refusal(() => parsePolicy('/', 'p', body))).toEqual({ status: 400, reason })
    expect(refusal(() => parseOperatorPolicy('/', 'p', body)).status).toBe(400)
  })

  it('has priority 0 and applies to all where it does not say', () => {
    expect(parsePolicy('v', 'p', { pattern: '^x', definition, foo: 1 })).toEqual({
      vhost: 'v',
      name: 'p',
      pattern: '^x',
      applyTo: 'all',
      priority: 0,
      definition,
    })
  })

  it.each([1.5, -5])('may have the priority %s', (priority) => {
    expect(parsePolicy('/', 'p', { pattern: 'x', definition, priority }).priority).toBe(priority)
  })

  it('may apply ha-mode to exchanges', () => {
    expect(parsePolicy('/', 'p', { pattern: 'x', definition, 'apply-to': 'exchanges' }).applyTo).toBe(
      'exchanges',
    )
  })

  it('becomes a frozen policy with its keys in alphabetical order', () => {
    const made = parsePolicy('/', 'p', { pattern: 'x', definition: { overflow: 'drop-head', expires: 5 } })
    expect(Object.keys(made.definition)).toEqual(['expires', 'overflow'])
    expect(Object.isFrozen(made) && Object.isFrozen(made.definition)).toBe(true)
  })
})
