// Bindings: all, of a vhost, between one exchange and one queue or exchange; adding and removing them
// (docs/observed.md §6).

import type { BindingRecord, Destination, ExchangeRecord } from '../../nodes/definitions.ts'
import { accessRefused, homeNodeDown, notFound, preconditionFailed } from '../../nodes/errors.ts'
import { opens } from '../access.ts'
import { objectNotFound } from '../http-error.ts'
import { Answer, type Call, noContent, type Resource } from '../resource.ts'
import { requireAccess, requireTopicRead } from './access-entry.ts'
import { type Bound, bindingEntries, bindingEntry, bindingsOf, propertiesKey } from './binding-entry.ts'
import { objectBody, plainArguments, shortText, tableOf } from './body.ts'
import { exchangeName } from './exchange-entry.ts'
import { list } from './list.ts'

export const bindings: readonly Resource[] = [
  {
    path: '/bindings',
    GET: (call) =>
      list(
        call,
        bindingEntries(call.view, ({ source }) => opens(call.user, call.view.definitions, source.vhost)),
        [],
      ),
  },
  {
    path: '/bindings/:vhost',
    GET: (call) =>
      list(
        call,
        bindingEntries(call.view, ({ source }) => source.vhost === call.params['vhost']),
        [],
      ),
  },
  { path: '/bindings/:vhost/e/:source/:kind/:destination', GET: between, POST: bind },
  {
    path: '/bindings/:vhost/e/:source/:kind/:destination/:props',
    GET: (call) => bindingEntry(bindingOf(call)),
    DELETE: unbind,
  },
]

interface Ends {
  readonly source: ExchangeRecord
  readonly destination: Destination
}

/** Source and destination of the path. `missing` makes the error when there is none. */
function endsOf({ view, params }: Call, missing: (kind: 'queue' | 'exchange', name: string) => Error): Ends {
  const { definitions } = view
  const vhost = params['vhost']!
  const sourceName = exchangeName(params['source']!)
  const name = params['destination']!
  const kind = params['kind'] === 'q' ? 'queue' : 'exchange'
  if (params['kind'] !== 'q' && params['kind'] !== 'e') throw objectNotFound()
  const source = definitions.exchange(vhost, sourceName)
  if (source === undefined) throw missing('exchange', sourceName)
  const destination =
    kind === 'queue' ? definitions.queue(vhost, name) : definitions.exchange(vhost, exchangeName(name))
  if (destination === undefined) throw missing(kind, name)
  return { source, destination }
}

const isBetween =
  ({ source, destination }: Ends) =>
  (bound: Bound) =>
    bound.source.name === source.name && bound.destination === destination

function between(call: Call): unknown {
  return list(call, bindingEntries(call.view, isBetween(endsOf(call, objectNotFound))), [])
}

function bindingOf(call: Call): Bound {
  const mine = isBetween(endsOf(call, objectNotFound))
  for (const bound of bindingsOf(call.view))
    if (mine(bound) && propertiesKey(bound.routingKey, bound.arguments) === call.params['props']) return bound
  throw objectNotFound()
}

function bind(call: Call): Answer {
  const { view, params } = call
  const { source, destination } = endsOf(call, (kind, name) => notFound(kind, name, params['vhost']!))
  const body = objectBody(call)
  // What is no text is printed, as by the real one.
  const { routing_key: routingKey = '' } = body
  const key = shortText(
    'routing_key',
    typeof routingKey === 'string' ? routingKey : JSON.stringify(routingKey),
  )
  const args = tableOf(plainArguments(body))
  requireBindingAccess(call, { source, destination }, key)
  if (destination.kind === 'queue' && destination.state === 'down')
    throw homeNodeDown(destination.name, destination.vhost, destination.leader)
  const refusal = source.router.validate?.(key, args) ?? null
  if (refusal !== null) throw preconditionFailed(refusal)
  const { definitions } = view
  if (definitions.findBinding(source, destination, key, args) === undefined)
    view.act(() => {
      definitions.addBinding(source, destination, key, args)
      definitions.changed('binding')
      view.node.exchanges.bound(source, destination)
    })
  const props = encodeURIComponent(propertiesKey(key, args))
  return new Answer(201, { Location: `${encodeURIComponent(destination.name)}/${props}` })
}

/** Throws 403 unless the user may write to the one end and read from the other with that key. */
function requireBindingAccess(
  call: Call,
  { source, destination }: Pick<Bound, 'source' | 'destination'>,
  key: string,
): void {
  requireAccess(call, 'write', destination.kind, destination.name)
  if (source.name === '' || destination.name === '')
    throw accessRefused('operation not permitted on the default exchange')
  requireAccess(call, 'read', 'exchange', source.name)
  requireTopicRead(call, source.name, key)
}

function unbind(call: Call): Answer {
  const bound = bindingOf(call)
  requireBindingAccess(call, bound, bound.routingKey)
  const { definitions } = call.view
  call.view.act(() => {
    definitions.removeBinding(bound as BindingRecord)
    definitions.changed('binding')
  })
  return noContent
}
