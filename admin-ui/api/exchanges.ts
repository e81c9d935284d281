// Exchanges: list, look at, declare, delete, and the bindings from and to them (docs/observed.md §6).

import type { ExchangeRecord } from '../../nodes/definitions.ts'
import { checkExchangeArguments, checkSame, checkSameArguments } from '../../nodes/definitions-arguments.ts'
import { preconditionFailed } from '../../nodes/errors.ts'
import { exchangeTypes } from '../../nodes/exchanges/index.ts'
import { opens } from '../access.ts'
import { badRequest, notAuthorised, objectNotFound } from '../http-error.ts'
import { type Call, created, noContent, type Resource } from '../resource.ts'
import { requireAccess } from './access-entry.ts'
import { bindingEntries } from './binding-entry.ts'
import { objectBody, plainArguments, shortText, tableOf, truth } from './body.ts'
import { exchangeEntry, exchangeName } from './exchange-entry.ts'
import { columns, list, listOf } from './list.ts'

export const exchanges: readonly Resource[] = [
  { path: '/exchanges', GET: (call) => listExchanges(call, () => true) },
  {
    path: '/exchanges/:vhost',
    GET: (call) => listExchanges(call, (exchange) => exchange.vhost === call.params['vhost']),
  },
  {
    path: '/exchanges/:vhost/:name',
    GET: (call) =>
      columns(call, { incoming: [], outgoing: [], ...exchangeEntry(call.view, exchangeOf(call)) }),
    PUT: putExchange,
    DELETE: deleteExchange,
  },
  { path: '/exchanges/:vhost/:name/bindings/source', GET: bindingsFrom },
  { path: '/exchanges/:vhost/:name/bindings/destination', GET: bindingsTo },
]

function listExchanges(call: Call, wanted: (exchange: ExchangeRecord) => boolean): unknown {
  const open = ({ vhost }: ExchangeRecord) => opens(call.user, call.view.definitions, vhost)
  const found = [...call.view.definitions.exchanges.values()].filter((x) => wanted(x) && open(x))
  return listOf(call, found, () => (exchange) => exchangeEntry(call.view, exchange))
}

function exchangeOf({ view, params }: Call): ExchangeRecord {
  const exchange = view.definitions.exchange(params['vhost']!, exchangeName(params['name']!))
  if (exchange === undefined) throw objectNotFound()
  return exchange
}

function bindingsFrom(call: Call): unknown {
  const { name, vhost } = exchangeOf(call)
  const from = ({ source }: { source: { name: string; vhost: string } }) =>
    source.name === name && source.vhost === vhost
  return list(call, bindingEntries(call.view, from), [])
}

function bindingsTo(call: Call): unknown {
  const exchange = exchangeOf(call)
  return list(
    call,
    bindingEntries(call.view, ({ destination }) => destination === exchange),
    [],
  )
}

function putExchange(call: Call) {
  const { view, params } = call
  const { definitions } = view
  const [vhost, name] = [params['vhost']!, shortText('the name', exchangeName(params['name']!))]
  const body = objectBody(call)
  const type = body['type'] ?? 'direct'
  const durable = truth(body['durable'])
  const autoDelete = truth(body['auto_delete'])
  const internal = truth(body['internal'])
  const given = plainArguments(body)
  if (!exchangeTypes.some((known) => known.name === type)) throw badRequest(`unknown exchange type '${type}'`)
  const args = tableOf(given)
  requireAccess(call, 'configure', 'exchange', name)
  const existing = definitions.exchange(vhost, name)
  if (existing !== undefined) {
    const where = `exchange '${name}' in vhost '${vhost}'`
    checkSame('type', type, existing.type, where)
    checkSame('durable', durable, existing.durable, where)
    checkSame('auto_delete', autoDelete, existing.autoDelete, where)
    checkSame('internal', internal, existing.internal, where)
    checkSameArguments(args, existing.arguments, ['alternate-exchange'], where)
    return noContent
  }
  if (name.startsWith('amq.')) throw notAuthorised('Access refused.')
  if (typeof given['alternate-exchange'] === 'string') {
    requireAccess(call, 'read', 'exchange', name)
    requireAccess(call, 'write', 'exchange', given['alternate-exchange'])
  }
  checkExchangeArguments(String(type), args, name, vhost)
  view.act(() => {
    definitions.addExchange({
      vhost,
      name,
      type: String(type),
      durable,
      autoDelete,
      internal,
      arguments: args,
    })
    definitions.changed('exchange')
  })
  return created
}

function deleteExchange(call: Call) {
  const exchange = exchangeOf(call)
  const { name, vhost } = exchange
  if (name === '' || name.startsWith('amq.')) throw notAuthorised('Access refused.')
  requireAccess(call, 'configure', 'exchange', name)
  if (call.query.get('if-unused') === 'true' && exchange.router.size > 0)
    throw preconditionFailed(`exchange '${name}' in vhost '${vhost}' in use`)
  const { definitions } = call.view
  call.view.act(() => {
    definitions.removeExchange(exchange)
    definitions.changed('exchangeDelete')
  })
  return noContent
}
