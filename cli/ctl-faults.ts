// Warren's own verbs: kill_node, stop_node, start_node, partition and heal. They ask for the fault and say what was
// done; what follows from it is the cluster's business and can be watched with the listing verbs.

import { type Session, segment, unexpected } from './ctl-session.ts'
import { WrongWords } from './failure.ts'

const announcements = { kill: 'Killing', stop: 'Stopping', start: 'Starting' } as const

/** As SIGKILL, a clean stop, or a start; returns when it is done. */
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
  const groups: string[][] = []
  for (const group of given) {
    const names = group.split(/[\s,]+/).filter((word) => word !== '')
    groups.push(await Promise.all(names.map((name) => session.named(name))))
  }
  const flat = groups.flat()
  const twice = flat.find((name, i) => flat.indexOf(name) !== i)
  if (twice !== undefined)
    throw new WrongWords(`node ${twice} is named twice, a node is on one side of a cut.`)
  const others = (await session.nodes()).map(({ name }) => name).filter((name) => !flat.includes(name))
  const sides = [...groups, others].filter((side) => side.length > 0)
  if (sides.length < 2)
    throw new WrongWords('all nodes are on one side, name two groups or only some of the nodes.')
  session.say(`Cutting the links between ${sides.map((side) => side.join(', ')).join(' | ')} ...`)
  const answer = await session.control('PUT', '/warren/partition', { groups })
  if (answer.status >= 300) throw unexpected('the cut', answer)
}

export async function heal(session: Session): Promise<void> {
  session.say('Mending all links ...')
  const answer = await session.control('DELETE', '/warren/partition')
  if (answer.status >= 300) throw unexpected('the mending', answer)
}
