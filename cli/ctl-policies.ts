// The verbs that change policies and synchronise mirrors: set_policy, clear_policy, sync_queue, cancel_sync_queue.
// They speak the HTTP API and give its refusals in rabbitmqctl's words (docs/observed.md §1.3 and §4.8).

import type { ListedQueue } from './ctl-queues.ts'
import { type Session, segment, unexpected } from './ctl-session.ts'
import { exitCodes, Failure, refused } from './failure.ts'

export interface PolicyFlags {
  readonly priority: number
  readonly applyTo: string
}

export async function setPolicy(
  session: Session,
  name: string,
  pattern: string,
  definition: string,
  { priority, applyTo }: PolicyFlags,
): Promise<void> {
  session.say(
    `Setting policy "${name}" for pattern "${pattern}" to "${definition}" with priority "${priority}" ` +
      `for vhost "${session.vhost}" ...`,
  )
  const body = { pattern, definition: parsed(definition), priority, 'apply-to': applyTo }
  const answer = await session.api('PUT', `/policies/${segment(session.vhost)}/${segment(name)}`, body)
  if (answer.status === 201 || answer.status === 204) return
  if (answer.status === 404)
    throw new Failure(exitCodes.data, `Virtual host '${session.vhost}' does not exist`)
  const { reason } = (answer.body ?? {}) as { reason?: unknown }
  if (typeof reason !== 'string') throw unexpected('the policy', answer)
  throw refused(unescaped(reason))
}

/** Throws rabbitmqctl's refusal of what is not JSON. */
export function parsed(definition: string): unknown {
  try {
    return JSON.parse(definition)
  } catch {
    throw refused('JSON decoding error. Reason: badarg')
  }
}

const characters: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'" }

/** The HTTP API escapes validation texts for HTML, the control tool does not. */
export function unescaped(reason: string): string {
  return reason.replace(/&(lt|gt|amp|quot|#39);/g, (_, name: string) => characters[name]!)
}

export async function clearPolicy(session: Session, name: string): Promise<void> {
  session.say(`Clearing policy "${name}" on vhost "${session.vhost}" ...`)
  const answer = await session.api('DELETE', `/policies/${segment(session.vhost)}/${segment(name)}`)
  if (answer.status === 404) throw refused('Parameter does not exist')
  if (answer.status !== 204) throw unexpected('the removal', answer)
}

/** How often to look whether mirrors are filled. */
const lookMs = 100

export async function syncQueue(session: Session, name: string): Promise<void> {
  session.say(`Synchronising queue '${name}' in vhost '${session.vhost}' ...`)
  const queue = await queueNamed(session, name)
  if (queue.slave_nodes === undefined) throw refused('not_mirrored')
  await act(session, name, 'sync')
  // The real one asks the queue itself, which answers when it is done.
  while ((await queueNamed(session, name)).state === 'syncing')
    await new Promise((resolve) => setTimeout(resolve, lookMs))
}

export async function cancelSyncQueue(session: Session, name: string): Promise<void> {
  session.say(`Stopping synchronising queue '${name}' in vhost '${session.vhost}' ...`)
  const queue = await queueNamed(session, name)
  if (queue.state === 'syncing') await act(session, name, 'cancel_sync')
  else session.print('not_syncing')
}

function pathOf(session: Session, name: string): string {
  return `/queues/${segment(session.vhost)}/${segment(name)}`
}

async function queueNamed(session: Session, name: string): Promise<ListedQueue> {
  const answer = await session.api('GET', pathOf(session, name))
  if (answer.status === 404) throw refused('not_found')
  if (answer.status !== 200) throw unexpected('the queue', answer)
  return answer.body as ListedQueue
}

async function act(session: Session, name: string, action: string): Promise<void> {
  const answer = await session.api('POST', `${pathOf(session, name)}/actions`, { action })
  if (answer.status !== 204) throw unexpected(action, answer)
}
