// What a scenario file declares before the work begins: exchanges, queues, bindings. Used by `parse`.

import { choice, list, made, maybe, name, optional, record, required, table, words, yesNo } from './shape.ts'
import { node } from './shape-nodes.ts'
import type { Topology } from './types.ts'

const types = [
  ...(['direct', 'fanout', 'topic', 'headers'] as const),
  ...(['x-consistent-hash', 'x-random', 'x-modulus-hash', 'x-recent-history', 'x-delayed-message'] as const),
] as const

const args = optional(table, {}, 'x-arguments.')

const exchange = record('an exchange', {
  name: required(name, 'Its name.'),
  type: optional(choice(...types), 'direct', 'Its type.'),
  durable: optional(yesNo, true, 'Whether it survives a restart.'),
  internal: optional(yesNo, false, 'Only other exchanges publish to it.'),
  arguments: args,
})

const queue = record('a queue', {
  name: required(name, 'Its name.'),
  leader: optional(
    node,
    1,
    'Declared through this node, so that its leader is there unless a policy moves it.',
  ),
  durable: optional(yesNo, true, 'Whether it survives a restart.'),
  arguments: args,
})

const binding = made(
  record('a binding', {
    exchange: required(name, 'Where messages come from.'),
    queue: maybe(name, 'Where they go.'),
    'to-exchange': maybe(name, 'Or the exchange they go to.'),
    key: optional(words, '', 'The binding key.'),
    arguments: args,
  }),
  ({ exchange, queue, 'to-exchange': toExchange, key, arguments: given }, path, refuse) => {
    if ((queue === null) === (toExchange === null))
      return refuse(path, 'a binding has either queue or to-exchange')
    const to = queue !== null ? { queue } : { exchange: toExchange! }
    return { exchange, to, key, arguments: given }
  },
)

export const topology = made(
  record('topology', {
    exchanges: optional(list('a list of exchanges', exchange), [], 'Exchanges.'),
    queues: required(list('a list of queues', queue, 1), 'Queues.'),
    bindings: optional(list('a list of bindings', binding), [], 'Bindings.'),
  }),
  ({ exchanges, queues, bindings }, path, refuse): Topology => {
    const declared = { exchanges: exchanges.map(({ name }) => name), queues: queues.map(({ name }) => name) }
    for (const [kind, names] of Object.entries(declared))
      for (const [index, one] of names.entries())
        if (names.indexOf(one) < index) refuse([...path, kind, index, 'name'], `${one} is declared twice`)
    return { exchanges, queues, bindings }
  },
)
