// Field tables against RabbitMQ's bytes, their plain form and their equivalence.
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  decodeTable,
  emptyTable,
  type Field,
  type FieldType,
  type FieldValue,
  MalformedError,
  plain,
  sameField,
  type Table,
  tableBytes,
  tableFromPlain,
} from '../../nodes/amqp/fields.ts'
import { thrown } from './frames-seen.ts'

const field = (type: FieldType, value: FieldValue): Field => ({ type, value })
const table = (entries: Record<string, Field>): Table => new Map(Object.entries(entries))

/** Every type, and what `rabbit_binary_generator` of RabbitMQ 3.10.8 makes of it. */
const everyType: readonly (readonly [string, Field, string])[] = [
  ['S', field('longstr', 'abc'), '015353' + '00000003616263'],
  ['I', field('signedint', -2), '014949' + 'fffffffe'],
  ['t', field('bool', true), '017474' + '01'],
  ['b', field('byte', -1), '016262' + 'ff'],
  ['B', field('unsignedbyte', 255), '014242' + 'ff'],
  ['s', field('short', -300), '017373' + 'fed4'],
  ['u', field('unsignedshort', 65535), '017575' + 'ffff'],
  ['i', field('unsignedint', 4294967295), '016969' + 'ffffffff'],
  ['l', field('long', -9007199254740993n), '016c6c' + 'ffdfffffffffffff'],
  ['T', field('timestamp', 1700000000), '015454' + '000000006553f100'],
  ['f', field('float', 1.5), '016666' + '3fc00000'],
  ['d', field('double', 0.1), '016464' + '3fb999999999999a'],
  ['D', field('decimal', { scale: 2, value: 314 }), '014444' + '020000013a'],
  [
    'A',
    field('array', [
      field('longstr', 'x'),
      field('byte', 1),
      field('table', table({ k: field('void', null) })),
    ]),
    '014141' + '00000010' + '530000000178' + '6201' + '4600000003016b56',
  ],
  ['F', field('table', table({ n: field('table', emptyTable) })), '014646' + '00000007' + '016e4600000000'],
  ['x', field('binary', Buffer.of(0, 255)), '017878' + '00000002' + '00ff'],
  ['V', field('void', null), '015656'],
]

/** A table from its entries' bytes, length first. */
function bytesOf(hex: string): Buffer {
  const entries = Buffer.from(hex, 'hex')
  const length = Buffer.alloc(4)
  length.writeUInt32BE(entries.length)
  return Buffer.concat([length, entries])
}

const decode = (hex: string) => {
  const bytes = bytesOf(hex)
  return decodeTable(bytes, 0, bytes.length)
}

describe('a field of each type', () => {
  test.each(everyType)('%s is read and written as RabbitMQ does', (name, value, hex) => {
    expect(decode(hex)).toEqual(new Map([[name, value]]))
    expect(tableBytes(new Map([[name, value]]))).toEqual(bytesOf(hex))
  })

  test('stands in one table with all others, in order', () => {
    const hex = everyType.map(([, , bytes]) => bytes).join('')
    const all = decode(hex)
    expect([...all.keys()].join('')).toBe('SItbBsuilTfdDAFxV')
    expect(tableBytes(all)).toEqual(bytesOf(hex))
  })

  test.each(everyType)('%s is refused when cut short anywhere', (_, __, hex) => {
    for (let digits = 2; digits < hex.length; digits += 2) {
      expect(thrown(() => decode(hex.slice(0, digits)))).toBeInstanceOf(MalformedError)
    }
  })
})

describe('integers of 64 bits', () => {
  test.each([
    ['6c', 'long', '001fffffffffffff', 9007199254740991],
    ['6c', 'long', '0020000000000000', 9007199254740992n],
    ['6c', 'long', 'ffe0000000000001', -9007199254740991],
    ['6c', 'long', '8000000000000000', -(2n ** 63n)],
    ['6c', 'long', 'ffffffffffffffff', -1],
    ['54', 'timestamp', '0020000000000001', 9007199254740993n],
    ['54', 'timestamp', 'ffffffffffffffff', 2n ** 64n - 1n],
  ] as const)('%s %s %s are numbers while exact', (letter, type, hex, value) => {
    const bytes = `0161${letter}${hex}`
    expect(decode(bytes).get('a')).toEqual({ type, value })
    expect(tableBytes(decode(bytes))).toEqual(bytesOf(bytes))
  })

  test('are also read under the letter L, which RabbitMQ takes for l', () => {
    expect(decode('01614c' + 'fffffffffffffffe').get('a')).toEqual(field('long', -2))
  })
})

describe('a table', () => {
  test('of no fields is empty, and the same object each time', () => {
    expect(decode('')).toBe(emptyTable)
    expect(tableBytes(emptyTable)).toEqual(Buffer.alloc(4))
  })

  test('keeps text that is not UTF-8 as bytes and gives them back', () => {
    const hex = '016153' + '00000003' + 'ff61c3'
    expect(decode(hex).get('a')).toEqual(field('longstr', Buffer.from('ff61c3', 'hex')))
    expect(tableBytes(decode(hex))).toEqual(bytesOf(hex))
  })

  test('reads a replacement character that was really sent as text', () => {
    expect(decode('016153' + '00000003' + 'efbfbd').get('a')).toEqual(field('longstr', '\ufffd'))
  })

  test('takes the first of a repeated key', () => {
    expect(decode('01616201' + '01616202')).toEqual(table({ a: field('byte', 1) }))
  })

  test('copies bytes out of the buffer it was read from', () => {
    const bytes = bytesOf('017878' + '00000002' + '0102')
    const read = decodeTable(bytes, 0, bytes.length)
    bytes.fill(0)
    expect(read.get('x')!.value).toEqual(Buffer.of(1, 2))
  })

  test.each([
    ['an unknown letter', '01617a'],
    ['not-a-number', '016164' + '7ff8000000000000'],
    ['an infinite float', '016166' + '7f800000'],
    ['an inner table longer than the outer', '016146' + '00000002' + '01'],
    ['an array longer than its table', '016141' + '000000ff' + '6201'],
    [
      'a string longer than its array, though not than the table',
      '016141' + '00000006' + '5300000002' + '61' + '00' + '016256',
    ],
  ])('is refused with %s', (_, hex) => {
    expect(thrown(() => decode(hex))).toBeInstanceOf(MalformedError)
  })

  test('is refused when its length and its place disagree', () => {
    const bytes = bytesOf('016156')
    expect(() => decodeTable(bytes, 0, bytes.length - 1)).toThrow(MalformedError)
    expect(() => decodeTable(Buffer.concat([bytes, Buffer.of(0)]), 0, bytes.length + 1)).toThrow(
      MalformedError,
    )
  })

  test('may be nested 128 deep and no deeper', () => {
    const nested = (depth: number): Table => {
      let inner: Table = emptyTable
      for (let i = 0; i < depth; i++) inner = table({ a: field('table', inner) })
      return inner
    }
    const deep = tableBytes(nested(128))
    expect(tableBytes(decodeTable(deep, 0, deep.length))).toEqual(deep)
    const deeper = tableBytes(nested(129))
    expect(() => decodeTable(deeper, 0, deeper.length)).toThrow('deeper')
    const arrays = bytesOf(`0161${'41'.repeat(60_000)}`)
    expect(() => decodeTable(arrays, 0, arrays.length)).toThrow(MalformedError)
  })
})

describe('plain values', () => {
  test('show every type as JSON can hold it', () => {
    expect(plain(decode(everyType.map(([, , hex]) => hex).join('')))).toEqual({
      S: 'abc',
      I: -2,
      t: true,
      b: -1,
      B: 255,
      s: -300,
      u: 65535,
      i: 4294967295,
      l: '-9007199254740993',
      T: 1700000000,
      f: 1.5,
      d: 0.1,
      D: 2.314,
      A: ['x', 1, { k: null }],
      F: { n: {} },
      x: '\0\xff',
      V: null,
    })
  })

  test('become the types RabbitMQ’s HTTP API gives them', () => {
    const object = {
      i: 5,
      n: 1.5,
      big: 1e300,
      s: 'x',
      b: false,
      z: null,
      a: [1, 'y'],
      o: { k: 0 },
      u: undefined,
    }
    expect(tableFromPlain(object)).toEqual(
      table({
        i: field('long', 5),
        n: field('double', 1.5),
        big: field('double', 1e300),
        s: field('longstr', 'x'),
        b: field('bool', false),
        z: field('void', null),
        a: field('array', [field('long', 1), field('longstr', 'y')]),
        o: field('table', table({ k: field('long', 0) })),
      }),
    )
  })

  test('survive a key that names the prototype', () => {
    const object = plain(table({ ['__proto__']: field('table', table({ x: field('long', 1) })) }))
    expect(Object.keys(object)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype)
    expect(JSON.stringify(object)).toBe('{"__proto__":{"x":1}}')
  })
})

/** Pairs with their titles; JSON knows no bigint. */
const shown = (pairs: readonly (readonly [Field, Field])[]) =>
  pairs.map(([a, b]) => [inspect(a), inspect(b), a, b] as const)

describe('two fields', () => {
  test.each(
    shown([
      [field('byte', 5), field('long', 5)],
      [field('unsignedint', 5), field('short', 5)],
      [field('long', 2n ** 60n), field('long', 2n ** 60n)],
      [field('float', 1.5), field('double', 1.5)],
      [field('void', null), field('void', null)],
      [field('longstr', Buffer.of(255)), field('longstr', Buffer.of(255))],
      [field('decimal', { scale: 1, value: 2 }), field('decimal', { scale: 1, value: 2 })],
      [field('array', [field('byte', 1)]), field('array', [field('long', 1)])],
      [
        field('table', table({ a: field('byte', 1), b: field('void', null) })),
        field('table', table({ b: field('void', null), a: field('short', 1) })),
      ],
    ]),
  )('%s and %s are the same', (_, __, a, b) => {
    expect([sameField(a, b), sameField(b, a)]).toEqual([true, true])
  })

  test.each(
    shown([
      [field('byte', 5), field('byte', 6)],
      [field('long', 1000), field('longstr', '1000')],
      [field('long', 1), field('double', 1)],
      [field('long', 1), field('bool', true)],
      [field('long', 1), field('timestamp', 1)],
      [field('longstr', 'a'), field('longstr', Buffer.from('a'))],
      [field('longstr', 'a'), field('binary', Buffer.from('a'))],
      [field('decimal', { scale: 1, value: 2 }), field('decimal', { scale: 2, value: 2 })],
      [field('array', [field('byte', 1)]), field('array', [field('byte', 1), field('byte', 1)])],
      [field('array', []), field('table', emptyTable)],
      [field('table', table({ a: field('byte', 1) })), field('table', table({ b: field('byte', 1) }))],
      [field('table', table({ a: field('byte', 1) })), field('table', emptyTable)],
    ]),
  )('%s and %s differ', (_, __, a, b) => {
    expect([sameField(a, b), sameField(b, a)]).toEqual([false, false])
  })
})
