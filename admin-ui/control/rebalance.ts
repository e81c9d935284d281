// rabbitmq-queues rebalance, which RabbitMQ's HTTP API knows only for all queues and without an answer.

import { rebalance } from '../../nodes/cluster-rebalance.ts'
import { compilePattern, type Pattern, PatternError } from '../../policies/pattern.ts'
import { isRecord } from '../../policies/policy.ts'
import { badRequest } from '../http-error.ts'
import type { Context } from '../view.ts'
import type { Route } from './route.ts'
import { byName, number, record, text } from './schema.ts'

export const rebalanceRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/rebalance',
    summary:
      'Spreads leaders over the nodes, as rabbitmq-queues rebalance; answers how many each leads then.',
    body: record({ node: text() }, { vhost: text('pattern'), queue: text('pattern') }),
    answer: byName(number()),
    handle: (call) => rebalanceQueues(call.context, call.json()),
  },
]

/** Body: `node`, and patterns `vhost` and `queue`. Answers how many of the queues each node leads then. */
function rebalanceQueues({ live }: Context, body: unknown): Record<string, number> {
  if (!isRecord(body))
    throw badRequest('The body must be {"node": name, "vhost": pattern, "queue": pattern}.')
  const { node } = body
  const { cluster } = live
  if (typeof node !== 'string' || !cluster.hasMember(node) || cluster.member(node).node === null)
    throw badRequest(`Node ${String(node)} could not be contacted`)
  const [vhost, queue] = [patternOf(body['vhost']), patternOf(body['queue'])]
  const leaders = live.act(() =>
    rebalance(cluster, node, (record) => vhost.test(record.vhost) && queue.test(record.name)),
  )
  return Object.fromEntries(leaders)
}

function patternOf(text: unknown): Pattern {
  try {
    return compilePattern(typeof text === 'string' ? text : '.*')
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    throw badRequest(`{:badarg, [{:re, :run, [_, "${String(text)}"], _}]}`)
  }
}
