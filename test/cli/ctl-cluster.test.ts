// The verbs of `warren ctl` about who belongs to the cluster: words and exit codes as recorded from rabbitmqctl 3.10.8
// (docs/observed.md §18), and Warren's own add_node.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, put } from '../support/clients.ts'
import { endAll, type Started, start } from './warren.ts'

let cluster: Started

/** Output of a verb that must succeed. */
async function ctl(...words: string[]): Promise<string> {
  const { code, out, err } = await cluster.ctl(...words)
  expect({ words, code, err }).toEqual({ words, code: 0, err: '' })
  return out
}

/** Exit code and first lines of a verb that must fail. */
async function refusal(...words: string[]): Promise<[number | null, string]> {
  const { code, err } = await cluster.ctl(...words)
  return [code, err.split('\nArguments given')[0]!.trim()]
}

interface Status {
  readonly disk_nodes: readonly string[]
  readonly ram_nodes: readonly string[]
  readonly running_nodes: readonly string[]
}

/** Members and who of them runs, as a node sees it: `1 2 3 / 1 2`. */
async function status(node: string): Promise<string> {
  const { disk_nodes, ram_nodes, running_nodes } = JSON.parse(
    await ctl('-n', node, 'cluster_status', '--formatter', 'json'),
  ) as Status
  const short = (names: readonly string[]) => names.map((name) => name.slice('rabbit@node'.length)).join(' ')
  const ram = ram_nodes.length === 0 ? '' : ` + ${short(ram_nodes)}`
  return `${short(disk_nodes)}${ram} / ${short(running_nodes)}`
}

beforeAll(async () => {
  cluster = await start('--port', '0', '--seed', '1')
})
afterAll(endAll)

const needsStopped =
  "Error: this command requires the 'rabbit' app to be stopped on the target node. Stop it with 'rabbitmqctl stop_app'."
const needsRunning =
  "Error: this command requires the 'rabbit' app to be running on the target node. Start it with 'rabbitmqctl start_app'."

describe('a node', () => {
  test('must have its application stopped before it leaves or joins', async () => {
    for (const words of [
      ['reset'],
      ['force_reset'],
      ['force_boot'],
      ['join_cluster', 'node1'],
      ['update_cluster_nodes', 'node1'],
    ])
      expect(await refusal('-n', 'node3', ...words)).toEqual([64, needsStopped])
  })

  test('leaves with stop_app and reset, and its queues with it', async () => {
    const client = await connect(cluster.urls[2]!)
    const channel = await client.createConfirmChannel()
    await channel.assertQueue('own')
    await put(channel, 'own', 'a')
    client.on('error', () => {})
    expect(await ctl('-n', 'node3', 'stop_app')).toBe(
      'Stopping rabbit application on node rabbit@node3 ...\n',
    )
    expect(await ctl('-n', 'node3', 'stop_app', '-q')).toBe('')
    expect(await refusal('-n', 'node3', 'list_queues')).toEqual([64, needsRunning])
    expect(await status('node1')).toBe('1 2 3 / 1 2')
    expect(await ctl('list_queues', 'name', 'state')).toContain('own\tdown')
    expect(await ctl('-n', 'node3', 'reset')).toBe('Resetting node rabbit@node3 ...\n')
    expect(await status('node1')).toBe('1 2 / 1 2')
    expect(await ctl('list_queues', 'name', 'state')).not.toContain('own')
  })

  test('joins with join_cluster and start_app', async () => {
    expect(await ctl('-n', 'node3', 'join_cluster', '--ram', 'rabbit@node2')).toBe(
      'Clustering node rabbit@node3 with rabbit@node2\n',
    )
    expect(await ctl('-n', '3', 'join_cluster', 'node1')).toBe(
      'Clustering node rabbit@node3 with rabbit@node1\nThe node is already a member of this cluster\n',
    )
    expect(await status('node2')).toBe('1 2 + 3 / 1 2')
    expect(await ctl('-n', 'node3', 'change_cluster_node_type', 'disc')).toBe(
      'Turning rabbit@node3 into a disc node\n',
    )
    expect(await ctl('-n', 'node3', 'start_app')).toBe('Starting node rabbit@node3 ...\n')
    expect(await status('node3')).toBe('1 2 3 / 1 2 3')
  })

  test('that is told nonsense refuses it in rabbitmqctl’s words', async () => {
    await ctl('-n', 'node3', 'stop_app')
    expect(await refusal('-n', 'node3', 'join_cluster', 'rabbit@node3')).toEqual([
      70,
      'Error:\nError: cannot cluster node with itself: rabbit@node3',
    ])
    const [code, text] = await refusal('-n', 'node3', 'join_cluster', 'rabbit@nowhere')
    expect([code, text.split('.')[0]]).toEqual([
      69,
      "Error: unable to perform an operation on node 'rabbit@nowhere'",
    ])
    expect(await refusal('-n', 'node3', 'join_cluster')).toEqual([
      64,
      'Error (argument validation): not enough arguments.',
    ])
    expect((await refusal('-n', 'node3', 'change_cluster_node_type', 'tape'))[0]).toBe(64)
    await ctl('-n', 'node3', 'start_app')
  })

  test('keeps its name', async () => {
    expect(await refusal('rename_cluster_node', 'rabbit@node1', 'rabbit@other')).toEqual([
      64,
      'Error: this command requires the target node to be stopped.',
    ])
  })
})

describe('forget_cluster_node', () => {
  test('takes out a node that does not run', async () => {
    expect(await refusal('forget_cluster_node', 'rabbit@node3')).toEqual([
      69,
      "Error:\nRabbitMQ on node rabbit@node3 must be stopped with 'rabbitmqctl -n rabbit@node3 stop_app' before it can be removed",
    ])
    await ctl('kill_node', 'node3')
    expect(await ctl('-n', 'node1', 'forget_cluster_node', 'rabbit@node3')).toBe(
      'Removing node rabbit@node3 from the cluster\n',
    )
    expect(await status('node2')).toBe('1 2 / 1 2')
    expect(await refusal('forget_cluster_node', 'node3')).toEqual([
      69,
      "Error:\n{:not_a_cluster_node, 'The node selected is not in the cluster.'}",
    ])
  })

  test('leaves a node that cannot start any more', async () => {
    const [code, text] = await refusal('start_node', 'node3')
    expect([code, text]).toEqual([69, expect.stringContaining(':inconsistent_cluster')])
    expect(await ctl('list_nodes')).toMatch(/node3\s+stopped/)
  })
})

describe('add_node', () => {
  test('brings a node to life that is a cluster of its own until it joins', async () => {
    const out = await ctl('add_node', '-q')
    const [name, url] = out.trim().split('\t')
    expect(name).toBe('rabbit@node4')
    const client = await connect(url!)
    expect((await (await client.createChannel()).assertQueue('alone')).queue).toBe('alone')
    client.on('error', () => {})
    expect(await status('node4')).toBe('4 / 4')
    await ctl('-n', 'node4', 'stop_app')
    await ctl('-n', 'node4', 'join_cluster', 'node1')
    await ctl('-n', 'node4', 'start_app')
    expect(await status('node1')).toBe('1 2 4 / 1 2 4')
    expect(await ctl('-n', 'node4', 'list_queues', 'name')).not.toContain('alone')
  })
})

describe('force_boot', () => {
  test('lets a node start that was not the last to stop', async () => {
    for (const node of ['node1', 'node2', 'node4']) await ctl('-n', node, 'stop_app')
    expect(await refusal('-n', 'node1', 'reset')).toEqual([
      69,
      "Error:\n{:no_running_cluster_nodes, 'You cannot leave a cluster if no online nodes are present.'}",
    ])
    expect(await ctl('-n', 'node1', 'force_boot')).toBe('')
    expect(await ctl('-n', 'node1', 'start_app')).toBe('Starting node rabbit@node1 ...\n')
    expect(await status('node1')).toBe('1 2 4 / 1')
    await ctl('-n', 'node2', 'start_app')
    expect(await status('node1')).toBe('1 2 4 / 1 2')
  })

  test('is what helps one that waits', async () => {
    for (const node of ['node1', 'node2']) await ctl('-n', node, 'stop_app')
    expect(await ctl('-n', 'node1', 'start_app')).toMatch(/waits for a node that ran when it stopped/)
    await ctl('-n', 'node1', 'stop_app')
    await ctl('-n', 'node1', 'force_boot')
    await ctl('-n', 'node1', 'start_app')
    expect(await status('node1')).toBe('1 2 4 / 1')
  })
})

test('help tells how to join and how to leave', async () => {
  expect(await ctl('join_cluster', '--help')).toMatch(/three steps: stop_app, join_cluster NODE, start_app/)
})
