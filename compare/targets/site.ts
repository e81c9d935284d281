// A cluster that scenarios can be driven on: where it is reached, and how its nodes and links are harmed. Fulfilled by `live`
// (Warren) and `rabbitmq` (a real one); used by `drive`. Nodes are numbers from 1.

import type { Fault, NodeNumber } from '../steps.ts'

/** How long to wait for what, in ms. A site that is slow to show things has larger numbers. */
export interface Patience {
  /** An answer that has not come by then counts as none. */
  readonly answer: number
  /** For what must come: deliveries, connections, states that a step waits for. */
  readonly arrival: number
  /** Nothing new for so long: whatever was under way has ended. */
  readonly quiet: number
  /** A view that has not changed for so long is final. */
  readonly stable: number
  /** Between two looks. */
  readonly poll: number
}

export interface Site {
  readonly size: number
  readonly patience: Patience
  /** Product and version, for recordings. */
  readonly version: string
  /** Where amqp:// clients of a node connect, without a vhost. */
  amqpUrl(node: NodeNumber): string
  /** What to put before `/api/…` to get a node's own view. */
  httpUrl(node: NodeNumber): string
  /** The name the cluster itself uses. */
  nameOf(node: NodeNumber): string
  /** A vhost for one scenario; `/` when the whole cluster is for it. */
  openVhost(name: string): Promise<string>
  /** rabbitmq-queues rebalance for the queues of a vhost, asked of a node; resolves when it is done. */
  rebalance?(node: NodeNumber, vhost: string): Promise<string>
  /** Does it, and resolves when the other nodes have noticed, with what a node answered, if it was asked. */
  harm(fault: Fault): Promise<string | undefined>
}

/** The cluster's own names and the vhost's, in any text, as the names all targets share: `node1`, `/`. */
export function commonNames(text: string, site: Site, vhost: string): string {
  let common = text
  for (let node = 1; node <= site.size; node++) common = common.replaceAll(site.nameOf(node), `node${node}`)
  return vhost === '/' ? common : common.replaceAll(`vhost '${vhost}'`, "vhost '/'")
}

/** Which nodes run and which are partitioned away, as one node sees it; null when it answers nothing. */
export interface NodeView {
  readonly running: readonly NodeNumber[]
  readonly partitions: readonly NodeNumber[]
  /** The members of its cluster, running or not. */
  readonly members: readonly NodeNumber[]
}

const login = `Basic ${Buffer.from('guest:guest').toString('base64')}`

/** One HTTP request to a node; `status` 0 when the node does not answer. */
export async function request(
  site: Site,
  node: NodeNumber,
  method: string,
  path: string,
  body?: unknown,
  again = false,
): Promise<{ status: number; body: unknown }> {
  try {
    const answer = await fetch(`${site.httpUrl(node)}/api/${path}`, {
      method,
      headers: { authorization: login, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(Math.max(5000, site.patience.answer)),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    // Where one server answers for all nodes, it says so of those that do not run.
    return answer.status === 503 ? silent : { status: answer.status, body: parsed(text) }
  } catch (error) {
    // A connection kept from an earlier request was closed in the same moment: once more, by another.
    const { code } = ((error as Error).cause ?? {}) as { code?: string }
    const stale = !again && (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET')
    return stale ? request(site, node, method, path, body, true) : silent
  }
}

const silent = { status: 0, body: null }

function parsed(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text)
  } catch {
    return text
  }
}

/** What `node` says of the cluster. */
export async function nodeView(site: Site, node: NodeNumber): Promise<NodeView | null> {
  const { status, body } = await request(site, node, 'GET', 'nodes?columns=name,running,partitions')
  if (status !== 200 || !Array.isArray(body)) return null
  const entries = body as { name: string; running: boolean; partitions?: string[] }[]
  const numbers = (names: readonly string[]) =>
    names.map((name) => [...Array(site.size).keys()].findIndex((i) => site.nameOf(i + 1) === name) + 1).sort()
  return {
    members: numbers(entries.map((entry) => entry.name)),
    running: numbers(entries.filter((entry) => entry.running).map((entry) => entry.name)),
    partitions: numbers(entries.find((entry) => entry.name === site.nameOf(node))?.partitions ?? []),
  }
}

/** The longest single wait, in ms. */
const tickMs = 10

/**
 * Waits for so many ms of this process's own time: on a machine that gives it no turn, waiting takes longer, as what is
 * waited for does when it is in the same process.
 */
export async function pause(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= tickMs)
    await new Promise((resolve) => setTimeout(resolve, Math.min(left, tickMs)))
}

/** Asks until the answer is true; false after `ms`. */
export async function poll(site: Site, ms: number, condition: () => Promise<boolean>): Promise<boolean> {
  for (let waited = 0; ; waited += site.patience.poll) {
    if (await condition()) return true
    if (waited > ms) return false
    await pause(site.patience.poll)
  }
}

/** Asks until the answer has been the same for `patience.stable`; gives the last one after `patience.arrival`. */
export async function settled<T>(site: Site, ask: () => Promise<T>): Promise<T> {
  const { arrival, stable, poll: step } = site.patience
  let last = await ask()
  for (let waited = 0, same = 0; waited < arrival && same < stable; waited += step) {
    await pause(step)
    const next = await ask()
    same = JSON.stringify(next) === JSON.stringify(last) ? same + step : 0
    last = next
  }
  return last
}
