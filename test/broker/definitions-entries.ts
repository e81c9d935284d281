// Entries of definitions as the tests of their import need them, and the question what the broker makes of some. In all of
// them `$v` is the realm's vhost and `$u` its user.

import type { Realm } from './realm.ts'

/** What the broker answers to the definitions, of the cluster or, at `/definitions/$v`, of the realm's vhost. */
export async function takeIn(
  here: Realm,
  body: unknown,
  path = '/definitions',
): Promise<[status: number, body: unknown]> {
  const filled = JSON.stringify(body).replaceAll('$v', here.vhost).replaceAll('$u', here.user)
  const answer = await here.ask('POST', path.replace('$v', here.vhost), JSON.parse(filled))
  return [answer.status, JSON.parse(JSON.stringify(answer.body).replaceAll(here.vhost, '$v'))]
}

export const taken = [204, '']
export const queue = (name: string, more: object = {}) => ({
  vhost: '$v',
  name,
  durable: true,
  auto_delete: false,
  arguments: {},
  ...more,
})
export const exchange = (name: string, type: string) => ({ ...queue(name), type, internal: false })
export const binding = (source: string, destination: string) => ({
  vhost: '$v',
  source,
  destination,
  destination_type: 'queue',
  routing_key: 'k',
  arguments: {},
})
export const policy = (definition: unknown, more: object = {}) => ({
  vhost: '$v',
  name: 'p',
  pattern: '^x',
  definition,
  ...more,
})
export const operatorPolicy = (value: unknown, vhost = '$v') => ({
  vhost,
  component: 'operator_policy',
  name: 'o',
  value,
})
export const limits = (value: unknown) => ({ vhost: '$v', component: 'vhost-limits', name: 'limits', value })
export const permission = (more: object = {}) => ({
  user: '$u',
  vhost: '$v',
  configure: '',
  write: '',
  read: '',
  ...more,
})
