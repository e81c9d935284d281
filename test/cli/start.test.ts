// `warren start` as people meet it: where it says it is, how it ends, and why it will not begin.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, within } from '../support/clients.ts'
import { endAll, start, warren } from './warren.ts'

const folder = mkdtempSync(join(tmpdir(), 'warren-cli-'))
const written = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

afterAll(async () => {
  await endAll()
  rmSync(folder, { recursive: true })
})

describe('warren start', () => {
  test('prints each node and the admin page on a line, and serves amqplib over IPv4 and IPv6', async () => {
    const { urls, adminUrl, out, signal, ended } = await start('--port', '0')
    expect(out).toMatch(
      /^rabbit@node1 {2}amqp:\/\/127\.0\.0\.1:\d+\nrabbit@node2 {2}amqp:\S+\nrabbit@node3 {2}amqp:\S+\nadmin {9}http:\S+\nmetrics {7}http:\S+\n.*Ctrl-C/,
    )
    expect(new Set(urls).size).toBe(3)
    for (const url of [...urls, urls[0]!.replace('127.0.0.1', '[::1]')]) {
      const connection = await connect(url)
      const channel = await connection.createChannel()
      expect(await channel.assertQueue('shared')).toMatchObject({ queue: 'shared' })
      await connection.close()
    }
    const page = await fetch(`${adminUrl}/warren/nodes`, {
      headers: { authorization: `Basic ${btoa('guest:guest')}` },
    })
    expect(((await page.json()) as { name: string }[]).map(({ name }) => name)).toEqual([
      'rabbit@node1',
      'rabbit@node2',
      'rabbit@node3',
    ])
    signal('SIGINT')
    expect((await ended).code).toBe(0)
  })

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends it with exit code 0: clients are told, nothing is left listening',
    async (name) => {
      const { urls, adminUrl, signal, ended } = await start('--port', '0', '--nodes', '2')
      const connections = await Promise.all(urls.map((url) => connect(url)))
      const told = connections.map(
        (connection) =>
          new Promise<string>((resolve) => connection.once('close', (why) => resolve(why.message))),
      )
      signal(name)
      for (const message of await within(Promise.all(told), () => 'clients were not told'))
        expect(message).toContain('320 (CONNECTION-FORCED) with message "CONNECTION_FORCED - broker forced')
      const { code, err } = await within(ended, () => 'it did not end')
      expect({ code, err }).toEqual({ code: 0, err: '' })
      for (const url of urls) await expect(connect(url)).rejects.toThrow('ECONNREFUSED')
      await expect(fetch(adminUrl)).rejects.toThrow()
    },
  )

  test('takes ports from --port on, one per node', async () => {
    const first = await freePorts(2)
    const { urls, signal, ended } = await start(
      ...['--port', String(first), '--nodes', '2', '--admin-port', '0'],
    )
    expect(urls).toEqual([`amqp://127.0.0.1:${first}`, `amqp://127.0.0.1:${first + 1}`])
    signal('SIGTERM')
    expect((await ended).code).toBe(0)
  })

  test('says where the metrics are', async () => {
    const { out, signal, ended } = await start('--port', '0', '--nodes', '1')
    const url = /^metrics +(\S+)$/m.exec(out)?.[1] ?? ''
    expect(await (await fetch(url)).text()).toContain('rabbitmq_identity_info{rabbitmq_node="rabbit@node1"')
    signal('SIGTERM')
    expect((await ended).code).toBe(0)
  })

  test('starts with the policies of a file', async () => {
    const file = written(
      'good.yaml',
      '- name: ha\n  pattern: ^m\n  priority: 2\n  definition: { ha-mode: exactly, ha-params: 2 }\n',
    )
    const cluster = await start('--port', '0', '--policies', file)
    expect((await cluster.ctl('list_policies', '-s')).out).toBe(
      '/\tha\t^m\tall\t{"ha-mode":"exactly","ha-params":2}\t2\n',
    )
    cluster.signal('SIGINT')
    await cluster.ended
  })

  test('equal seeds place mirrors alike', async () => {
    const file = written(
      'one.yaml',
      '- name: ha\n  pattern: .\n  definition: { ha-mode: exactly, ha-params: 2 }\n',
    )
    const placed = async () => {
      const cluster = await start('--port', '0', '--nodes', '7', '--seed', '42', '--policies', file)
      const connection = await connect(cluster.urls[0]!)
      const channel = await connection.createChannel()
      for (let i = 0; i < 12; i++) await channel.assertQueue(`q${i}`)
      const { out } = await cluster.ctl('list_queues', '-q', 'name', 'mirrors')
      await connection.close()
      cluster.signal('SIGINT')
      await cluster.ended
      return out
    }
    const first = await placed()
    expect(new Set(first.match(/\[.*\]/g)).size).toBeGreaterThan(2)
    expect(await placed()).toBe(first)
  })

  test('hands the partition handling to the cluster', async () => {
    const cluster = await start('--port', '0', '--partition-handling', 'pause_minority')
    await cluster.ctl('partition', 'node1')
    expect((await cluster.ctl('list_nodes', '-s')).out).toMatch(/^rabbit@node1\tpaused\t/)
    cluster.signal('SIGINT')
    expect((await cluster.ended).code).toBe(0)
  })

  test('takes the nodes of pause_if_all_down, and the net tick', async () => {
    const cluster = await start(
      ...['--port', '0', '--partition-handling', 'pause_if_all_down'],
      ...['--pause-if-all-down-nodes', 'node1', '--net-ticktime', '1'],
    )
    await cluster.ctl('silence', 'node1')
    await expect
      .poll(async () => (await cluster.ctl('list_nodes', '-s')).out, { timeout: 20_000 })
      .toMatch(/^rabbit@node1\trunning\t.*\nrabbit@node2\tpaused\t.*\nrabbit@node3\tpaused\t/)
    cluster.signal('SIGINT')
    expect((await cluster.ended).code).toBe(0)
  })
})

describe('a port that is taken', () => {
  let taken: Server
  let port = 0

  beforeAll(async () => {
    port = await freePorts(2)
    taken = createServer()
    await listening(taken, port + 1)
  })
  afterAll(() => void taken.close())

  test('is one sentence that names the port, who wanted it and --port', async () => {
    const { code, out, err } = await warren(
      'start',
      '--port',
      String(port),
      '--nodes',
      '2',
      '--admin-port',
      '0',
    )
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toBe(
      `warren: port ${port + 1}, meant for rabbit@node2, is taken by another program; choose another with --port.\n`,
    )
  })

  test('is told apart when it is the admin page that wanted it', async () => {
    const { code, err } = await warren('start', '--port', '0', '--admin-port', String(port + 1))
    expect(code).toBe(1)
    expect(err).toBe(
      `warren: port ${port + 1}, meant for the admin page, is taken by another program; choose another with --admin-port.\n`,
    )
  })
})

describe('a policy file', () => {
  const refused = async (file: string) => {
    const { code, out, err } = await warren('start', '--port', '0', '--policies', file)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    return err
  }

  test('with one fault is refused whole, naming file, line, column, policy and key', async () => {
    const file = written(
      'bad.yaml',
      '- name: good\n  pattern: .\n  definition: { ha-mode: all }\n- name: bad\n  pattern: .\n  definition:\n    ha-mode: some\n',
    )
    expect(await refused(file)).toBe(
      `warren: ${file}:7:5: policy "bad", definition.ha-mode: "some" is not a valid ha-mode value\n`,
    )
  })

  test('that is no YAML or not there is refused as well', async () => {
    const file = written('worse.yaml', '- name: [\n')
    expect(await refused(file)).toMatch(`warren: ${file}:`)
    const missing = join(folder, 'missing.yaml')
    expect(await refused(missing)).toBe(
      `warren: the policy file ${missing} cannot be read, there is no such file.\n`,
    )
    expect(await refused(folder)).toContain('it is a folder.')
  })
})

describe('wrong usage', () => {
  test.each([
    [
      ['start', '--nodes', '0'],
      "'--nodes <count>' argument '0' is invalid. It must be a whole number from 1 to 64.",
    ],
    [['start', '--nodes', '2.5'], 'whole number from 1 to 64'],
    [['start', '--port', '70000'], 'whole number from 0 to 65535'],
    [['start', '--port', '65535'], '3 nodes from port 65535 on would end at 65537'],
    [
      ['start', '--port', '15691'],
      "the nodes' ports from 15691 on and Prometheus ports from 15692 on overlap; change one of them",
    ],
    [['start', '--port', '15670'], "the nodes' ports 15670 to 15672 include --admin-port 15672"],
    [['start', '--seed', 'x'], 'whole number from 0 to 4294967295'],
    [['start', '--memory-limit', 'much'], 'a size such as 512MB or 1GiB, or a share from 0 to 1'],
    [
      ['start', '--partition-handling', 'hope'],
      'It must be ignore, pause_minority, pause_if_all_down or autoheal.',
    ],
    [
      ['start', '--partition-handling', 'pause_if_all_down'],
      'pause_if_all_down needs --pause-if-all-down-nodes',
    ],
    [['start', '--pause-if-all-down-nodes', '1'], 'go with --partition-handling pause_if_all_down'],
    [['start', '--net-ticktime', '0'], 'whole number from 1'],
    [['start', '--colour'], "unknown option '--colour'"],
    [['start', 'now'], 'too many arguments'],
    [['begin'], "unknown command 'begin'"],
  ])('%j is one sentence and exit code 64', async (args, sentence) => {
    const { code, out, err } = await warren(...args)
    expect({ code, out }).toEqual({ code: 64, out: '' })
    expect(err).toContain(sentence)
    expect(err).toMatch(/^warren: .*\n$/)
  })
})

describe('help', () => {
  test.each([
    [['--help'], 'warren ctl kill_node 1'],
    [['start', '--help'], 'warren start --policies ha.yaml'],
    [['policies', '--help'], 'warren policies lint policies.yaml'],
    [['ctl', '--help'], 'warren ctl partition node1 node2,node3'],
    [['ctl', 'list_queues', '--help'], 'synchronised_slave_pids'],
  ])('%j shows examples and exits with 0', async (args, example) => {
    const { code, out, err } = await warren(...args)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('Examples:')
    expect(out).toContain(example)
  })

  test('--version prints the version of the package', async () => {
    expect((await warren('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  test('no command at all prints the help and exits with 64', async () => {
    const { code, err } = await warren()
    expect(code).toBe(64)
    expect(err).toContain('Usage: warren')
  })
})

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
}

/** The first of `count` neighbouring free ports. */
async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const servers = Array.from({ length: count }, () => createServer())
    try {
      await listening(servers[0]!, 0)
      const address = servers[0]!.address()
      const first = typeof address === 'object' && address !== null ? address.port : 0
      for (let i = 1; i < count; i++) await listening(servers[i]!, first + i)
      return first
    } catch {
      // A neighbour was taken: another place is tried.
    } finally {
      await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))))
    }
  }
  throw new Error(`no ${count} neighbouring free ports`)
}
