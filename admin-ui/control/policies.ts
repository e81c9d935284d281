// Policies before they are set: what a change would do, why an object follows the policy it does, and what lint says. It reads
// the cluster as the asked node sees it, the first that runs unless one is named, and changes nothing.

import { type Objects, snapshotOf } from '../../nodes/cluster-snapshot.ts'
import type { User } from '../../nodes/definitions-access.ts'
import { vhostsOf } from '../../policies/change.ts'
import { PolicyChangeError, readChange } from '../../policies/change-reading.ts'
import { type Explanation, explain } from '../../policies/explain.ts'
import { type Finding, lint } from '../../policies/lint.ts'
import { type Preview, preview } from '../../policies/preview.ts'
import type { Snapshot } from '../../policies/snapshot.ts'
import { opens, requireLevel, requireVhost } from '../access.ts'
import { exchangeName } from '../api/exchange-entry.ts'
import { badRequest, notFound } from '../http-error.ts'
import { type Context, firstView, type View, viewOf } from '../view.ts'
import type { ControlCall, Route } from './route.ts'
import type { Schema } from './schema.ts'

export const viewText = { node: 'in the view of this node; of the first that runs by default' }
/** What the library returns under the same names. */
const plainObject: Schema = { type: 'object' }

export const policyRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/policies/preview',
    summary: 'What a change of policies would do, queue by queue; nothing is changed.',
    query: viewText,
    body: {
      type: 'object',
      description:
        '`set`: policies, `clear`: [{vhost, name}], or `replace`: all that there shall be; `operator: true` in a policy ' +
        'makes it an operator policy.',
    },
    answer: plainObject,
    level: 'management',
    handle: (call) => previewChange(viewOfCall(call), call.user, call.json()),
  },
  {
    method: 'GET',
    path: '/policies/explain/{vhost}/{kind}/{name}',
    summary: "Why a queue or an exchange follows the policies it does; `kind` is 'queue' or 'exchange'.",
    query: viewText,
    answer: plainObject,
    handle: (call) => explainObject(viewOfCall(call), call.user, call.params),
  },
  {
    method: 'GET',
    path: '/policies/lint',
    summary: 'What of the policies is wrong, risky or surprising.',
    query: viewText,
    answer: { type: 'array', items: plainObject },
    handle: (call) => lintPolicies(viewOfCall(call), call.user),
  },
]

/** The view that the parameter `node` asks for. Throws 404 or 503. */
export const viewOfCall = ({ context, query }: ControlCall) =>
  viewFor(context, query.get('node') ?? undefined)

/** The view that `node` asks for, or that of the first node that runs. Throws 404 or 503. */
function viewFor(context: Context, node: string | undefined): View {
  return node === undefined ? firstView(context) : viewOf(context, node)
}

/** What explain and preview read, of all objects or of some: with the rates that the sampler has seen. */
export function snapshotFor(
  { cluster, node, context: { statistics } }: View,
  objects: Objects | null = null,
): Snapshot {
  return snapshotOf(cluster, node.name, (queue) => statistics.rate(queue, 'publish'), objects)
}

/** `body` as `readChange` takes it. Throws 400 with one sentence, and 401 for vhosts that are not open to `user`. */
function previewChange(view: View, user: User, body: unknown): Preview {
  requireLevel(user, 'policymaker')
  const { definitions } = view
  const snapshot = snapshotFor(view)
  try {
    const change = readChange(body, snapshot, new Set(definitions.vhosts.keys()))
    for (const vhost of vhostsOf(change)) requireVhost(user, definitions, vhost)
    return preview(snapshot, change)
  } catch (error) {
    if (error instanceof PolicyChangeError) throw badRequest(error.message)
    throw error
  }
}

/** Throws 404 when there is no such object, or none that `user` may see, and 400 for another kind. */
function explainObject(
  view: View,
  user: User,
  { vhost = '', kind = '', name = '' }: Readonly<Record<string, string>>,
): Explanation {
  if (kind !== 'queue' && kind !== 'exchange')
    throw badRequest(`Queues and exchanges follow policies; '${kind}' must be 'queue' or 'exchange'.`)
  const { definitions } = view
  if (!definitions.vhosts.has(vhost)) throw notFound(`There is no virtual host '${vhost}'.`)
  requireVhost(user, definitions, vhost)
  const called = kind === 'exchange' ? exchangeName(name) : name
  const one = <T>(found: T | undefined) => (found === undefined ? [] : [found])
  const objects = {
    queues: kind === 'queue' ? one(definitions.queue(vhost, name)) : [],
    exchanges: kind === 'exchange' ? one(definitions.exchange(vhost, called)) : [],
  }
  const explanation = explain(snapshotFor(view, objects), kind, vhost, called)
  if (explanation === null) throw notFound(`There is no ${kind} '${name}' in virtual host '${vhost}'.`)
  return explanation
}

/** What lint finds in the vhosts that are open to `user`. */
function lintPolicies(view: View, user: User): Finding[] {
  const open = ({ vhost }: { readonly vhost: string }) => opens(user, view.definitions, vhost)
  const { queues, exchanges, policies, operatorPolicies, ...rest } = snapshotFor(view)
  return lint({
    ...rest,
    queues: queues.filter(open),
    exchanges: exchanges.filter(open),
    policies: policies.filter(open),
    operatorPolicies: operatorPolicies.filter(open),
  })
}
