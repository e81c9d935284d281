// Each verb of `warren ctl` against a cluster started by `warren start`: words, columns and exit codes as recorded from
// rabbitmqctl 3.10.8 (docs/observed.md §1.3, §2, §4.8), and Warren's own verbs for faults.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ChannelModel, type ConfirmChannel, connect, put } from '../support/clients.ts'
import { endAll, type Started, start, warren } from './warren.ts'

let cluster: Started
let clients: ChannelModel[]
let channels: ConfirmChannel[]

/** Output of a verb that must succeed. */
async function ctl(...words: string[]): Promise<string> {
  const { code, out, err } = await cluster.ctl(...words)
  expect({ words, code, err }).toEqual({ words, code: 0, err: '' })
  return out
}

/** What a verb says when it must fail with `code`. */
async function refusal(code: number, ...words: string[]): Promise<string> {
  const ended = await cluster.ctl(...words)
  expect({ words, code: ended.code }).toEqual({ words, code })
  return ended.err
}

const bold = (title: string) => `\u001b[1m${title}\u001b[0m`
const rows = (out: string) =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'))

beforeAll(async () => {
  cluster = await start('--port', '0', '--seed', '1')
  clients = await Promise.all(cluster.urls.map((url) => connect(url)))
  channels = await Promise.all(clients.map((client) => client.createConfirmChannel()))
})
afterAll(endAll)

describe('policies', () => {
  test('are set, listed and cleared in the words of rabbitmqctl', async () => {
    expect(await ctl('set_policy', 'p1', '^p1', '{"ha-mode":"all"}')).toBe(
      'Setting policy "p1" for pattern "^p1" to "{"ha-mode":"all"}" with priority "0" for vhost "/" ...\n',
    )
    const two = '{"ha-mode":"exactly","ha-params":2,"ha-sync-mode":"automatic"}'
    expect(await ctl('set_policy', '--priority', '5', '--apply-to', 'queues', 'p2', '^p2', two)).toBe(
      `Setting policy "p2" for pattern "^p2" to "${two}" with priority "5" for vhost "/" ...\n`,
    )
    expect(await ctl('list_policies')).toBe(
      'Listing policies for vhost "/" ...\n' +
        'vhost\tname\tpattern\tapply-to\tdefinition\tpriority\n' +
        '/\tp1\t^p1\tall\t{"ha-mode":"all"}\t0\n' +
        `/\tp2\t^p2\tqueues\t${two}\t5\n`,
    )
    expect(await ctl('list_policies', '--formatter', 'json')).toBe(
      '[\n{"vhost":"/","name":"p1","pattern":"^p1","apply-to":"all","definition":"{\\"ha-mode\\":\\"all\\"}","priority":0}\n' +
        `,{"vhost":"/","name":"p2","pattern":"^p2","apply-to":"queues","definition":${JSON.stringify(two)},"priority":5}\n]\n`,
    )
    expect(await ctl('clear_policy', 'p1')).toBe('Clearing policy "p1" on vhost "/" ...\n')
    expect(await ctl('clear_policy', 'p2', '-q')).toBe('')
    expect(await ctl('list_policies')).toBe('Listing policies for vhost "/" ...\n')
    expect(await ctl('list_policies', '--formatter', 'json')).toBe('[]\n')
  })

  test.each([
    [['p3', '^p3', '{'], 69, 'Error:\nJSON decoding error. Reason: badarg\n'],
    [
      ['p3', '^p3', '{"x":1}'],
      69,
      'Error:\nValidation failed\n\n[{<<"x">>,1}] are not recognised policy settings\n\n',
    ],
    [
      ['p3', '(', '{"ha-mode":"all"}'],
      69,
      'Error:\nValidation failed\n\npattern should be regular expression but is invalid: {"missing )",1}\n\n',
    ],
    [
      ['p3', '^p', '{"ha-mode":"exactly"}'],
      69,
      'Error:\nValidation failed\n\nha-mode="exactly" takes an integer, none given\n\n',
    ],
    [
      ['--apply-to', 'zz', 'p3', '^p', '{"ha-mode":"all"}'],
      69,
      "Error:\nValidation failed\n\napply-to 'zz' unrecognised; should be 'queues', 'exchanges' or 'all'\n\n",
    ],
    [['-p', 'nov', 'p1', '^p1', '{"ha-mode":"all"}'], 65, "Virtual host 'nov' does not exist\n"],
  ])('set_policy %j exits with %i and the text of rabbitmqctl', async (words, code, text) => {
    expect(await refusal(code, 'set_policy', ...words)).toBe(text)
    expect(await ctl('list_policies', '-s')).toBe('')
  })

  test('that are not there cannot be cleared, and vhosts that are not there have none', async () => {
    expect(await refusal(69, 'clear_policy', 'none')).toBe('Error:\nParameter does not exist\n')
    expect(await refusal(65, 'list_policies', '-p', 'nov')).toBe("Virtual host 'nov' does not exist\n")
  })
})

describe('listings', () => {
  beforeAll(async () => {
    const channel = channels[1]!
    await channel.assertExchange('ex', 'topic')
    await channel.assertQueue('lq', { arguments: { 'x-max-length': 5, 'x-dead-letter-exchange': 'd"x' } })
    await channel.bindQueue('lq', 'ex', 'a.*')
    await put(channel, 'lq', 'one', 'two')
  })
  afterAll(async () => {
    await channels[1]!.deleteQueue('lq')
    await channels[1]!.deleteExchange('ex')
  })

  test('list_queues prints name and messages unless other columns are named', async () => {
    expect(await ctl('list_queues')).toBe(
      'Timeout: 60.0 seconds ...\nListing queues for vhost / ...\nname\tmessages\nlq\t2\n',
    )
    expect(await ctl('list_queues', '-q')).toBe('name\tmessages\nlq\t2\n')
    expect(
      await ctl('list_queues', '-s', 'name', 'durable', 'policy', 'state', 'node', 'messages_ready'),
    ).toBe('lq\ttrue\t\trunning\trabbit@node2\t2\n')
    expect(await ctl('list_queues', '-s', 'pid', 'slave_pids', 'arguments')).toBe(
      '<rabbit@node2.0.0.0>\t\t[{"x-max-length",5},{"x-dead-letter-exchange","d\\"x"}]\n',
    )
    expect(await ctl('list_queues', '-q', '--no-table-headers', 'name,messages')).toBe('lq\t2\n')
  })

  test('list_queues as JSON is a list of objects with those columns, and nothing else', async () => {
    expect(await ctl('list_queues', 'name', 'messages', '--formatter', 'json')).toBe(
      '[\n{"name":"lq","messages":2}\n]\n',
    )
    expect(await ctl('list_queues', '-p', 'nov', '--formatter', 'json')).toBe('[\n]\n')
    expect(await ctl('list_queues', '-p', 'nov')).toBe(
      'Timeout: 60.0 seconds ...\nListing queues for vhost nov ...\n',
    )
  })

  test('list_exchanges and list_bindings', async () => {
    expect(rows(await ctl('list_exchanges', '-q')).sort()).toEqual(
      [
        ['name', 'type'],
        ['', 'direct'],
        ['amq.direct', 'direct'],
        ['amq.fanout', 'fanout'],
        ['amq.headers', 'headers'],
        ['amq.match', 'headers'],
        ['amq.rabbitmq.trace', 'topic'],
        ['amq.topic', 'topic'],
        ['ex', 'topic'],
      ].sort(),
    )
    const bindings = await ctl('list_bindings')
    expect(bindings).toContain(
      'Listing bindings for vhost /...\n' +
        'source_name\tsource_kind\tdestination_name\tdestination_kind\trouting_key\targuments\n',
    )
    expect(bindings).toContain('\texchange\tlq\tqueue\tlq\t[]\n')
    expect(bindings).toContain('ex\texchange\tlq\tqueue\ta.*\t[]\n')
  })

  test('list_connections shows user, peer and state', async () => {
    const out = await ctl('list_connections')
    expect(out).toMatch(/^Listing connections \.\.\.\nuser\tpeer_host\tpeer_port\tstate\n/)
    expect(out.match(/^guest\t127\.0\.0\.1\t\d+\trunning$/gm)).toHaveLength(3)
    const nodes = rows(await ctl('list_connections', '-s', 'node')).flat()
    expect(nodes.sort()).toEqual(['rabbit@node1', 'rabbit@node2', 'rabbit@node3'])
  })

  test('list_nodes shows every node and its port', async () => {
    const ports = cluster.urls.map((url) => new URL(url).port)
    expect(await ctl('list_nodes', '-s')).toBe(
      ports.map((port, i) => `rabbit@node${i + 1}\trunning\t${port}\n`).join(''),
    )
  })
})

describe('cluster_status', () => {
  test('has the sections of rabbitmqctl in their order', async () => {
    const out = await ctl('cluster_status', '-n', 'node2')
    expect(out).toContain(
      `Cluster status of node rabbit@node2 ...\n${bold('Basics')}\n\nCluster name: warren\n\n`,
    )
    const titles = out
      .split('\u001b[1m')
      .slice(1)
      .map((section) => section.split('\u001b[0m')[0])
    expect(titles.slice(0, 8)).toEqual([
      ...['Basics', 'Disk Nodes', 'Running Nodes', 'Versions', 'Maintenance status', 'Alarms'],
      ...['Network Partitions', 'Listeners'],
    ])
    const all = 'rabbit@node1\nrabbit@node2\nrabbit@node3\n'
    expect(out).toContain(`${bold('Disk Nodes')}\n\n${all}\n${bold('Running Nodes')}\n\n${all}\n`)
    expect(out).toContain('rabbit@node3: RabbitMQ 3.10.8 on Erlang ')
    expect(out).toContain('Node: rabbit@node1, status: not under maintenance\n')
    expect(out).toContain(`${bold('Network Partitions')}\n\n(none)\n\n`)
    const { port } = new URL(cluster.urls[2]!)
    expect(out).toContain(
      `Node: rabbit@node3, interface: 127.0.0.1, port: ${port}, protocol: amqp, purpose: AMQP 0-9-1 and AMQP 1.0\n`,
    )
  })

  test('as JSON has the keys of rabbitmqctl', async () => {
    const status = JSON.parse(await ctl('cluster_status', '--formatter', 'json'))
    expect(Object.keys(status)).toEqual([
      ...['alarms', 'cluster_name', 'disk_nodes', 'feature_flags', 'listeners', 'maintenance_status'],
      ...['partitions', 'ram_nodes', 'running_nodes', 'versions'],
    ])
    expect(status.running_nodes).toEqual(['rabbit@node1', 'rabbit@node2', 'rabbit@node3'])
    expect(status.partitions).toEqual({})
  })
})

describe('synchronising', () => {
  test('fills the mirrors of a queue, and refuses what has none', async () => {
    const channel = channels[0]!
    await channel.assertQueue('sync')
    await put(channel, 'sync', 'one', 'two', 'three')
    expect(await refusal(69, 'sync_queue', 'sync')).toBe('Error:\nnot_mirrored\n')
    await ctl('set_policy', 'ha', '^sync$', '{"ha-mode":"all"}')
    const columns = ['list_queues', '-s', 'mirrors', 'synchronised_mirrors', 'slave_pids']
    expect(rows(await ctl(...columns))[0]![1]).toBe('[]')
    expect(await ctl('sync_queue', 'sync')).toBe("Synchronising queue 'sync' in vhost '/' ...\n")
    const [mirrors, synchronised, pids] = rows(await ctl(...columns))[0]!
    const names = (list: string) => list.slice(1, -1).split(', ').sort()
    expect(names(mirrors!)).toEqual(['rabbit@node2', 'rabbit@node3'])
    expect(names(synchronised!)).toEqual(['rabbit@node2', 'rabbit@node3'])
    expect(names(pids!)).toEqual(['<rabbit@node2.0.0.0>', '<rabbit@node3.0.0.0>'])
    expect(await ctl('cancel_sync_queue', 'sync')).toBe(
      "Stopping synchronising queue 'sync' in vhost '/' ...\nnot_syncing\n",
    )
    expect(await refusal(69, 'sync_queue', 'none')).toBe('Error:\nnot_found\n')
    await ctl('clear_policy', 'ha')
    await channel.deleteQueue('sync')
  })
})

describe('faults', () => {
  beforeAll(async () => {
    await ctl('set_policy', 'ha', '^mirrored$', '{"ha-mode":"all"}')
    await channels[2]!.assertQueue('plain')
    await channels[2]!.assertQueue('mirrored')
    await put(channels[2]!, 'mirrored', 'a', 'b')
  })

  test('kill_node takes a node away: its plain queue is down, its mirrored one is led by another', async () => {
    expect(await ctl('kill_node', 'rabbit@node3')).toBe('Killing node rabbit@node3 ...\n')
    const columns = ['list_queues', '-s', 'name', 'state', 'node', 'messages', 'pid']
    expect(rows(await ctl(...columns)).sort()).toEqual([
      [
        'mirrored',
        'running',
        expect.stringMatching(/node[12]$/),
        '2',
        expect.stringMatching(/^<rabbit@node[12]\./),
      ],
      ['plain', 'down', 'rabbit@node3', '', '<rabbit@node3.0.0.0>'],
    ])
    expect(await ctl('list_queues', '-s', '--offline')).toBe('plain\t\n')
    expect(await ctl('list_queues', '-s', '--online')).toBe('mirrored\t2\n')
    expect(await ctl('list_queues', '-s', '--formatter', 'json', '--offline')).toBe(
      '[\n{"name":"plain","messages":""}\n]\n',
    )
    const status = JSON.parse(await ctl('cluster_status', '--formatter', 'json'))
    expect(status.disk_nodes).toHaveLength(3)
    expect(status.running_nodes).toEqual(['rabbit@node1', 'rabbit@node2'])
    expect(Object.keys(status.listeners)).toEqual(['rabbit@node1', 'rabbit@node2'])
  })

  test('a dead node cannot be asked', async () => {
    const { code, out, err } = await cluster.ctl('list_queues', '-n', '3')
    expect({ code, out }).toEqual({ code: 69, out: '' })
    expect(err).toContain("Error: unable to perform an operation on node 'rabbit@node3'.")
    expect(err).toContain('warren ctl start_node rabbit@node3')
  })

  test('start_node brings it back with its queues', async () => {
    expect(await ctl('start_node', 'node3')).toBe('Starting node rabbit@node3 ...\n')
    expect(await ctl('list_queues', '-s', '-n', 'node3', '--local')).toBe('plain\t0\n')
  })

  test('stop_node stops it cleanly', async () => {
    expect(await ctl('stop_node', '3', '-q')).toBe('')
    expect(rows(await ctl('list_nodes', '-s'))[2]!.slice(0, 2)).toEqual(['rabbit@node3', 'stopped'])
    await ctl('start_node', '3')
  })

  test('partition cuts and heal mends: the sides see different leaders, then each other as partitioned', async () => {
    expect(await ctl('partition', 'rabbit@node1', 'rabbit@node2,rabbit@node3')).toBe(
      'Cutting the links between rabbit@node1 | rabbit@node2, rabbit@node3 ...\n',
    )
    const seenBy = async (node: string) =>
      JSON.parse(await ctl('cluster_status', '-n', node, '--formatter', 'json'))
    expect((await seenBy('1')).running_nodes).toEqual(['rabbit@node1'])
    expect((await seenBy('2')).running_nodes).toEqual(['rabbit@node2', 'rabbit@node3'])
    const leader = async (node: string) =>
      rows(await ctl('list_queues', '-s', '-n', node, 'name', 'node')).find(
        ([name]) => name === 'mirrored',
      )![1]
    expect(await leader('1')).toBe('rabbit@node1')
    expect(await leader('2')).toMatch(/node[23]$/)
    expect(await ctl('heal')).toBe('Mending all links ...\n')
    expect((await seenBy('1')).partitions).toEqual({ 'rabbit@node1': ['rabbit@node2', 'rabbit@node3'] })
    expect(await ctl('cluster_status', '-n', 'node2')).toContain(
      'Node rabbit@node2 cannot communicate with rabbit@node1\n',
    )
    await ctl('stop_node', '1')
    await ctl('start_node', '1')
    expect((await seenBy('1')).partitions).toEqual({})
  })

  test('freeze_node, silence, deafen and cut_link do what they say, and heal ends it', async () => {
    expect(await ctl('freeze_node', '3')).toBe('Freezing node rabbit@node3 ...\n')
    expect((await cluster.ctl('list_queues', '-n', '3')).code).toBe(69)
    expect(await ctl('thaw_node', '3')).toBe('Thawing node rabbit@node3 ...\n')
    expect((await cluster.ctl('list_queues', '-n', '3')).code).toBe(0)
    expect(await ctl('silence', '1')).toBe(
      'Silencing the links between rabbit@node1 | rabbit@node2, rabbit@node3 ...\n',
    )
    expect(await ctl('deafen', '1', '2,node3')).toBe(
      'Making node rabbit@node1 deaf to rabbit@node2, rabbit@node3 ...\n',
    )
    const running = async () =>
      JSON.parse(await ctl('cluster_status', '-n', '1', '--formatter', 'json')).running_nodes
    expect(await running()).toHaveLength(3)
    await ctl('heal')
    expect(await ctl('cut_link', '1', '2')).toBe(
      'Cutting the link between rabbit@node1 and rabbit@node2 ...\n',
    )
    expect(await running()).toEqual(['rabbit@node1'])
    await ctl('heal')
  })

  test('slow_link, silence_link and heal_link change one link, in both directions', async () => {
    const between = async () => {
      const headers = { authorization: `Basic ${btoa('guest:guest')}` }
      const answer = await fetch(`${cluster.adminUrl}/warren/links`, { headers })
      const links = (await answer.json()) as { from: string; to: string; state: string; delay_ms: number }[]
      return links
        .filter(({ from, to }) => ![from, to].includes('rabbit@node3'))
        .map(({ state, delay_ms }) => [state, delay_ms])
    }
    expect(await ctl('slow_link', '1', '2', '--delay', '20', '--rate', '1000000')).toBe(
      'Slowing the link between rabbit@node1 and rabbit@node2: 20 ms each way, 1000000 bytes/s ...\n',
    )
    expect(await between()).toEqual([
      ['up', 20],
      ['up', 20],
    ])
    expect(await ctl('silence_link', '1', '2')).toBe(
      'Silencing the link between rabbit@node1 and rabbit@node2 ...\n',
    )
    expect(await between()).toEqual([
      ['silent', 20],
      ['silent', 20],
    ])
    expect(await ctl('heal_link', '1', '2')).toBe(
      'Mending the link between rabbit@node1 and rabbit@node2 ...\n',
    )
    expect(await between()).toEqual([
      ['up', 0],
      ['up', 0],
    ])
  })

  test('set_partition_handling says what nodes do from then on', async () => {
    const handling = async () => {
      const headers = { authorization: `Basic ${btoa('guest:guest')}` }
      return (await fetch(`${cluster.adminUrl}/warren/partition-handling`, { headers })).json()
    }
    expect(await ctl('set_partition_handling', 'pause_minority')).toBe(
      'Setting partition handling to pause_minority ...\n',
    )
    expect(await handling()).toEqual({ mode: 'pause_minority' })
    expect(
      await ctl('set_partition_handling', 'pause_if_all_down', '--nodes', '1,node2', '--recover', 'autoheal'),
    ).toBe('Setting partition handling to pause_if_all_down of rabbit@node1, rabbit@node2 ...\n')
    expect(await handling()).toEqual({
      mode: 'pause_if_all_down',
      nodes: ['rabbit@node1', 'rabbit@node2'],
      recover: 'autoheal',
    })
    await ctl('set_partition_handling', 'ignore')
    expect(await handling()).toEqual({ mode: 'ignore' })
  })
})

describe('wrong usage', () => {
  test.each([
    [['set_policy', 'a'], 'not enough arguments.', 'set_policy [options] <name> <pattern> <definition>'],
    [['set_policy', 'x', 'y', '{}', 'more'], 'too many arguments.', 'set_policy'],
    [['list_queues', '--zork'], 'Invalid options for this command:\n--zork : ', 'list_queues'],
    [
      ['set_policy', '--priority', 'x', 'p', '^p', '{}'],
      'Invalid options for this command:\n--priority : x\n',
      'set_policy',
    ],
    [['list_queues', 'zz'], 'Info key(s) zz are not supported', 'list_queues'],
    [
      ['list_queues', '--formatter', 'xml'],
      'Invalid options for this command:\n--formatter : xml\n',
      'list_queues',
    ],
    [['frob'], "Command 'frob' not found.", '<command>'],
    [['partition', 'node1', '1'], 'node rabbit@node1 is named twice', 'partition'],
    [['partition', '1,2,3'], 'all nodes are on one side', 'partition'],
    [['silence', '1,2,3'], 'all nodes are on one side', 'silence'],
    [['deafen', '1', '1,2'], 'node rabbit@node1 has no link to itself', 'deafen'],
    [['slow_link', '1', '2'], 'give --delay, --rate, or both', 'slow_link'],
    [['set_partition_handling', 'pause_if_all_down'], 'pause_if_all_down needs --nodes', '<mode>'],
    [
      ['set_partition_handling', 'ignore', '--nodes', '1'],
      '--nodes and --recover go with',
      'set_partition_handling',
    ],
    [
      ['set_partition_handling', 'hope'],
      "Bad argument: mode 'hope'. Allowed choices are ignore, pause_minority, autoheal, pause_if_all_down.\n",
      'set_partition_handling',
    ],
    [['cut_link', '1', 'node1'], 'node rabbit@node1 has no link to itself', 'cut_link'],
  ])('%j exits with 64, says what is wrong and how it is used', async (words, complaint, usage) => {
    const err = await refusal(64, ...words)
    expect(err).toContain(`Error (argument validation): ${complaint}`)
    expect(err).toContain(`Arguments given:\n\t--url ${cluster.adminUrl} ${words.join(' ')}\n`)
    expect(err).toMatch(/\n\nUsage\n\nwarren ctl /)
    expect(err).toContain(usage)
  })

  test('a node that does not exist is named with those that do', async () => {
    for (const words of [
      ['kill_node', 'node9'],
      ['list_queues', '-n', 'node9'],
    ]) {
      const err = await refusal(69, ...words)
      expect(err).toContain("unable to perform an operation on node 'node9'")
      expect(err).toContain('the nodes are rabbit@node1, rabbit@node2, rabbit@node3')
    }
  })

  test('a wrong password is one sentence', async () => {
    const { host } = new URL(cluster.adminUrl)
    const { code, err } = await warren('ctl', '--url', `http://guest:wrong@${host}`, 'list_queues')
    expect(code).toBe(69)
    expect(err).toBe(
      `Error: http://${host} refuses user 'guest'; name another with --url http://USER:PASSWORD@${host}.\n`,
    )
  })

  test('where no Warren answers it says how to start one', async () => {
    const stopped = await start('--port', '0', '--nodes', '1')
    stopped.signal('SIGTERM')
    await stopped.ended
    const { port } = new URL(stopped.adminUrl)
    const { code, out, err } = await stopped.ctl('list_queues')
    expect({ code, out }).toEqual({ code: 69, out: '' })
    expect(err).toBe(
      `Error: no Warren answers at http://127.0.0.1:${port}; start one with \`warren start --admin-port ${port}\`.\n`,
    )
  })
})
