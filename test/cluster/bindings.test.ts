// Bindings as an island keeps them: found again by what they say, in the order they came, gone when they are removed.
import { describe, expect, test } from 'vitest'
import type { Table } from '../../nodes/amqp/fields.ts'
import { Definitions, type QueueRecord } from '../../nodes/definitions.ts'

const table = (entries: Record<string, string | number>): Table =>
  new Map(
    Object.entries(entries).map(([name, value]) => [
      name,
      { type: typeof value === 'string' ? 'longstr' : 'int', value },
    ]),
  ) as Table

function island() {
  const definitions = new Definitions()
  definitions.addVhost('/')
  const queue = (name: string): QueueRecord =>
    definitions.addQueue({
      id: name.length,
      vhost: '/',
      name,
      durable: true,
      exclusiveOwner: null,
      autoDelete: false,
      arguments: new Map(),
      leader: 'a',
    })
  return { definitions, queue, headers: definitions.exchange('/', 'amq.headers')! }
}

describe('bindings of one queue', () => {
  test('differ by key and by arguments, in whatever order these are given', () => {
    const { definitions, queue, headers } = island()
    const to = queue('q')
    const [first, second] = [table({ a: 'x', b: 1 }), table({ a: 'x', b: 2 })]
    definitions.addBinding(headers, to, '', first)
    expect(definitions.findBinding(headers, to, '', table({ b: 1, a: 'x' }))?.arguments).toBe(first)
    expect(definitions.findBinding(headers, to, '', second)).toBeUndefined()
    expect(definitions.findBinding(headers, to, 'k', first)).toBeUndefined()
    expect(definitions.findBinding(headers, to, '', table({ a: 'x', b: '1' }))).toBeUndefined()
    definitions.addBinding(headers, to, '', second)
    definitions.addBinding(headers, to, 'k', second)
    expect([...definitions.bindings].map(({ routingKey, arguments: args }) => [routingKey, args])).toEqual([
      ['', first],
      ['', second],
      ['k', second],
    ])
  })

  test('go one by one, and with the queue or the exchange', () => {
    const { definitions, queue, headers } = island()
    const [one, other] = [queue('q'), queue('qq')]
    const keys = ['a', 'b', 'c']
    for (const to of [one, other]) for (const key of keys) definitions.addBinding(headers, to, key, new Map())
    definitions.removeBinding(definitions.findBinding(headers, one, 'b', new Map())!)
    const left = () => [...definitions.bindings].map((b) => `${b.destination.name} ${b.routingKey}`)
    expect(left()).toEqual(['q a', 'q c', 'qq a', 'qq b', 'qq c'])
    expect(headers.router.size).toBe(5)
    definitions.removeQueue(one)
    expect(left()).toEqual(['qq a', 'qq b', 'qq c'])
    definitions.removeExchange(headers)
    expect(definitions.bindings.size).toBe(0)
  })

  test('are looked for no longer because there are many', () => {
    const { definitions, queue, headers } = island()
    const to = queue('q')
    let read = 0
    const counted = (i: number) => {
      const args = table({ i })
      const get = args[Symbol.iterator].bind(args)
      // A search through the list would read the arguments of all there are.
      args[Symbol.iterator] = () => {
        read++
        return get()
      }
      return args
    }
    for (let i = 0; i < 2000; i++) {
      const args = counted(i)
      if (definitions.findBinding(headers, to, '', args) === undefined)
        definitions.addBinding(headers, to, '', args)
    }
    expect(read).toBeLessThan(2000 * 10)
  })
})
