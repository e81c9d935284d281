// Membership in rabbitmqctl's words: join_cluster, reset, forget_cluster_node and their like, and Warren's own add_node. Each
// asks the control API and prints what rabbitmqctl prints; refusals come back with rabbitmqctl's texts and exit codes.

import { type Session, segment, unexpected } from './ctl-session.ts'
import { exitCodes, Failure, refused } from './failure.ts'

interface Refusal {
  readonly error?: string
  readonly reason?: string
  readonly node?: string
}

/** Asks `node` to do `verb`; throws rabbitmqctl's refusal. */
async function ask(session: Session, node: string, verb: string, body?: object): Promise<unknown> {
  const answer = await session.control('POST', `/warren/nodes/${segment(node)}/${verb}`, body)
  if (answer.status < 300) return answer.body
  const { error, reason = '', node: about = node } = (answer.body ?? {}) as Refusal
  switch (error) {
    case 'app_running':
    case 'process_running':
      throw new Failure(exitCodes.usage, `Error: ${reason}\nArguments given:\n\t${session.verb}\n`)
    case 'node_down':
      throw session.unreachable(about, `not running; start it with: warren ctl start_node ${about}`)
    case 'software':
      throw new Failure(exitCodes.software, `Error:\n${reason}\n`)
    case 'refused':
      throw refused(reason)
    default:
      throw unexpected(`${verb} of ${node}`, answer)
  }
}

export async function stopApp(session: Session): Promise<void> {
  const node = await session.addressed()
  session.say(`Stopping rabbit application on node ${node} ...`)
  await ask(session, node, 'stop_app')
}

export async function startApp(session: Session): Promise<void> {
  const node = await session.addressed()
  session.say(`Starting node ${node} ...`)
  await ask(session, node, 'start_app')
  const after = (await session.fresh().nodes()).find(({ name }) => name === node)
  if (after?.state === 'waiting')
    session.say(
      `Node ${node} waits for a node that ran when it stopped; start the one that stopped last, or force_boot.`,
    )
}

export async function joinCluster(session: Session, given: string, options: { ram?: true }): Promise<void> {
  const node = await session.addressed()
  const target = await session.perhapsNamed(given)
  session.say(`Clustering node ${node} with ${target}`)
  const type = options.ram === true ? 'ram' : 'disc'
  const answer = (await ask(session, node, 'join_cluster', { node: target, type })) as { joined: boolean }
  if (!answer.joined) session.say('The node is already a member of this cluster')
}

export async function reset(session: Session): Promise<void> {
  const node = await session.addressed()
  session.say(`Resetting node ${node} ...`)
  await ask(session, node, 'reset')
}

export async function forceReset(session: Session): Promise<void> {
  const node = await session.addressed()
  session.say(`Forcefully resetting node ${node} ...`)
  await ask(session, node, 'force_reset')
}

/** rabbitmqctl says nothing when it has worked. */
export async function forceBoot(session: Session): Promise<void> {
  await ask(session, await session.addressed(), 'force_boot')
}

export async function forgetClusterNode(
  session: Session,
  given: string,
  { offline = false }: { offline?: boolean },
): Promise<void> {
  const node = await session.addressed()
  const target = await session.perhapsNamed(given)
  session.say(`Removing node ${target} from the cluster`)
  await ask(session, node, 'forget_cluster_node', { node: target, offline })
}

export async function updateClusterNodes(session: Session, given: string): Promise<void> {
  const node = await session.addressed()
  const target = await session.perhapsNamed(given)
  session.say(`Will seed ${node} from ${target} on next start`)
  await ask(session, node, 'update_cluster_nodes', { node: target })
}

export async function changeClusterNodeType(session: Session, type: string): Promise<void> {
  const node = await session.addressed()
  session.say(`Turning ${node} into a ${type} node`)
  await ask(session, node, 'change_cluster_node_type', { type: type === 'disk' ? 'disc' : type })
}

/** Never done: a node's name is its place in Warren. */
export async function renameClusterNode(session: Session): Promise<void> {
  const node = await session.addressed()
  const { state } = (await session.nodes()).find(({ name }) => name === node)!
  const why =
    state === 'stopped'
      ? `the nodes of Warren keep their names; use add_node and join_cluster, then forget_cluster_node ${node}.`
      : 'this command requires the target node to be stopped.'
  throw new Failure(exitCodes.usage, `Error: ${why}\nArguments given:\n\t${session.verb}\n`)
}

/** A brand-new node, running beside the others as a cluster of its own. */
export async function addNode(session: Session): Promise<void> {
  const answer = await session.control('POST', '/warren/nodes')
  if (answer.status >= 300) throw unexpected('a new node', answer)
  const { name, url } = answer.body as { name: string; url: string }
  session.say(`Added node ${name}, a cluster of its own; to make it one of this cluster:`)
  for (const words of ['stop_app', 'join_cluster rabbit@node1', 'start_app'])
    session.say(`  warren ctl -n ${name} ${words}`)
  session.print(`${name}\t${url}`)
}
