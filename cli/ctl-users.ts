// The verbs about vhosts, users and permissions: add_user, set_permissions, list_users and so on. They speak the HTTP API
// and give its answers in rabbitmqctl's words and exit codes (docs/observed.md §16.2).

import { chosenColumns, type ListFlags, show } from './ctl-lists.ts'
import type { Cell } from './ctl-output.ts'
import { type Session, segment, unexpected } from './ctl-session.ts'
import { type ExitCode, exitCodes, Failure, refused } from './failure.ts'
import type { Answer } from './http.ts'

type Row = Readonly<Record<string, unknown>>

const failure = (code: ExitCode, reason: string) => new Failure(code, `Error:\n${reason}\n`)
const noUser = (name: string) => failure(exitCodes.noUser, `User "${name}" does not exist`)
const noVhost = (name: string) => new Failure(exitCodes.data, `Virtual host '${name}' does not exist`)

/** The answer of a change that must succeed. */
function done(what: string, answer: Answer): void {
  if (answer.status >= 300) throw unexpected(what, answer)
}

/** The user as the HTTP API shows it; null when there is none. */
async function lookUp(session: Session, path: string): Promise<Row | null> {
  const answer = await session.api('GET', path)
  if (answer.status === 404) return null
  if (answer.status !== 200) throw unexpected(`GET /api${path}`, answer)
  return answer.body as Row
}

const userPath = (name: string) => `/users/${segment(name)}`
const vhostPath = (name: string) => `/vhosts/${segment(name)}`

// ---- users

export async function addUser(session: Session, name: string, password: string): Promise<void> {
  session.say(`Adding user "${name}" ...`)
  if ((await lookUp(session, userPath(name))) !== null)
    throw failure(exitCodes.software, `User "${name}" already exists`)
  done('the new user', await session.api('PUT', userPath(name), { password, tags: '' }))
  session.say(
    "Done. Don't forget to grant the user permissions to some virtual hosts! See 'warren ctl help set_permissions' to learn more.",
  )
}

export async function deleteUser(session: Session, name: string): Promise<void> {
  session.say(`Deleting user "${name}" ...`)
  const answer = await session.api('DELETE', userPath(name))
  if (answer.status === 404) throw noUser(name)
  done('the removal', answer)
}

export async function changePassword(session: Session, name: string, password: string): Promise<void> {
  session.say(`Changing password for user "${name}" ...`)
  const user = await lookUp(session, userPath(name))
  if (user === null) throw noUser(name)
  done('the change', await session.api('PUT', userPath(name), { password, tags: user['tags'] }))
}

export async function setUserTags(session: Session, name: string, tags: readonly string[]): Promise<void> {
  session.say(`Setting tags for user "${name}" to [${tags.join(', ')}] ...`)
  const user = await lookUp(session, userPath(name))
  if (user === null) throw noUser(name)
  const { password_hash, hashing_algorithm } = user
  const body = { password_hash, hashing_algorithm, tags }
  done('the change', await session.api('PUT', userPath(name), body))
}

export async function listUsers(session: Session, flags: ListFlags): Promise<void> {
  session.say('Listing users ...')
  const users = await session.get<{ name: string; tags: string[] }[]>('/users')
  const rows = users.map(({ name, tags }): Cell[] => [name, { names: tags }])
  show(session, ['user', 'tags'], rows, flags)
}

// ---- vhosts

export interface VhostFlags {
  readonly description?: string
  readonly tags?: string
}

/** One that is there is left as it is. Unlike over HTTP, whoever makes it gets no permissions in it. */
export async function addVhost(
  session: Session,
  name: string,
  { description = '', tags = '' }: VhostFlags,
): Promise<void> {
  session.say(`Adding vhost "${name}" ...`)
  if ((await lookUp(session, vhostPath(name))) !== null) return
  done('the new vhost', await session.api('PUT', vhostPath(name), { description, tags }))
  const maker = decodeURIComponent(session.flags.url.username || 'guest')
  done('the new vhost', await session.api('DELETE', `/permissions/${segment(name)}/${segment(maker)}`))
}

export async function deleteVhost(session: Session, name: string): Promise<void> {
  session.say(`Deleting vhost "${name}" ...`)
  const answer = await session.api('DELETE', vhostPath(name))
  if (answer.status === 404) throw noVhost(name)
  done('the removal', answer)
}

export const vhostColumns = ['name', 'description', 'tags', 'default_queue_type', 'tracing', 'cluster_state']

export async function listVhosts(session: Session, given: string[], flags: ListFlags): Promise<void> {
  const columns = chosenColumns(given, vhostColumns, ['name'])
  session.say('Listing vhosts ...')
  const vhosts = await session.get<Row[]>('/vhosts')
  const cell = (value: unknown): Cell => {
    if (Array.isArray(value)) return { names: value as string[] }
    return typeof value === 'object' ? { table: value as Row } : (value as Cell)
  }
  const rows = vhosts.map((vhost) => columns.map((column) => cell(vhost[column])))
  show(session, columns, rows, flags)
}

/** Copies what clients of the virtual host send and get through one node to amq.rabbitmq.trace, or no longer. */
export async function trace(session: Session, on: boolean): Promise<void> {
  const { vhost } = session
  session.say(`${on ? 'Starting' : 'Stopping'} tracing for vhost "${vhost}" ...`)
  const known = await lookUp(session, vhostPath(vhost))
  if (known === null) throw noVhost(vhost)
  const { description, tags } = known
  done('the change', await session.api('PUT', vhostPath(vhost), { description, tags, tracing: on }))
  const value = `Trace ${on ? 'enabled' : 'disabled'} for vhost ${vhost}`
  session.tell(value, { node: await session.target(), result: 'ok', value })
}

// ---- permissions

const permissionPath = (session: Session, user: string) =>
  `/permissions/${segment(session.vhost)}/${segment(user)}`

export async function setPermissions(
  session: Session,
  user: string,
  configure: string,
  write: string,
  read: string,
): Promise<void> {
  session.say(`Setting permissions for user "${user}" in vhost "${session.vhost}" ...`)
  const answer = await session.api('PUT', permissionPath(session, user), { configure, write, read })
  await explain(session, user, answer)
}

export async function clearPermissions(session: Session, user: string): Promise<void> {
  session.say(`Clearing permissions for user "${user}" in vhost "${session.vhost}" ...`)
  const answer = await session.api('DELETE', permissionPath(session, user))
  if (answer.status === 404) await requireUserAndVhost(session, user)
  else done('the removal', answer)
}

/** Throws what a refused permission means. */
async function explain(session: Session, user: string, answer: Answer): Promise<void> {
  if (answer.status < 300) return
  await requireUserAndVhost(session, user)
  const { reason } = (answer.body ?? {}) as { reason?: unknown }
  if (!Array.isArray(reason) || reason[0] !== 'invalid_regexp') throw unexpected('the permission', answer)
  const [, pattern, [complaint, at]] = reason as [string, string | number[], [number[], number]]
  const shown = typeof pattern === 'string' ? `"${pattern}"` : `'${Buffer.from(pattern)}'`
  throw refused(`{:invalid_regexp, ${shown}, {'${Buffer.from(complaint)}', ${at}}}`)
}

async function requireUserAndVhost(session: Session, user: string): Promise<void> {
  if ((await lookUp(session, userPath(user))) === null)
    throw failure(exitCodes.noUser, `User ${user} does not exist`)
  if ((await lookUp(session, vhostPath(session.vhost))) === null)
    throw refused(`Virtual host ${session.vhost} does not exist`)
}

async function listOfVhost(
  session: Session,
  kind: string,
  columns: readonly string[],
  flags: ListFlags,
): Promise<void> {
  const answer = await session.api('GET', `${vhostPath(session.vhost)}/${kind}`)
  if (answer.status === 404) throw noVhost(session.vhost)
  if (answer.status !== 200) throw unexpected(`GET /api/vhosts/…/${kind}`, answer)
  const rows = (answer.body as Row[]).map((row) => columns.map((column) => row[column] as Cell))
  show(session, columns, rows, flags)
}

export async function listPermissions(session: Session, flags: ListFlags): Promise<void> {
  session.say(`Listing permissions for vhost "${session.vhost}" ...`)
  await listOfVhost(session, 'permissions', ['user', 'configure', 'write', 'read'], flags)
}

export async function listUserPermissions(session: Session, user: string, flags: ListFlags): Promise<void> {
  session.say(`Listing permissions for user "${user}" ...`)
  const answer = await session.api('GET', `${userPath(user)}/permissions`)
  if (answer.status === 404) throw refused(`{:no_such_user, "${user}"}`)
  if (answer.status !== 200) throw unexpected('GET /api/users/…/permissions', answer)
  const columns = ['vhost', 'configure', 'write', 'read']
  const rows = (answer.body as Row[]).map((row) => columns.map((column) => row[column] as Cell))
  show(session, columns, rows, flags)
}

// ---- topic permissions

export async function setTopicPermissions(
  session: Session,
  user: string,
  exchange: string,
  write: string,
  read: string,
): Promise<void> {
  session.say(`Setting topic permissions on "${exchange}" for user "${user}" in vhost "${session.vhost}" ...`)
  const path = `/topic-permissions/${segment(session.vhost)}/${segment(user)}`
  await explain(session, user, await session.api('PUT', path, { exchange, write, read }))
}

export async function clearTopicPermissions(
  session: Session,
  user: string,
  exchange: string | undefined,
): Promise<void> {
  const where = `for user "${user}" in vhost "${session.vhost}"`
  session.say(`Clearing topic permissions ${exchange === undefined ? '' : `on "${exchange}" `}${where} ...`)
  const all = `/topic-permissions/${segment(session.vhost)}/${segment(user)}`
  const answer = await session.api('DELETE', exchange === undefined ? all : `${all}/${segment(exchange)}`)
  if (answer.status === 404) await requireUserAndVhost(session, user)
  else done('the removal', answer)
}

export async function listTopicPermissions(session: Session, flags: ListFlags): Promise<void> {
  session.say(`Listing topic permissions for vhost "${session.vhost}" ...`)
  await listOfVhost(session, 'topic-permissions', ['user', 'exchange', 'write', 'read'], flags)
}
