// The verbs about operator policies, runtime parameters, the cluster's name and feature flags. In rabbitmqctl's words and exit
// codes, as recorded (test/data/ctl.json).

import { compilePattern } from '../policies/pattern.ts'
import { type ListFlags, plainCell, policyColumns, policyRow, show } from './ctl-lists.ts'
import type { PolicyFlags } from './ctl-policies.ts'
import { parsed, unescaped } from './ctl-policies.ts'
import { type Session, segment, unexpected } from './ctl-session.ts'
import { exitCodes, Failure, refused } from './failure.ts'
import type { Answer } from './http.ts'

type Row = Readonly<Record<string, unknown>>

const noVhost = (name: string) => new Failure(exitCodes.data, `Virtual host '${name}' does not exist`)

async function ofVhost(session: Session, path: string): Promise<Row[]> {
  const answer = await session.api('GET', `${path}/${segment(session.vhost)}`)
  if (answer.status === 404) throw noVhost(session.vhost)
  if (answer.status !== 200) throw unexpected(`GET /api${path}`, answer)
  return answer.body as Row[]
}

/** Throws what the answer of a change says. */
function done(answer: Answer, vhost?: string): void {
  if (answer.status < 300) return
  if (answer.status === 404 && vhost !== undefined) throw noVhost(vhost)
  const { reason } = (answer.body ?? {}) as { reason?: unknown }
  throw typeof reason === 'string' ? refused(unescaped(reason)) : unexpected('the change', answer)
}

/** Throws unless there was something to remove. */
function removed(answer: Answer): void {
  if (answer.status === 404) throw refused('Parameter does not exist')
  if (answer.status >= 300) throw unexpected('the removal', answer)
}

// ---- operator policies

export async function setOperatorPolicy(
  session: Session,
  name: string,
  pattern: string,
  definition: string,
  { priority, applyTo }: PolicyFlags,
): Promise<void> {
  const { vhost } = session
  session.say(
    `Setting operator policy override "${name}" for pattern "${pattern}" to "${definition}" with priority ` +
      `"${priority}" for vhost "${vhost}" ...`,
  )
  const body = { pattern, definition: parsed(definition), priority, 'apply-to': applyTo }
  done(await session.api('PUT', `/operator-policies/${segment(vhost)}/${segment(name)}`, body), vhost)
}

export async function clearOperatorPolicy(session: Session, name: string): Promise<void> {
  session.say(`Clearing operator policy "${name}" on vhost "${session.vhost}" ...`)
  removed(await session.api('DELETE', `/operator-policies/${segment(session.vhost)}/${segment(name)}`))
}

export async function listOperatorPolicies(session: Session, flags: ListFlags): Promise<void> {
  session.say(`Listing operator policy overrides for vhost "${session.vhost}" ...`)
  show(session, policyColumns, (await ofVhost(session, '/operator-policies')).map(policyRow), flags)
}

interface MatchFlags extends ListFlags {
  readonly kind: string
}

/** Those whose pattern matches the name, the one that holds first. */
export async function listPoliciesThatMatch(
  session: Session,
  name: string,
  flags: MatchFlags,
): Promise<void> {
  session.say(`Listing policies that match ${flags.kind} '${name}' in vhost '${session.vhost}' ...`)
  const fits = (policy: Row) =>
    ['all', `${flags.kind}s`].includes(String(policy['apply-to'])) &&
    compilePattern(String(policy['pattern'])).test(name)
  const found = (await ofVhost(session, '/policies')).filter(fits)
  found.sort((a, b) => Number(b['priority']) - Number(a['priority']))
  show(session, policyColumns, found.map(policyRow), flags)
}

// ---- parameters

const componentPath = (session: Session, component: string, name: string) =>
  `/parameters/${segment(component)}/${segment(session.vhost)}/${segment(name)}`

export async function setParameter(
  session: Session,
  component: string,
  name: string,
  value: string,
): Promise<void> {
  session.say(
    `Setting runtime parameter "${name}" for component "${component}" to "${value}" in vhost "${session.vhost}" ...`,
  )
  const body = { component, vhost: session.vhost, name, value: parsed(value) }
  done(await session.api('PUT', componentPath(session, component, name), body), session.vhost)
}

export async function clearParameter(session: Session, component: string, name: string): Promise<void> {
  session.say(
    `Clearing runtime parameter "${name}" for component "${component}" on vhost "${session.vhost}" ...`,
  )
  removed(await session.api('DELETE', componentPath(session, component, name)))
}

export async function listParameters(session: Session, flags: ListFlags): Promise<void> {
  session.say(`Listing runtime parameters for vhost "${session.vhost}" ...`)
  const answer = await session.api('GET', `/vhosts/${segment(session.vhost)}`)
  if (answer.status === 404) throw noVhost(session.vhost)
  const found = await session.get<Row[]>('/parameters')
  const rows = found
    .filter(({ vhost }) => vhost === session.vhost)
    .map(({ component, name, value }) => [String(component), String(name), JSON.stringify(value)])
  show(session, ['component', 'name', 'value'], rows, flags)
}

export async function setGlobalParameter(session: Session, name: string, value: string): Promise<void> {
  session.say(`Setting global runtime parameter "${name}" to "${value}" ...`)
  done(await session.api('PUT', `/global-parameters/${segment(name)}`, { name, value: parsed(value) }))
}

export async function clearGlobalParameter(session: Session, name: string): Promise<void> {
  session.say(`Clearing global runtime parameter "${name}" ...`)
  removed(await session.api('DELETE', `/global-parameters/${segment(name)}`))
}

export async function listGlobalParameters(session: Session, flags: ListFlags): Promise<void> {
  session.say('Listing global runtime parameters ...')
  const found = await session.get<Row[]>('/global-parameters')
  const rows = found.map(({ name, value }) => [String(name), JSON.stringify(value)])
  show(session, ['name', 'value'], rows, flags)
}

export async function setClusterName(session: Session, name: string): Promise<void> {
  session.say(`Setting cluster name to ${name} ...`)
  done(await session.api('PUT', '/cluster-name', { name }))
}

// ---- feature flags

export const flagColumns = ['name', 'state', 'stability', 'provided_by', 'desc', 'doc_url']

export async function listFeatureFlags(
  session: Session,
  columns: readonly string[],
  flags: ListFlags,
): Promise<void> {
  session.say('Listing feature flags ...')
  const found = await session.get<Row[]>('/feature-flags')
  show(
    session,
    columns,
    found.map((flag) => columns.map((column) => plainCell(flag, column))),
    flags,
  )
}

/** All are enabled already. */
export async function enableFeatureFlag(session: Session, name: string): Promise<void> {
  session.say(name === 'all' ? 'Enabling all feature flags ...' : `Enabling feature flag "${name}" ...`)
  const found = await session.get<Row[]>('/feature-flags')
  if (name === 'all' || found.some((flag) => flag['name'] === name)) return
  const node = await session.target()
  throw new Failure(exitCodes.usage, `Error:\nThis feature flag is not supported by node ${node}\n`)
}
