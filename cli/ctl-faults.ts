// Warren's own verbs: kill_node, stop_node, start_node, freeze_node, thaw_node, partition, cut_link, slow_link, silence_link, heal_link,
// silence, deafen, heal and set_partition_handling. They ask for the fault and say what was done; what follows from it is the cluster's business and can be watched with the listing verbs.

import { type Session, segment, unexpected } from './ctl-session.ts'
import { WrongWords } from './failure.ts'

const announcements = {
  kill: 'Killing',
  stop: 'Stopping',
  start: 'Starting',
  freeze: 'Freezing',
  thaw: 'Thawing',
} as const

/** As SIGKILL, a clean stop, a start, SIGSTOP or SIGCONT; returns when it is done. */
export async function nodeVerb(
  session: Session,
  action: keyof typeof announcements,
  given: string,
): Promise<void> {
  const name = await session.named(given)
  session.say(`${announcements[action]} node ${name} ...`)
  const answer = await session.control('POST', `/warren/nodes/${segment(name)}/${action}`)
  if (answer.status !== 204) throw unexpected(`${action} of ${name}`, answer)
  if (action !== 'start') return
  const after = (await session.fresh().nodes()).find((node) => node.name === name)
  if (after?.state === 'waiting')
    session.say(`Node ${name} waits for a node that ran when it stopped; start the one that stopped last.`)
}

/** Each group is node names joined by commas; nodes not named form a group of their own. */
export async function partition(session: Session, given: readonly string[]): Promise<void> {
  const { groups, sides } = await sidesOf(session, given)
  session.say(`Cutting the links between ${sides} ...`)
  const answer = await session.control('PUT', '/warren/partition', { groups })
  if (answer.status >= 300) throw unexpected('the cut', answer)
}

/** As `partition`, but nobody is told: the nodes notice after the net tick. */
export async function silence(session: Session, given: readonly string[]): Promise<void> {
  const { groups, sides } = await sidesOf(session, given)
  session.say(`Silencing the links between ${sides} ...`)
  const answer = await session.control('PUT', '/warren/silence', { groups })
  if (answer.status >= 300) throw unexpected('the silence', answer)
}

/** Cuts one link: a partial partition while a third node sees both. */
export async function cutLink(session: Session, one: string, other: string): Promise<void> {
  const between = await linkOf(session, one, other)
  session.say(`Cutting the link between ${between.join(' and ')} ...`)
  const answer = await session.control('PUT', '/warren/partition', { between })
  if (answer.status >= 300) throw unexpected('the cut', answer)
}

/** Both ends by their full names. Throws WrongWords when they are one. */
async function linkOf(session: Session, one: string, other: string): Promise<readonly [string, string]> {
  const ends = [await session.named(one), await session.named(other)] as const
  if (ends[0] === ends[1]) throw new WrongWords(`node ${ends[0]} has no link to itself.`)
  return ends
}

const linkPath = ([one, other]: readonly [string, string]) =>
  `/warren/links/${segment(one)}/${segment(other)}?direction=both`

/** Delay in ms each way, rate in bytes a second; what is not given becomes as it was at first: none, and as many as come. */
export async function slowLink(
  session: Session,
  one: string,
  other: string,
  { delay = 0, rate }: { readonly delay?: number; readonly rate?: number },
): Promise<void> {
  const ends = await linkOf(session, one, other)
  if (delay === 0 && rate === undefined) throw new WrongWords('give --delay, --rate, or both.')
  const how = [`${delay} ms each way`, ...(rate === undefined ? [] : [`${rate} bytes/s`])].join(', ')
  session.say(`Slowing the link between ${ends.join(' and ')}: ${how} ...`)
  const body = { delay_ms: delay, bytes_per_second: rate ?? null }
  const answer = await session.control('PUT', linkPath(ends), body)
  if (answer.status >= 300) throw unexpected('the slowing', answer)
}

/** Nothing crosses it any more, and nobody is told. */
export async function silenceLink(session: Session, one: string, other: string): Promise<void> {
  const ends = await linkOf(session, one, other)
  session.say(`Silencing the link between ${ends.join(' and ')} ...`)
  const answer = await session.control('PUT', linkPath(ends), { state: 'silent' })
  if (answer.status >= 300) throw unexpected('the silence', answer)
}

/** It carries again, at once and as much as comes. */
export async function healLink(session: Session, one: string, other: string): Promise<void> {
  const ends = await linkOf(session, one, other)
  session.say(`Mending the link between ${ends.join(' and ')} ...`)
  const answer = await session.control('DELETE', linkPath(ends))
  if (answer.status >= 300) throw unexpected('the mending', answer)
}

/** What nodes do from now on when they lose sight of each other. */
export async function setPartitionHandling(
  session: Session,
  mode: string,
  { nodes, recover }: { readonly nodes?: string; readonly recover?: string },
): Promise<void> {
  const pausing = mode === 'pause_if_all_down'
  if (!pausing && (nodes !== undefined || recover !== undefined))
    throw new WrongWords('--nodes and --recover go with pause_if_all_down.')
  if (pausing && nodes === undefined)
    throw new WrongWords('pause_if_all_down needs --nodes: the nodes of which one must be reached.')
  const names = nodes === undefined ? [] : await namesIn(session, nodes)
  const how = names.length === 0 ? mode : `${mode} of ${names.join(', ')}`
  session.say(`Setting partition handling to ${how} ...`)
  const body = { mode, ...(pausing && { nodes: names, recover: recover ?? 'ignore' }) }
  const answer = await session.control('PUT', '/warren/partition-handling', body)
  if (answer.status >= 300) throw unexpected('the partition handling', answer)
}

/** What the others send no longer reaches the node, and nobody is told; what it sends arrives. */
export async function deafen(session: Session, given: string, others: string): Promise<void> {
  const node = await session.named(given)
  const from = await namesIn(session, others)
  if (from.includes(node)) throw new WrongWords(`node ${node} has no link to itself.`)
  session.say(`Making node ${node} deaf to ${from.join(', ')} ...`)
  const answer = await session.control('PUT', '/warren/silence', { node, from })
  if (answer.status >= 300) throw unexpected('the silence', answer)
}

function namesIn(session: Session, group: string): Promise<string[]> {
  const names = group.split(/[\s,]+/).filter((word) => word !== '')
  return Promise.all(names.map((name) => session.named(name)))
}

/** The groups as full names, and all sides in words. Throws WrongWords when they are not at least two. */
async function sidesOf(
  session: Session,
  given: readonly string[],
): Promise<{ groups: string[][]; sides: string }> {
  const groups: string[][] = []
  for (const group of given) groups.push(await namesIn(session, group))
  const flat = groups.flat()
  const twice = flat.find((name, i) => flat.indexOf(name) !== i)
  if (twice !== undefined)
    throw new WrongWords(`node ${twice} is named twice, a node is on one side of a cut.`)
  const others = (await session.nodes()).map(({ name }) => name).filter((name) => !flat.includes(name))
  const sides = [...groups, others].filter((side) => side.length > 0)
  if (sides.length < 2)
    throw new WrongWords('all nodes are on one side, name two groups or only some of the nodes.')
  return { groups, sides: sides.map((side) => side.join(', ')).join(' | ') }
}

export async function heal(session: Session): Promise<void> {
  session.say('Mending all links ...')
  const answer = await session.control('DELETE', '/warren/partition')
  if (answer.status >= 300) throw unexpected('the mending', answer)
}
