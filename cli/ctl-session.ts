// What every ctl verb works with: the cluster at a URL, the node it is asked through, the virtual host, and how to print.
// A node's own view is asked under /node/NAME/, so that both sides of a partition can be seen; faults go to /warren/.

import { exitCodes, Failure } from './failure.ts'
import { type Answer, type Headers, request } from './http.ts'

/** Forms of output; which of them a verb knows is in its row. */
export const formatters = ['table', 'json', 'csv', 'pretty_table', 'erlang', 'yaml'] as const
export type Formatter = (typeof formatters)[number]

export interface GeneralFlags {
  readonly url: URL
  readonly node?: string
  readonly vhost: string
  /** The vhost as given; undefined: none was, and `vhost` is the usual one. */
  readonly onlyVhost?: string
  readonly formatter: Formatter
  readonly quiet: boolean
  readonly silent: boolean
  /** Seconds; undefined: no limit but a listing's own of a minute. */
  readonly timeout?: number
}

/** A node as GET /warren/nodes shows it. */
export interface NodeState {
  readonly name: string
  readonly state: string
  readonly port: number
}

export class Session {
  readonly flags: GeneralFlags
  /** The verb's name, for refusals in rabbitmqctl's form. */
  readonly verb: string
  private known: Promise<readonly NodeState[]> | null = null

  constructor(flags: GeneralFlags, verb: string) {
    this.flags = flags
    this.verb = verb
  }

  get vhost(): string {
    return this.flags.vhost
  }

  /** A line about what is being done: not with -q, -s, JSON or CSV. */
  say(text: string): void {
    const { quiet, silent, formatter } = this.flags
    if (!quiet && !silent && formatter !== 'json' && formatter !== 'csv') this.print(text)
  }

  /** What came of it: a sentence, or `json` where that was asked for. */
  tell(sentence: string, json: object = { result: 'ok', message: sentence }): void {
    this.print(this.flags.formatter === 'json' ? JSON.stringify(json) : sentence)
  }

  print(text: string): void {
    process.stdout.write(`${text}\n`)
  }

  /** All nodes and their states. */
  nodes(): Promise<readonly NodeState[]> {
    this.known ??= this.control('GET', '/warren/nodes').then(({ status, body }) => {
      if (status === 200 && Array.isArray(body)) return body as NodeState[]
      const { origin } = this.flags.url
      throw new Failure(exitCodes.unavailable, `Error: what answers at ${origin} is not a Warren.`)
    })
    return this.known
  }

  /** The same session with the nodes' states to be asked again. */
  fresh(): Session {
    return new Session(this.flags, this.verb)
  }

  /** The full name of a node given as `rabbit@node1`, `node1` or `1`. */
  async named(given: string): Promise<string> {
    const nodes = await this.nodes()
    const found = await this.perhapsNamed(given)
    if (nodes.some(({ name }) => name === found)) return found
    throw this.unreachable(given, `no such node; the nodes are ${nodes.map(({ name }) => name).join(', ')}`)
  }

  /** As `named`, but names of nobody stay as they are: whoever is asked about them refuses. */
  async perhapsNamed(given: string): Promise<string> {
    const nodes = await this.nodes()
    return (
      nodes.find(({ name }, i) => [name, name.split('@')[1], String(i + 1)].includes(given))?.name ?? given
    )
  }

  /** The node that is told to do something, whether it runs or not: -n, otherwise the first. */
  async addressed(): Promise<string> {
    return this.named(this.flags.node ?? '1')
  }

  /** The node that is asked about, whether it runs or not: -n, otherwise the first that runs, or the first. */
  async addressedOrFirst(): Promise<string> {
    if (this.flags.node !== undefined) return this.named(this.flags.node)
    const nodes = await this.nodes()
    return (nodes.find(({ state }) => state === 'running') ?? nodes[0]!).name
  }

  /** The node that is asked: -n, otherwise the first that runs. Throws when it does not serve. */
  async target(): Promise<string> {
    const nodes = await this.nodes()
    const { node } = this.flags
    const wanted = node === undefined ? undefined : await this.named(node)
    const running = nodes.find(({ name, state }) => state === 'running' && (wanted ?? name) === name)
    if (running !== undefined) return running.name
    const asked = nodes.find(({ name }) => name === wanted) ?? nodes[0]!
    if (asked.state === 'stopped')
      throw this.unreachable(asked.name, `not running; start it with: warren ctl start_node ${asked.name}`)
    if (asked.state === 'frozen')
      throw this.unreachable(asked.name, `frozen; let it go on with: warren ctl thaw_node ${asked.name}`)
    const state =
      asked.state === 'app-stopped'
        ? ". Start it with 'rabbitmqctl start_app'."
        : `, and ${asked.name} is ${asked.state}.`
    throw new Failure(
      exitCodes.usage,
      `Error: this command requires the 'rabbit' app to be running on the target node${state}\n` +
        `Arguments given:\n\t${this.verb}\n`,
    )
  }

  /** A request of the HTTP API as the target node sees the cluster; `path` begins after `/api`. */
  async api(method: string, path: string, body?: unknown, headers?: Headers): Promise<Answer> {
    const node = await this.target()
    return this.send(method, `/node/${encodeURIComponent(node)}/api${path}`, body, headers)
  }

  /** A GET with another login than this session's; `basic`: user:password in base64. A 401 is an answer like others. */
  async asOther(basic: string, path: string): Promise<Answer> {
    const { url } = this.flags
    const node = await this.target()
    const headers = { authorization: `Basic ${basic}` }
    return request(url, 'GET', `/node/${encodeURIComponent(node)}/api${path}`, undefined, 0, headers)
  }

  /** Of what must be there. */
  async get<T>(path: string): Promise<T> {
    const { status, body } = await this.api('GET', path)
    if (status !== 200) throw unexpected(`GET /api${path}`, { status, body })
    return body as T
  }

  /** A request about faults, which belong to no node. */
  control(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.send(method, path, body)
  }

  /** A node that cannot be reached, with what to do about it. */
  unreachable(node: string, suggestion: string): Failure {
    return new Failure(
      exitCodes.unavailable,
      `Error: unable to perform an operation on node '${node}'. ` +
        'Please see diagnostics information and suggestions below.\n\n' +
        `DIAGNOSTICS\n===========\n\nattempted to contact: [${node}]\n\n${node}:\n  * ${suggestion}\n`,
    )
  }

  private async send(method: string, path: string, body?: unknown, headers: Headers = {}): Promise<Answer> {
    const { url, timeout } = this.flags
    const answer = await request(url, method, path, body, (timeout ?? 0) * 1000, headers)
    if (answer.status !== 401) return answer
    const user = decodeURIComponent(url.username || 'guest')
    throw new Failure(
      exitCodes.unavailable,
      `Error: ${url.origin} refuses user '${user}'; name another with --url http://USER:PASSWORD@${url.host}.`,
    )
  }
}

/** A path segment. */
export function segment(name: string): string {
  return encodeURIComponent(name)
}

/** An answer that no verb has words for. */
export function unexpected(what: string, { status, body }: Answer): Failure {
  const { reason } = (body ?? {}) as { reason?: unknown }
  const said = typeof reason === 'string' ? reason : `${what} was answered with status ${status}`
  return new Failure(exitCodes.unavailable, `Error:\n${said}\n`)
}
