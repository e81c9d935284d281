// The verbs about limits of users and virtual hosts, and the small ones about both: authenticate_user, clear_password,
// set_vhost_tags, list_user_topic_permissions, restart_vhost. In rabbitmqctl's words and exit codes, as recorded
// (test/data/ctl.json).

import { erlangString } from '../policies/erlang.ts'
import { isRecord } from '../policies/policy.ts'
import { type ListFlags, show } from './ctl-lists.ts'
import { type Session, segment, unexpected } from './ctl-session.ts'
import { exitCodes, Failure, refused } from './failure.ts'

type Row = Readonly<Record<string, unknown>>
type Limits = Readonly<Record<string, unknown>>

const noUser = (name: string) => refused(`{:no_such_user, "${name}"}`)
const noVhost = (name: string) => new Failure(exitCodes.data, `Virtual host '${name}' does not exist`)

/** What the definition says; throws rabbitmqctl's refusals of what is not JSON and of limits there are not. */
function limitsIn(text: string, known: readonly string[], refusal: (terms: string) => string): Limits {
  let limits: unknown
  try {
    limits = JSON.parse(text)
  } catch {
    throw refused('JSON decoding error. Reason: badarg')
  }
  if (!isRecord(limits)) throw refused(refusal('[]'))
  const unknown = Object.entries(limits).filter(([name]) => !known.includes(name))
  const terms = unknown.map(([name, value]) => `{<<${erlangString(name)}>>,${erlang(value)}}`)
  if (unknown.length > 0) throw refused(refusal(`[${terms.join(',')}]`))
  return limits
}

const erlang = (value: unknown): string =>
  typeof value === 'string' ? `<<${erlangString(value)}>>` : JSON.stringify(value)

/** Limits as rabbitmqctl prints them, by name. */
const limitsText = (limits: Limits) =>
  JSON.stringify(Object.fromEntries(Object.entries(limits).sort(([a], [b]) => (a < b ? -1 : 1))))

async function requireUser(session: Session, name: string): Promise<Row> {
  const answer = await session.api('GET', `/users/${segment(name)}`)
  if (answer.status === 404) throw noUser(name)
  if (answer.status !== 200) throw unexpected('the user', answer)
  return answer.body as Row
}

async function requireVhost(session: Session): Promise<void> {
  const answer = await session.api('GET', `/vhosts/${segment(session.vhost)}`)
  if (answer.status === 404) throw noVhost(session.vhost)
  if (answer.status !== 200) throw unexpected('the virtual host', answer)
}

async function putLimits(
  session: Session,
  kind: 'user' | 'vhost',
  of: string,
  limits: Limits,
): Promise<void> {
  for (const [name, value] of Object.entries(limits)) {
    const path = `/${kind}-limits/${segment(of)}/${segment(name)}`
    const answer = await session.api('PUT', path, { value })
    if (answer.status >= 300) throw unexpected('the limit', answer)
  }
}

// ---- limits of users

const userLimits = ['max-connections', 'max-channels']

export async function setUserLimits(session: Session, user: string, definition: string): Promise<void> {
  session.say(`Setting user limits to "${definition}" for user "${user}" ...`)
  const limits = limitsIn(definition, userLimits, (terms) => `Unrecognised terms ${terms} in user-limits`)
  await requireUser(session, user)
  await putLimits(session, 'user', user, limits)
}

export async function clearUserLimits(session: Session, user: string, limit: string): Promise<void> {
  session.say(
    limit === 'all'
      ? `Clearing all limits for user "${user}" ...`
      : `Clearing "${limit}" limit for user "${user}" ...`,
  )
  await requireUser(session, user)
  for (const name of limit === 'all' ? userLimits : [limit]) {
    const answer = await session.api('DELETE', `/user-limits/${segment(user)}/${segment(name)}`)
    if (answer.status >= 300 && answer.status !== 404) throw unexpected('the removal', answer)
  }
}

interface UserLimitFlags extends ListFlags {
  readonly user?: string
  readonly global?: boolean
}

export async function listUserLimits(session: Session, flags: UserLimitFlags): Promise<void> {
  const all = async (path: string) => session.get<{ user: string; value: Limits }[]>(path)
  if (flags.global) {
    session.say('Listing limits for all users ...')
    const rows = (await all('/user-limits')).map(({ user, value }) => [user, limitsText(value)])
    return show(session, ['user', 'limits'], rows, flags)
  }
  const { user = decodeURIComponent(session.flags.url.username || 'guest') } = flags
  session.say(`Listing limits for user "${user}" ...`)
  await requireUser(session, user)
  const [own] = await all(`/user-limits/${segment(user)}`)
  const message = limitsText(own?.value ?? {})
  session.tell(message, { message })
}

// ---- limits of vhosts

const vhostLimits = ['max-connections', 'max-queues']

export async function setVhostLimits(session: Session, definition: string): Promise<void> {
  session.say(`Setting vhost limits to "${definition}" for vhost "${session.vhost}" ...`)
  const refusal = (terms: string) => `Validation failed\n\nUnrecognised terms ${terms} in limits\n`
  await requireVhost(session)
  await putLimits(session, 'vhost', session.vhost, limitsIn(definition, vhostLimits, refusal))
}

export async function clearVhostLimits(session: Session): Promise<void> {
  session.say(`Clearing vhost "${session.vhost}" limits ...`)
  await requireVhost(session)
  for (const name of vhostLimits) {
    const answer = await session.api('DELETE', `/vhost-limits/${segment(session.vhost)}/${name}`)
    if (answer.status >= 300 && answer.status !== 404) throw unexpected('the removal', answer)
  }
}

interface VhostLimitFlags extends ListFlags {
  readonly global?: boolean
}

export async function listVhostLimits(session: Session, flags: VhostLimitFlags): Promise<void> {
  const all = async (path: string) => session.get<{ vhost: string; value: Limits }[]>(path)
  if (flags.global) {
    session.say('Listing limits for all vhosts ...')
    const rows = (await all('/vhost-limits')).map(({ vhost, value }) => [vhost, limitsText(value)])
    return show(session, ['vhost', 'limits'], rows, flags)
  }
  session.say(`Listing limits for vhost "${session.vhost}" ...`)
  await requireVhost(session)
  const [own] = await all(`/vhost-limits/${segment(session.vhost)}`)
  if (own === undefined) return
  const value = limitsText(own.value)
  session.tell(value, { node: await session.target(), result: 'ok', value })
}

// ---- users and vhosts

/** Somebody known who may not use the HTTP API has logged in all the same. */
export async function authenticateUser(session: Session, name: string, password: string): Promise<void> {
  session.say(`Authenticating user "${name}" ...`)
  const basic = Buffer.from(`${name}:${password}`).toString('base64')
  const answer = await session.asOther(basic, '/whoami')
  const { error } = (answer.body ?? {}) as { error?: string }
  if (answer.status === 200 || error === 'not_authorised') return session.tell('Success')
  throw new Failure(
    exitCodes.data,
    `Error:\nError: failed to authenticate user "${name}"\nuser '${name}' - invalid credentials\n`,
  )
}

export async function clearPassword(session: Session, name: string): Promise<void> {
  session.say(`Clearing password for user "${name}" ...`)
  const { tags } = await requireUser(session, name)
  const answer = await session.api('PUT', `/users/${segment(name)}`, { password_hash: '', tags })
  if (answer.status >= 300) throw unexpected('the change', answer)
}

export async function setVhostTags(session: Session, name: string, tags: readonly string[]): Promise<void> {
  session.say(`Setting tags for virtual host "${name}" to [${tags.join(', ')}] ...`)
  const answer = await session.api('GET', `/vhosts/${segment(name)}`)
  if (answer.status === 404)
    throw new Failure(exitCodes.data, `Error:\nVirtual host "${name}" does not exist\n`)
  const { description } = answer.body as Row
  const put = await session.api('PUT', `/vhosts/${segment(name)}`, { description, tags: tags.join(',') })
  if (put.status >= 300) throw unexpected('the change', put)
}

export async function restartVhost(session: Session): Promise<void> {
  const node = await session.target()
  const { vhost } = session
  session.say(`Trying to restart vhost '${vhost}' on node '${node}' ...`)
  const answer = await session.api('GET', `/vhosts/${segment(vhost)}`)
  if (answer.status === 404)
    throw new Failure(exitCodes.data, `Error:\nVirtual host ${vhost} does not exist\n`)
  session.tell(`Vhost '${vhost}' is already running on node '${node}'`)
}

export async function listUserTopicPermissions(
  session: Session,
  user: string,
  flags: ListFlags,
): Promise<void> {
  session.say(`Listing topic permissions for user "${user}" ...`)
  await requireUser(session, user)
  const found = await session.get<Row[]>(`/users/${segment(user)}/topic-permissions`)
  const columns = ['vhost', 'exchange', 'write', 'read']
  const rows = found.map((row) => columns.map((column) => String(row[column])))
  // The real one leaves out the header line.
  show(session, columns, rows, { ...flags, tableHeaders: false })
}
