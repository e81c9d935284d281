// One cluster in virtual time and what the fuzzer does to it: carries out inputs step by step, looks after each whether a
// witness on the same node still gets its messages and whether everything has been cleaned up. The same inputs on the
// same setup give the same history. Called by campaigns, replays and the shrinker.

import { emptyTable } from '../nodes/amqp/fields.ts'
import { METHOD } from '../nodes/amqp/methods.ts'
import type { Channel } from '../nodes/channel.ts'
import { Cluster } from '../nodes/cluster.ts'
import { Connection } from '../nodes/connection.ts'
import type { Carrier } from '../nodes/connection-carrier.ts'
import type { Node } from '../nodes/node.ts'
import { immediate, observed } from '../nodes/timings.ts'
import { parsePolicy } from '../policies/policy.ts'
import { channelFaults } from './channel-invariants.ts'
import { ClientView } from './client-view.ts'
import type { Coverage } from './coverage.ts'
import { contentFrames, methodFrame, protocolHeader } from './frames.ts'
import { hasFaults, type Input, type Setup, type Step } from './input.ts'
import { leftBehind, mirrorFaults, nodesOf, queueFaults, remains } from './invariants.ts'

/** Something was seen that must not be. */
export class Broken extends Error {}

/** A connection that tells what it takes. */
class Watched extends Connection {
  coverage: Coverage | null = null
  /** Channels that have used basic.get. */
  readonly got = new Set<number>()

  override method(number: number, id: number, buf: Buffer, start: number, end: number): void {
    if (id === METHOD.basicGet) this.got.add(number)
    this.coverage?.took(this.state, id)
    super.method(number, id, buf, start, end)
  }
}

class Client implements Carrier {
  readonly connection: Watched
  readonly view: ClientView
  stalled = false
  private unread = 0

  constructor(node: Node, port: number, coverage: Coverage | null) {
    this.view = new ClientView(coverage)
    const peer = { address: '127.0.0.1', port, localAddress: '127.0.0.1', localPort: 5672 }
    this.connection = new Watched(node, peer, this)
    this.connection.coverage = coverage
  }

  flush(connection: Connection): void {
    const bytes = connection.takeOutput()
    if (bytes === null) return
    this.view.push(bytes)
    if (this.stalled) this.unread += bytes.length
    else connection.outputDrained(bytes.length)
  }

  read(): void {
    this.stalled = false
    const { unread } = this
    this.unread = 0
    if (unread > 0) this.connection.outputDrained(unread)
  }
}

/** More events than this while one input is carried out: it goes round in circles. */
const mostEvents = 300_000

export class World {
  readonly cluster: Cluster
  /** Inputs that got past the protocol header. */
  entered = 0
  private readonly setup: Setup
  private readonly coverage: Coverage | null
  private readonly bugs: unknown[] = []
  private witnesses = new Map<string, Client>()
  private clients: (Client | null)[] = []
  private ports = 0

  constructor(setup: Setup, coverage: Coverage | null = null) {
    this.setup = setup
    this.coverage = coverage
    this.cluster = new Cluster({
      nodes: setup.nodes,
      seed: setup.seed,
      timings: setup.timings === 'observed' ? observed : immediate,
      partitionHandling: setup.partitionHandling,
      onBug: (error) => this.bugs.push(error),
    })
  }

  /** Carries out one input and checks. Throws Broken, or whatever escaped the core. */
  run(input: Input): void {
    const faulty = hasFaults(input)
    this.clients = input.actors.map(() => null)
    for (const node of nodesOf(this.cluster)) this.witnessOf(node)
    for (const step of input.steps) this.step(step, input)
    this.cluster.loop.drain()
    this.checkBugs()
    const first = this.clients[0]
    if (first != null && !faulty) this.bearWitness(first.connection.node, 'while the conversation was open')
    if (!faulty) this.checkAtRest()
    if (this.clients.some((client) => client !== null && client.connection.state !== 'header')) this.entered++
    this.cleanUp(faulty)
  }

  /** With everything still open: channels and queues agree. */
  private checkAtRest(): void {
    this.pass(20)
    this.checkBugs()
    this.check(queueFaults(this.cluster))
    const got = ({ owner, number }: Channel) => owner instanceof Watched && owner.got.has(number)
    this.check(channelFaults(nodesOf(this.cluster), got))
  }

  /** Deletes everything, lets an hour pass, and sees what remains. */
  finish(): void {
    for (const node of nodesOf(this.cluster)) {
      const client = this.openClient(node)
      for (const { name, exclusiveOwner } of [...node.definitions.queues.values()])
        if (exclusiveOwner === null)
          this.say(
            client,
            methodFrame(1, 'queueDelete', { queue: name, ifUnused: false, ifEmpty: false, nowait: true }),
          )
      this.pass(1000)
      for (const { name } of [...node.definitions.exchanges.values()])
        if (name !== '' && !name.startsWith('amq.'))
          this.say(
            client,
            methodFrame(1, 'exchangeDelete', { exchange: name, ifUnused: false, nowait: true }),
          )
      this.pass(1000)
      client.connection.end()
    }
    for (const witness of this.witnesses.values()) witness.connection.end()
    this.witnesses.clear()
    this.pass(1000)
    this.pass(3_600_000)
    this.checkBugs()
    this.check(remains(this.cluster))
  }

  // ---- steps

  private step(step: Step, input: Input): void {
    this.coverage?.stepped(step.do)
    const { cluster } = this
    const nodeName = (number: number) => `rabbit@node${1 + ((number - 1) % this.setup.nodes)}`
    switch (step.do) {
      case 'send':
        return this.speak(this.client(step.actor, input), step.bytes, step.more, input.polite)
      case 'reply':
        return this.reply(this.client(step.actor, input))
      case 'wait':
        return this.pass(step.ms)
      case 'drop':
        this.clients[step.actor % input.actors.length]?.connection.end()
        break
      case 'stall': {
        const client = this.clients[step.actor % input.actors.length]
        if (client != null) client.stalled = true
        break
      }
      case 'read':
        this.clients[step.actor % input.actors.length]?.read()
        break
      case 'kill':
      case 'stop':
      case 'start':
        cluster[step.do](nodeName(step.node))
        break
      case 'cut':
        if (this.setup.nodes > 1) cluster.partition(step.groups.map((group) => group.map(nodeName)))
        break
      case 'heal':
        cluster.heal()
        break
      case 'policy':
        this.setPolicy(step.definition)
    }
    cluster.loop.drain()
  }

  private setPolicy(definition: Readonly<Record<string, unknown>>): void {
    const { cluster } = this
    const running = cluster.members.find((member) => member.state === 'running')
    if (running === undefined) return
    if (Object.keys(definition).length === 0) cluster.clearPolicy(running.name, '/', 'fuzz')
    else
      cluster.setPolicy(running.name, parsePolicy('/', 'fuzz', { pattern: '^[^w]', definition, priority: 0 }))
  }

  private client(actor: number, input: Input): Client | null {
    const i = actor % input.actors.length
    const known = this.clients[i]
    if (known != null) return known
    const { members } = this.cluster
    const wanted = (input.actors[i]! - 1) % members.length
    const member = [...members.slice(wanted), ...members.slice(0, wanted)].find(
      ({ state }) => state === 'running',
    )
    if (member?.node == null) return null
    const client = new Client(member.node, ++this.ports, this.coverage)
    this.clients[i] = client
    return client
  }

  /** Says it, and before it what a polite client owes the server. */
  private speak(client: Client | null, bytes: Buffer, more = false, polite = false): void {
    if (client === null) return
    const { node } = client.connection
    // A node that is gone takes its sockets with it, those that are still shaking hands included.
    if (this.cluster.member(node.name).node !== node) client.connection.end()
    const owed = client.view.unanswered
    // Content that was on its way when its channel was closed is the closed channel's.
    if (polite && owed.length > 0 && bytes[0] === 1)
      for (const channel of owed.splice(0)) {
        this.say(client, methodFrame(channel, channel === 0 ? 'connectionCloseOk' : 'channelCloseOk', {}))
        if (channel !== 0) this.say(client, methodFrame(channel, 'channelOpen', {}))
      }
    this.say(client, bytes, more)
  }

  private say(client: Client | null, bytes: Buffer, more = false): void {
    if (client === null || client.connection.finished) return
    if (!client.connection.wantsRead) this.pass(5)
    if (!client.connection.wantsRead) return
    // The chunk is the socket's: whoever keeps a view of it is caught by its being overwritten.
    const chunk = Buffer.from(bytes)
    client.connection.receive(chunk)
    chunk.fill(0xaa)
    if (!more) this.cluster.loop.drain()
  }

  private reply(client: Client | null): void {
    if (client === null || client.view.replyTo === '') return
    const args = { exchange: '', routingKey: client.view.replyTo, mandatory: true, immediate: false }
    const frames = [methodFrame(1, 'basicPublish', args), ...contentFrames(1, {}, Buffer.from('reply'))]
    this.say(client, Buffer.concat(frames))
  }

  /** Lets `ms` of virtual time pass, event by event. */
  private pass(ms: number): void {
    const { loop } = this.cluster
    const until = loop.now + ms
    loop.drain()
    for (let events = 0; ; events++) {
      const due = loop.nextDue()
      const next = Math.min(due.now, due.peer)
      if (next > until) break
      if (events > mostEvents) throw new Broken(`more than ${mostEvents} events in ${ms} ms`)
      loop.runUntil(Math.max(next, loop.now))
    }
    loop.runUntil(until)
  }

  // ---- the witness

  private openClient(node: Node): Client {
    const client = new Client(node, ++this.ports, null)
    const login = {
      clientProperties: emptyTable,
      mechanism: 'PLAIN',
      response: Buffer.from('\0guest\0guest'),
      locale: 'en_US',
    }
    const frames = [
      protocolHeader,
      methodFrame(0, 'connectionStartOk', login),
      methodFrame(0, 'connectionTuneOk', { channelMax: 10, frameMax: 131_072, heartbeat: 0 }),
      methodFrame(0, 'connectionOpen', { virtualHost: '/' }),
      methodFrame(1, 'channelOpen', {}),
    ]
    this.say(client, Buffer.concat(frames))
    return client
  }

  private witnessOf(node: Node): Client {
    const known = this.witnesses.get(node.name)
    if (known !== undefined && known.connection.node === node && known.connection.state === 'running')
      return known
    const client = this.openClient(node)
    const queue = `w${node.name}`
    const flags = { passive: false, durable: false, exclusive: true, autoDelete: false, nowait: true }
    const use = { noLocal: false, noAck: true, exclusive: false, nowait: true, arguments: emptyTable }
    const frames = [
      methodFrame(1, 'queueDeclare', { queue, ...flags, arguments: emptyTable }),
      methodFrame(1, 'basicConsume', { queue, consumerTag: 'w', ...use }),
      methodFrame(1, 'confirmSelect', { nowait: true }),
    ]
    this.say(client, Buffer.concat(frames))
    this.witnesses.set(node.name, client)
    return client
  }

  /** The witness publishes to itself: the message and its confirm must be there within the turn. */
  private bearWitness(node: Node, when: string): void {
    const witness = this.witnesses.get(node.name)
    if (witness === undefined || witness.connection.node !== node) return
    const { view, connection } = witness
    const [deliveries, confirms] = [view.deliveries, view.confirms]
    const args = { exchange: '', routingKey: `w${node.name}`, mandatory: true, immediate: false }
    const frames = [methodFrame(1, 'basicPublish', args), ...contentFrames(1, {}, Buffer.from('still here'))]
    this.say(witness, Buffer.concat(frames))
    if (connection.state !== 'running') throw new Broken(`the witness was disconnected ${when}`)
    if (view.deliveries !== deliveries + 1) throw new Broken(`the witness got no message ${when}`)
    if (view.confirms !== confirms + 1) throw new Broken(`the witness got no confirm ${when}`)
    this.check(view.complaints)
  }

  // ---- after each input

  private cleanUp(faulty: boolean): void {
    for (const client of this.clients) client?.connection.end()
    if (faulty) this.mend()
    // Long enough for what was under way between nodes and for the disk's journal.
    this.pass(faulty || this.setup.nodes > 1 ? 400 : 1)
    this.checkBugs()
    for (const client of this.clients) {
      if (client === null) continue
      this.check(client.view.complaints)
      if (client.connection.channels.size > 0) throw new Broken('a connection that ended has channels')
      const held = client.connection['held']
      if (held.bytes !== 0 || (held['byChannel']?.size ?? 0) > 0)
        throw new Broken(`held frames left: ${held.bytes} bytes`)
    }
    const open = new Set<number>()
    for (const [name, { connection }] of this.witnesses) {
      if (connection.state === 'running') open.add(connection.id)
      else if (faulty) this.witnesses.delete(name)
    }
    this.check(leftBehind(this.cluster, open))
    this.check(queueFaults(this.cluster))
    this.check(mirrorFaults(this.cluster))
    const [first] = this.clients
    const met = first != null && !faulty ? [first.connection.node] : nodesOf(this.cluster)
    for (const node of met) this.bearWitness(node, 'after the conversation')
  }

  /** All nodes up and in one island again, without policy. */
  private mend(): void {
    const { cluster } = this
    this.setPolicy({})
    cluster.heal()
    this.pass(1000)
    for (let round = 0; round < 3; round++) {
      const [kept, ...others] = cluster.islands
      for (const island of others)
        if (island !== kept) for (const name of [...island.members]) cluster.kill(name)
      for (const { name, state } of cluster.members) if (state === 'stopped') cluster.start(name)
      this.pass(6000)
      if (cluster.islands.length === 1 && cluster.members.every(({ state }) => state === 'running'))
        return this.forgetOthersPolicy()
    }
    const states = cluster.members.map(({ name, state }) => `${name} ${state}`)
    throw new Broken(`the cluster does not come up again: ${states.join(', ')}`)
  }

  /** The side that has won may be the one that never heard of the policy's end. */
  private forgetOthersPolicy(): void {
    if ((nodesOf(this.cluster)[0]?.definitions.policies.size ?? 0) > 0) {
      this.setPolicy({})
      this.pass(6000)
    }
    this.forgetLeaderless()
  }

  /**
   * A queue that is not durable may have no leader for good, and who asks it waits (docs/observed.md §20, §21): it goes, so
   * that whatever waits from now on is a mistake.
   */
  private forgetLeaderless(): void {
    const [node] = nodesOf(this.cluster)
    for (const record of [...(node?.definitions.queues.values() ?? [])])
      if (record.state === 'waiting' && !record.durable) node?.replicas.removeRecord(record)
  }

  private checkBugs(): void {
    const bug = this.bugs[0]
    if (bug !== undefined) throw bug
  }

  private check(faults: readonly string[]): void {
    if (faults.length > 0) throw new Broken(faults[0])
  }
}
