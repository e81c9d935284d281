// Steps that are requests of the HTTP API: policies, actions on a queue, and any other. Used by `drive`; nodes are named in
// steps as `node1`, …, and as the site names them in requests.

import type { Step, Table } from '../steps.ts'
import { commonNames, request, type Site } from './site.ts'

type Of<K extends Step['do']> = Extract<Step, { do: K }>

/** The status. */
export async function setPolicy(
  site: Site,
  vhost: string,
  step: Of<'policy' | 'clear-policy'>,
): Promise<string> {
  const kind = step.operator ? 'operator-policies' : 'policies'
  const path = `${kind}/${encodeURIComponent(vhost)}/${step.name}`
  const { status } =
    step.do === 'clear-policy'
      ? await request(site, step.on, 'DELETE', path)
      : await request(site, step.on, 'PUT', path, {
          pattern: step.pattern,
          definition: ownNames(site, step.definition),
          priority: step.priority ?? 0,
          'apply-to': 'queues',
        })
  return String(status)
}

/** The status. */
export async function queueAction(
  site: Site,
  vhost: string,
  step: Of<'sync' | 'cancel-sync'>,
): Promise<string> {
  const path = `queues/${encodeURIComponent(vhost)}/${step.queue}/actions`
  const action = step.do === 'sync' ? 'sync' : 'cancel_sync'
  return String((await request(site, step.on, 'POST', path, { action })).status)
}

/** The status; why it was refused; the bodies of the messages that were fetched. */
export async function plainRequest(site: Site, vhost: string, step: Of<'http'>): Promise<string> {
  const path = step.path.replace('VHOST', encodeURIComponent(vhost))
  const { status, body } = await request(
    site,
    step.on,
    step.method,
    path,
    step.body && ownNames(site, step.body),
  )
  if (status === 0) return 'no answer'
  if (Array.isArray(body)) return [status, ...(body as Fetched[]).map(fetched)].join(' ')
  const reason = (body as { reason?: unknown } | null)?.reason
  return reason === undefined ? String(status) : commonNames(`${status} ${String(reason)}`, site, vhost)
}

interface Fetched {
  readonly payload?: string
  readonly redelivered?: boolean
}

const fetched = ({ payload, redelivered }: Fetched) => `${payload ?? '-'}${redelivered ? '*' : ''}`

function ownNames(site: Site, table: Table): Table {
  const own = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(own)
    const node = Number(/^node(\d+)$/.exec(String(value))?.[1])
    return node <= site.size ? site.nameOf(node) : value
  }
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [key, own(value)]))
}
