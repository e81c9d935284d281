// The headers exchange against the answers of a real broker: which headers satisfy which arguments, under each x-match,
// and the texts that refuse a bad x-match.
import { describe, expect, test } from 'vitest'
import type { Field, FieldType, FieldValue, Table } from '../../nodes/amqp/fields.ts'
import { bind, routed, router, target } from './routes.ts'

const field = (type: FieldType, value: FieldValue): Field => ({ type, value })
const text = (value: string) => field('longstr', value)
const byte = (value: number) => field('byte', value)
const none = field('void', null)
const table = (entries: Record<string, Field>): Table => new Map(Object.entries(entries))

function matches(args: Record<string, Field>, headers: Record<string, Field> | null): boolean {
  const x = router('headers')
  bind(x, target('q'), 'k', table(args))
  return routed(x, 'another key', headers && table(headers)).length > 0
}

const [one, two] = [byte(1), byte(2)]

describe('as observed on RabbitMQ 3.10.8', () => {
  test.each<[string, boolean]>([
    ['all', true],
    ['any', false],
    ['all-with-x', true],
    ['any-with-x', false],
  ])('x-match %s with nothing else %s', (kind, expected) => {
    for (const headers of [null, {}, { a: one }, { 'x-match': text(kind) }] as (Record<
      string,
      Field
    > | null)[])
      expect(matches({ 'x-match': text(kind) }, headers)).toBe(expected)
  })

  test('arguments without x-match must all agree, and no arguments match everything', () => {
    expect(matches({}, null)).toBe(true)
    expect(matches({ a: one, b: two }, { a: one, b: two, c: one })).toBe(true)
    expect(matches({ a: one, b: two }, { a: one })).toBe(false)
    expect(matches({ a: one }, null)).toBe(false)
  })

  // Headers that are sent, and for each kind whether the arguments {a: 1, x-b: 2} are satisfied.
  test.each<[string, Record<string, Field>, boolean[]]>([
    ['nothing', {}, [false, false, false, false]],
    ['a', { a: one }, [true, true, false, true]],
    ['x-b', { 'x-b': two }, [false, false, false, true]],
    ['both', { a: one, 'x-b': two }, [true, true, true, true]],
    ['a wrong a', { a: two, 'x-b': two }, [false, false, false, true]],
  ])('{a, x-b} given %s under all, any, all-with-x, any-with-x', (_name, headers, expected) => {
    const kinds = ['all', 'any', 'all-with-x', 'any-with-x']
    const args = (kind: string) => ({ 'x-match': text(kind), a: one, 'x-b': two })
    expect(kinds.map((kind) => matches(args(kind), headers))).toEqual(expected)
  })

  test('a void argument asks for presence alone', () => {
    for (const value of [one, text('1'), none, field('bool', false)])
      expect(matches({ a: none }, { a: value })).toBe(true)
    expect(matches({ a: none }, {})).toBe(false)
    expect(matches({ 'x-match': text('any'), a: none }, { b: one })).toBe(false)
    expect(matches({ a: one }, { a: none })).toBe(false)
  })

  test('numbers of every kind match by value, and nothing else equals a number', () => {
    const ones = (['byte', 'long', 'unsignedshort', 'double', 'float', 'timestamp'] as const).map((t) =>
      field(t, 1),
    )
    const others = [
      field('double', 1.5),
      text('1'),
      field('bool', true),
      field('decimal', { scale: 0, value: 1 }),
      none,
    ]
    for (const a of ones) {
      for (const b of ones) expect(matches({ a }, { a: b })).toBe(true)
      for (const b of others) expect(matches({ a }, { a: b })).toBe(false)
    }
    expect(matches({ a: field('float', 1.5) }, { a: field('double', 1.5) })).toBe(true)
  })

  test('integers beyond 2^53 are compared exactly', () => {
    const large = field('long', 2n ** 60n)
    expect(matches({ a: large }, { a: field('long', 2n ** 60n) })).toBe(true)
    expect(matches({ a: large }, { a: field('double', 2 ** 60) })).toBe(true)
    expect(matches({ a: large }, { a: field('long', 2n ** 60n + 1n) })).toBe(false)
    expect(matches({ a: large }, { a: field('double', 0.5) })).toBe(false)
  })

  test('longstr and binary match by their bytes', () => {
    const binary = field('binary', Buffer.from('é'))
    for (const a of [text('é'), binary])
      for (const b of [text('é'), binary]) expect(matches({ a }, { a: b })).toBe(true)
    expect(matches({ a: text('é') }, { a: text('e') })).toBe(false)
    expect(matches({ a: binary }, { a: field('array', []) })).toBe(false)
  })

  test('arrays and tables match with equal types and order inside', () => {
    const array = field('array', [one])
    const inner = (entries: Record<string, Field>) => field('table', table(entries))
    expect(matches({ a: array }, { a: field('array', [byte(1)]) })).toBe(true)
    expect(matches({ a: array }, { a: field('array', [field('long', 1)]) })).toBe(false)
    expect(matches({ a: array }, { a: field('array', [one, one]) })).toBe(false)
    expect(matches({ a: inner({ n: one, m: two }) }, { a: inner({ n: byte(1), m: two }) })).toBe(true)
    expect(matches({ a: inner({ n: one, m: two }) }, { a: inner({ m: two, n: one }) })).toBe(false)
    expect(matches({ a: inner({ n: one }) }, { a: inner({ n: field('long', 1) }) })).toBe(false)
    expect(matches({ a: array }, { a: inner({}) })).toBe(false)
  })

  test('decimals match in digits and scale', () => {
    const a = field('decimal', { scale: 0, value: 1 })
    expect(matches({ a }, { a: field('decimal', { scale: 0, value: 1 }) })).toBe(true)
    expect(matches({ a }, { a: field('decimal', { scale: 1, value: 10 }) })).toBe(false)
    expect(matches({ a }, { a: one })).toBe(false)
  })
})

test('each matching destination appears once, in the order of binding', () => {
  const x = router('headers')
  const [p, q] = [target('p'), target('q')]
  bind(x, q, '1', table({ a: one }))
  bind(x, p, '2', table({ b: two }))
  bind(x, q, '3', table({ b: two }))
  expect(routed(x, '', table({ a: one, b: two }))).toEqual(['q', 'p'])
  expect(routed(x, '', table({ b: two }))).toEqual(['p', 'q'])
})

describe('a bad x-match is refused in the words of RabbitMQ 3.10.8:', () => {
  test.each<[Field, string]>([
    [text('foo'), 'value <<"foo">>'],
    [text(''), 'value <<>>'],
    [text('é\n"x"\\'), 'value <<"é\\n\\"x\\"\\\\">>'],
    [text('\u0100'), 'value <<196,128>>'],
  ])('%j', (given, words) => {
    const x = router('headers')
    expect(x.validate!('', table({ 'x-match': given }))).toBe(
      `Invalid x-match field ${words}; expected all, any, all-with-x, or any-with-x`,
    )
  })

  test.each<[Field, string]>([
    [one, 'byte (value 1)'],
    [field('bool', true), 'bool (value true)'],
    [none, 'void (value undefined)'],
    [field('double', 1.5), 'double (value 1.5)'],
    [field('float', 1), 'float (value 1.0)'],
    [field('double', 100_000), 'double (value 1.0e5)'],
    [field('double', 1e20), 'double (value 1.0e20)'],
    [field('float', 0.10000000149011612), 'float (value 0.10000000149011612)'],
    [field('decimal', { scale: 2, value: 1 }), 'decimal (value {2,1})'],
    [field('array', [one, text('a')]), 'array (value [{byte,1},{longstr,<<"a">>}])'],
    [field('array', []), 'array (value [])'],
    [field('table', table({ a: one })), 'table (value [{<<"a">>,byte,1}])'],
    [field('binary', Buffer.from('zz')), 'binary (value <<"zz">>)'],
  ])('type of %j', (given, words) => {
    const x = router('headers')
    expect(x.validate!('', table({ 'x-match': given }))).toBe(
      `Invalid x-match field type ${words}; expected longstr`,
    )
  })

  test('the four good kinds and none at all pass, and other types take any arguments', () => {
    const x = router('headers')
    expect(x.validate!('', table({}))).toBeNull()
    for (const kind of ['all', 'any', 'all-with-x', 'any-with-x'])
      expect(x.validate!('', table({ 'x-match': text(kind) }))).toBeNull()
    for (const type of ['direct', 'fanout', 'topic']) expect(router(type).validate).toBeUndefined()
  })
})
