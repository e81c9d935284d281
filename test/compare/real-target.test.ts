// A cluster given by addresses as a target of scenarios: here a running Warren, over its sockets and its HTTP API like any other
// broker, with its faults as the user's commands. test/oracle runs the same scenarios on RabbitMQ.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client } from '../../compare/client.ts'
import type { Opening, Target } from '../../compare/scenario/target.ts'
import { commandVerbs, type Given, GivenCluster } from '../../compare/targets/real-given.ts'
import { type RunningCluster, startCluster } from '../../index.ts'

let cluster: RunningCluster
beforeAll(async () => {
  cluster = await startCluster({ nodes: 3, port: 0, seed: 1 })
})
afterAll(() => cluster.stop())

const opening: Opening = {
  seed: 1,
  nodes: 3,
  partitionHandling: 'ignore',
  netTickMs: 60_000,
  links: { delayMs: null, bandwidth: null, pairs: [] },
  disk: { flushMs: null },
  costs: 'none',
  readFile: () => '',
  policies: [
    {
      vhost: '/',
      name: 'ha',
      pattern: '^work$',
      definition: { 'ha-mode': 'nodes', 'ha-params': ['rabbit@node1', 'rabbit@node3'] },
      priority: 0,
      applyTo: 'queues',
    },
  ],
  operatorPolicies: [],
  topology: { exchanges: [], queues: [], bindings: [] },
  messages: 100,
}

const post = (path: string) =>
  `"${process.execPath}" -e "fetch('${cluster.adminUrl}/warren/nodes/{node}/${path}', { method: 'POST', headers: { authorization: 'Basic Z3Vlc3Q6Z3Vlc3Q=' } }).then((a) => process.exit(a.ok ? 0 : 1))"`

const given = (commands: Given['commands'] = {}): Given => ({
  urls: cluster.urls,
  management: [1, 2, 3].map((node) => `${cluster.adminUrl}/node/${cluster.node(node).name}`),
  commands,
})

/** Lets the target's time pass until `start` calls back. */
async function answer<T>(target: Target, start: (then: (value: T) => void) => void): Promise<T> {
  const got: { value?: T } = {}
  start((value) => {
    got.value = value
  })
  await target.run(() => 'value' in got, target.clock.now + 20_000, 5)
  if (!('value' in got)) throw new Error('no answer')
  return got.value as T
}

const declared = (target: Target, queue: string) =>
  answer<string>(target, (then) => {
    const nothing = () => {}
    const client: Client = new Client('declarer', 'rabbit@node1', target.network, target.clock, {
      opened: () => client.declareQueue(queue),
      answered: (method) => then(method),
      lost: nothing,
      channelClosed: nothing,
      confirmed: nothing,
      delivered: nothing,
      cancelled: nothing,
    })
    client.connect()
  })

test('clients work in a vhost of the run, policies name its nodes, and a killed leader is seen to be replaced', async () => {
  const target = await new GivenCluster(given({ kill: post('kill'), start: post('start') })).open(opening)
  expect(await declared(target, 'work')).toBe('queueDeclareOk')
  const look = () => answer(target, (then) => target.look('work', then))
  await expect
    .poll(look, { timeout: 10_000 })
    .toMatchObject({ leader: 1, mirrors: [3], synchronised: [3], messages: 0 })
  const promoted = answer<void>(target, (then) => target.watch({ is: 'promoted', queue: 'work' }, then))
  await answer<void>(target, (then) => target.inflict({ do: 'kill', node: 1 }, then))
  await promoted
  expect(await look()).toMatchObject({ leader: 3 })
  await answer<void>(target, (then) => target.repair(then))
  expect(cluster.node(1).state).toBe('running')
  const { events, holdings } = await target.evidence()
  expect(events.map(({ kind, node }) => `${kind} ${node}`)).toEqual(
    expect.arrayContaining([
      ...['queue-declared rabbit@node1', 'mirror-added rabbit@node3', 'mirror-synced rabbit@node3'],
      ...['node-killed rabbit@node1', 'promoted rabbit@node3'],
    ]),
  )
  expect(holdings).toContainEqual({ queue: 'work', node: 3, leads: true, inMemory: 0, onDisk: 0 })
  await target.close()
  const vhosts = await fetch(`${cluster.adminUrl}/api/vhosts`, {
    headers: { authorization: 'Basic Z3Vlc3Q6Z3Vlc3Q=' },
  })
  expect((await vhosts.json()) as unknown).toMatchObject([{ name: '/' }])
})

test('a fault without a command for it ends the run with a sentence', async () => {
  const target = await new GivenCluster(given()).open(opening)
  target.inflict({ do: 'kill', node: 1 }, () => {})
  await expect(target.run(() => false, target.clock.now + 5000)).rejects.toThrow(
    "The cluster was given without a command to kill: --command 'kill=COMMAND'.",
  )
  expect(cluster.node(1).state).toBe('running')
  await target.close()
})

test('a command that fails ends the run with what it said', async () => {
  const target = await new GivenCluster(given({ stop: 'echo no such host {node} >&2; exit 3' })).open(opening)
  target.inflict({ do: 'stop', node: 2 }, () => {})
  await expect(target.run(() => false, target.clock.now + 5000)).rejects.toThrow(
    /failed: no such host rabbit@node2$/,
  )
  await target.close()
})

test('what a client throws ends the run, like any failure', async () => {
  const target = await new GivenCluster(given()).open(opening)
  target.clock.after(1, () => {
    throw new Error('planted')
  })
  await expect(target.run(() => false, target.clock.now + 5000)).rejects.toThrow('planted')
  await target.close()
})

test.each([
  [Array(3).fill('amqp://127.0.0.1:1'), Array(3).fill('http://127.0.0.1:1'), /^Nothing answers at http/],
  [['http://127.0.0.1'], [], /^'http:\/\/127.0.0.1' is no address such as/],
  [['amqp://127.0.0.1:1'], [], /^3 nodes are wanted, 1 addresses are given/],
])('addresses %j are refused in one sentence', async (urls, management, sentence) => {
  const open = async () => new GivenCluster({ urls, management, commands: {} }).open(opening)
  await expect(open()).rejects.toThrow(sentence)
  expect(commandVerbs).toContain('kill')
})
