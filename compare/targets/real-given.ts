// A running cluster that somebody else owns, given by addresses: a run gets a vhost of its own there and removes it again. Nodes
// and links are harmed only by commands that the user gives, with the names of what is harmed put in.

import { exec } from 'node:child_process'
import type { Login } from '../line.ts'
import type { OpenTarget, PlainAction } from '../scenario/target.ts'
import type { NodeNumber } from '../steps.ts'
import { Api } from './api.ts'
import { RealTarget } from './real.ts'
import type { RealCluster } from './real-cluster.ts'
import type { SocketAddress } from './sockets.ts'
import { Unusable } from './unusable.ts'

/** What a command can be given for. `cut` and `mend` are of one direction of one link, run for each that is concerned. */
export const commandVerbs = ['kill', 'stop', 'start', 'freeze', 'thaw', 'cut', 'mend'] as const
export type Commands = Readonly<Partial<Record<(typeof commandVerbs)[number], string>>>

/** From words such as `kill=ssh {host} …`; `refuse` makes what is thrown for a wrong one. */
export function commandsOf(words: readonly string[], refuse: (text: string) => Error): Commands {
  const entries = words.map((word) => {
    const [, name, command] = /^([a-z]+)=(.+)$/s.exec(word) ?? []
    const verb = commandVerbs.find((one) => one === name)
    if (verb === undefined)
      throw refuse(
        `'${word}' is no command such as 'kill=ssh {host} pkill -9 beam'; verbs are ${commandVerbs.join(', ')}.`,
      )
    return [verb, command!] as const
  })
  return Object.fromEntries(entries)
}

export interface Given {
  /** amqp://user:password@host:port, one for each node, node1 first. */
  readonly urls: readonly string[]
  /** http://host:port of the HTTP API, in the same order; by default port 15672 of the same hosts. */
  readonly management: readonly string[]
  readonly commands: Commands
}

const commandMs = 120_000

export class GivenCluster {
  private readonly given: Given
  private readonly at: readonly URL[]
  private names: readonly string[] = []
  private runs = 0
  /** Commands that have not ended yet. */
  private underway: Promise<unknown> = Promise.resolve()

  /** Throws Unusable for an address that is none. */
  constructor(given: Given) {
    this.given = given
    this.at = given.urls.map((text) => {
      if (!/^amqp:\/\//.test(text) || !URL.canParse(text))
        throw new Unusable(`'${text}' is no address such as amqp://guest:guest@host:5672.`)
      return new URL(text)
    })
  }

  /** Throws Unusable in one sentence when there are not `nodes` of them, or one does not answer. */
  async reach(nodes: number): Promise<void> {
    if (nodes > this.at.length)
      throw new Unusable(`${nodes} nodes are wanted, ${this.at.length} addresses are given with --url.`)
    if (this.names.length === 0) this.names = await this.learnNames()
  }

  /** Throws Unusable in one sentence. */
  readonly open: OpenTarget = async (opening) => RealTarget.open(await this.lease(opening.nodes), opening)

  /** The cluster with a new vhost, which its `close` removes. Throws Unusable in one sentence. */
  async lease(nodes: number): Promise<RealCluster> {
    await this.reach(nodes)
    const vhost = `warren-compare-${process.pid}-${++this.runs}`
    const cluster = this.cluster(nodes, vhost)
    const api = new Api(cluster)
    const { status } = await api.anyone('PUT', `vhosts/${vhost}`)
    if (status !== 201 && status !== 204)
      throw new Unusable(`The cluster refuses to make the vhost ${vhost} (status ${status}).`)
    return cluster
  }

  private cluster(nodes: number, vhost: string): RealCluster {
    const [first] = this.at
    const login: Login = {
      user: decodeURIComponent(first!.username || 'guest'),
      password: decodeURIComponent(first!.password || 'guest'),
      vhost,
    }
    const cluster: RealCluster = {
      nodes,
      login,
      amqp: (node) => this.address(node),
      http: (node) => this.httpOf(node),
      nameOf: (node) => this.names[node - 1] ?? '',
      inflict: (action) => {
        const work = this.inflict(action)
        this.underway = Promise.allSettled([this.underway, work])
        return work
      },
      repair: () => this.repair(),
      close: async () => {
        // A run that was ended half way has not repaired what it harmed.
        await this.underway
        try {
          await this.repair()
        } finally {
          await new Api(cluster).anyone('DELETE', `vhosts/${vhost}`)
        }
      },
    }
    return cluster
  }

  private address(node: NodeNumber): SocketAddress {
    const { hostname, port } = this.at[node - 1]!
    return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || 5672) }
  }

  private httpOf(node: NodeNumber): string {
    const given = this.given.management[node - 1]
    return given?.replace(/\/+$/, '') ?? `http://${this.at[node - 1]!.hostname}:15672`
  }

  /** What each node calls itself. */
  private async learnNames(): Promise<string[]> {
    const cluster = this.cluster(this.at.length, '/')
    const api = new Api(cluster)
    const names: string[] = []
    for (let node = 1; node <= this.at.length; node++) {
      const { status, body } = await api.ask(node, 'GET', 'overview')
      const where = this.httpOf(node)
      if (status === 0) throw new Unusable(`Nothing answers at ${where}: is the management plugin on there?`)
      if (status === 401) throw new Unusable(`${where} does not let ${cluster.login.user} in.`)
      if (status !== 200) throw new Unusable(`${where} answers with status ${status}.`)
      const { node: name = '' } = body as { node?: string }
      // It will stand in commands.
      if (!/^[\w.@-]+$/.test(name)) throw new Unusable(`${where} gives its node an odd name: '${name}'.`)
      names.push(name)
    }
    const twice = names.find((name, i) => names.indexOf(name) !== i)
    if (twice !== undefined) throw new Unusable(`Two of the addresses are of the same node, ${twice}.`)
    return names
  }

  /** What is harmed and not repaired yet, by the command that repairs it. */
  private readonly harmed = new Map<string, () => Promise<void>>()

  private async inflict(action: PlainAction): Promise<void> {
    switch (action.do) {
      case 'kill':
      case 'stop':
        await this.onNode(action.do, action.node)
        this.harmed.set(`down ${action.node}`, () => this.onNode('start', action.node))
        return
      case 'freeze':
        await this.onNode('freeze', action.node)
        this.harmed.set(`frozen ${action.node}`, () => this.onNode('thaw', action.node))
        return
      case 'start':
        await this.onNode('start', action.node)
        return void this.harmed.delete(`down ${action.node}`)
      case 'thaw':
        await this.onNode('thaw', action.node)
        return void this.harmed.delete(`frozen ${action.node}`)
      case 'cut':
        return this.cut(linksBetween(action.groups, this.at.length))
      case 'cut-link':
        return this.cut([action.between])
      case 'heal':
        return this.undo((what) => what.startsWith('cut'))
      default:
        throw new Unusable(`A cluster given by addresses cannot be made to ${action.do}.`)
    }
  }

  private repair(): Promise<void> {
    return this.undo(() => true)
  }

  private async undo(which: (what: string) => boolean): Promise<void> {
    for (const [what, repair] of [...this.harmed])
      if (which(what)) {
        await repair()
        this.harmed.delete(what)
      }
  }

  private async cut(links: readonly (readonly [NodeNumber, NodeNumber])[]): Promise<void> {
    const both = links.flatMap(([a, b]) => [[a, b] as const, [b, a] as const])
    await Promise.all(both.map(([from, to]) => this.onNode('cut', from, to)))
    for (const [from, to] of both) this.harmed.set(`cut ${from} ${to}`, () => this.onNode('mend', from, to))
  }

  private onNode(verb: keyof Commands, node: NodeNumber, other?: NodeNumber): Promise<void> {
    const command = this.given.commands[verb]
    if (command === undefined)
      throw new Unusable(`The cluster was given without a command to ${verb}: --command '${verb}=COMMAND'.`)
    const words: Record<string, string> = {
      node: this.names[node - 1]!,
      host: this.address(node).host,
      number: String(node),
      ...(other === undefined
        ? {}
        : { other: this.names[other - 1]!, 'other-host': this.address(other).host }),
    }
    const line = command.replace(/\{([a-z-]+)\}/g, (whole, word: string) => words[word] ?? whole)
    return new Promise((resolve, reject) => {
      exec(line, { timeout: commandMs }, (error, _out, stderr) => {
        if (error === null) return resolve()
        const said = stderr.trim().split('\n').at(-1) || `exit code ${error.code}`
        reject(new Unusable(`'${line}' failed: ${said}`))
      })
    })
  }
}

/** The verbs of commands that carry out and repair `action`; none for requests. */
export function commandsFor(action: { readonly do: PlainAction['do'] }): (keyof Commands)[] | null {
  switch (action.do) {
    case 'kill':
    case 'stop':
      return [action.do, 'start']
    case 'start':
      return ['start']
    case 'freeze':
      return ['freeze', 'thaw']
    case 'thaw':
      return ['thaw']
    case 'cut':
    case 'cut-link':
      return ['cut', 'mend']
    case 'heal':
      return ['mend']
    case 'sync':
    case 'cancel-sync':
      return []
    default:
      return null
  }
}

/** All links between nodes of different groups; nodes not named form a group of their own. */
function linksBetween(groups: readonly (readonly NodeNumber[])[], nodes: number): [NodeNumber, NodeNumber][] {
  const sideOf = (node: NodeNumber) => groups.findIndex((group) => group.includes(node))
  const links: [NodeNumber, NodeNumber][] = []
  for (let a = 1; a <= nodes; a++)
    for (let b = a + 1; b <= nodes; b++) if (sideOf(a) !== sideOf(b)) links.push([a, b])
  return links
}
