// rabbitmqadmin of RabbitMQ 3.10.8, verb by verb: what it prints and how it ends is what it was seen to against a real
// broker (test/data/rabbitmqadmin.json; RECORD=1 with AMQP_URL writes it anew). It comes with Debian's rabbitmq-server;
// where that is not installed there is nothing to run, and test:oracle installs it.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Broker, broker } from '../support/broker.ts'
import { type ChannelModel, connect, consume, until } from '../support/clients.ts'
import { comparable, copies, type Ran, run } from '../support/rabbitmqadmin.ts'

type Recorded = Record<string, Ran>

const file = new URL('../data/rabbitmqadmin.json', import.meta.url)
const recording = process.env['RECORD'] === '1'
const recorded: Recorded = recording ? {} : JSON.parse(readFileSync(file, 'utf8'))

const vhost = 'rabbitmqadmin'
const kept = ['--format', 'tsv']

/** Commands in order, in the vhost of the test; `$file` and `$out` are files, `$connection` a client's. */
const commands: readonly (readonly string[])[] = [
  ['declare', 'vhost', `name=${vhost}`],
  ['declare', 'user', 'name=rau', 'password=p', 'tags=management'],
  ['declare', 'permission', `vhost=${vhost}`, 'user=rau', 'configure=.*', 'write=.*', 'read=.*'],
  ['declare', 'exchange', 'name=x', 'type=topic'],
  ['declare', 'exchange', 'name=x2', 'type=fanout', 'durable=false', 'auto_delete=true', 'internal=true'],
  ['declare', 'queue', 'name=q', 'arguments={"x-max-length":10}'],
  ['declare', 'queue', 'name=q2', 'durable=false', 'queue_type=classic'],
  ['declare', 'queue', 'name=q', 'durable=false'],
  ['declare', 'binding', 'source=x', 'destination=q', 'routing_key=a.#'],
  ['declare', 'binding', 'source=x', 'destination=q2', 'routing_key=b', 'arguments={"a":1}'],
  ['declare', 'binding', 'source=x', 'destination=x2', 'destination_type=exchange'],
  ['declare', 'binding', 'source=nowhere', 'destination=q'],
  [
    'declare',
    'policy',
    'name=p',
    'pattern=^q$',
    'definition={"max-length":5}',
    'apply-to=queues',
    'priority=2',
  ],
  ['declare', 'policy', 'name=p2', 'pattern=^q$', 'definition={"no-such":5}'],
  ['declare', 'operator_policy', 'name=op', 'pattern=^q2', 'definition={"expires":600000}'],
  ['declare', 'parameter', 'component=nothing', 'name=n', 'value={"a":1}'],
  ['declare', 'vhost_limit', `vhost=${vhost}`, 'name=max-queues', 'value=100'],
  [
    'publish',
    'exchange=x',
    'routing_key=a.b',
    'payload=hello',
    'properties={"delivery_mode":2,"headers":{"a":1}}',
  ],
  ['publish', 'routing_key=q', 'payload=second'],
  ['publish', 'routing_key=nowhere', 'payload=lost'],
  ['publish', 'routing_key=q2'],
  ['publish', 'exchange=nowhere', 'routing_key=q', 'payload=x'],
  ['get', 'queue=q', 'count=2'],
  ['get', 'queue=q', 'ackmode=ack_requeue_false'],
  ['get', 'queue=q', 'payload_file=$out'],
  ['get', 'queue=q2', 'encoding=base64'],
  ['get', 'queue=nowhere'],
  ['list', 'exchanges'],
  ['list', 'queues'],
  ['list', 'bindings'],
  ['list', 'consumers', 'consumer_tag', 'queue.name', 'ack_required'],
  ['list', 'connections', 'name', 'user', 'channels', 'state', 'vhost'],
  ['list', 'channels', 'name', 'user', 'number', 'consumer_count'],
  ['list', 'users', 'name', 'tags'],
  ['list', 'vhosts', 'name', 'tracing'],
  ['list', 'permissions'],
  ['list', 'parameters'],
  ['list', 'policies'],
  ['list', 'operator_policies'],
  ['list', 'vhost_limits'],
  ['list', 'nodes', 'name', 'type', 'running'],
  ['show', 'overview', 'rabbitmq_version', 'management_version', 'node', 'rates_mode'],
  ['list', 'bindings', '--format', 'long'],
  ['list', 'bindings', '--format', 'kvp'],
  ['list', 'bindings', '--format', 'bash'],
  ['list', 'bindings', ...kept],
  ['list', 'policies', '--format', 'pretty_json'],
  ['list', 'policies', '--format', 'raw_json'],
  ['list', 'queues', 'name', '--sort', 'name', '--sort-reverse'],
  ['list', 'queues', 'name', 'effective_policy_definition', '--depth', '2', ...kept],
  ['--quiet', 'list', 'exchanges', 'name', ...kept],
  ['purge', 'queue', 'name=q'],
  ['purge', 'queue', 'name=nowhere'],
  ['close', 'connection', 'name=$connection'],
  ['close', 'connection', 'name=nowhere'],
  ['export', '$file'],
  ['delete', 'binding', 'source=x', 'destination_type=queue', 'destination=q', 'properties_key=a.%23'],
  ['delete', 'exchange', 'name=x'],
  ['delete', 'exchange', 'name=x'],
  ['delete', 'queue', 'name=q'],
  ['list', 'queues', 'name'],
  ['import', '$file'],
  ['list', 'queues', 'name', 'durable'],
  ['list', 'bindings'],
  ['delete', 'policy', 'name=p'],
  ['delete', 'operator_policy', 'name=op'],
  ['delete', 'vhost_limit', `vhost=${vhost}`, 'name=max-queues'],
  ['delete', 'parameter', 'component=nothing', 'name=n'],
  ['delete', 'permission', `vhost=${vhost}`, 'user=rau'],
  ['delete', 'user', 'name=rau'],
  ['-u', 'rau', '-p', 'p', 'list', 'queues'],
  ['list', 'nonsense'],
  ['declare', 'queue'],
  ['delete', 'vhost', `name=${vhost}`],
  ['delete', 'vhost', `name=${vhost}`],
]

describe.skipIf(copies.length === 0)('rabbitmqadmin', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rabbitmqadmin-'))
  const times = new Map<string, number>()
  let here: Broker
  let node = ''
  let admin: URL
  let client: ChannelModel | undefined

  const get = async (path: string) => {
    const authorization = `Basic ${Buffer.from('guest:guest').toString('base64')}`
    const answer = await fetch(new URL(`/api${path}`, admin), { headers: { authorization } })
    return (await answer.json()) as ReturnType<typeof JSON.parse>
  }

  beforeAll(async () => {
    here = await broker()
    admin = new URL(here.admin!)
    node = (await get('/overview')).node
  })

  afterAll(async () => {
    await client?.close().catch(() => {})
    await here?.stop()
    rmSync(folder, { recursive: true })
    if (recording) writeFileSync(file, `${JSON.stringify(recorded, null, 1)}\n`)
  })

  /** A client with a consumer, and statistics that know of it. */
  async function attend(): Promise<void> {
    const url = new URL(here.url)
    url.pathname = `/${vhost}`
    client = await connect(url.href)
    client.on('error', () => {})
    const channel = await client.createChannel()
    await consume(channel, 'q2', { consumerTag: 'c', noAck: true })
    await until('it is listed', async () => {
      const [connection] = await get('/connections')
      const queues: { name: string; consumers?: number; messages?: number }[] = await get(`/queues/${vhost}`)
      const [q, q2] = ['q', 'q2'].map((name) => queues.find((queue) => queue.name === name))
      const counted = q?.messages === 1 && q2?.messages === 0 && q2.consumers === 1
      return counted && connection?.channels === 1 && (await get('/channels'))[0]?.consumer_count === 1
    })
  }

  async function ran(copy: string, command: readonly string[]): Promise<Ran> {
    const filled = command.map((word) =>
      word.replace('$file', join(folder, 'definitions.json')).replace('$out', join(folder, 'payload')),
    )
    if (command.includes('name=$connection'))
      filled[2] = `name=${(await get('/connections')).map(({ name }: { name: string }) => name)[0]}`
    // The parser takes options anywhere; the vhost is for all but what names its own.
    const place = ['-H', admin.hostname, '-P', admin.port]
    const whole = ['export', 'import'].includes(command[0]!)
    const within = whole || command[1] === 'vhost' || command[1] === 'user' ? [] : ['-V', vhost]
    return run(copy, [...place, ...within, ...filled], 'from standard input')
  }

  const rows = commands.map((command) => ({ title: command.join(' '), command }))

  test.each(rows)('$title', async (row) => {
    const count = (times.get(row.title) ?? 0) + 1
    times.set(row.title, count)
    if (row.title === 'list exchanges') await attend()
    const { code, out, err } = await ran(copies[count % copies.length]!, row.command)
    const shown = (text: string) => comparable(text.replaceAll(folder, 'FOLDER'), node, vhost)
    const result = { code, out: shown(out), err: shown(err) }
    const name = count === 1 ? row.title : `${row.title} (${count})`
    if (recording) recorded[name] = result
    expect(result).toEqual(recorded[name])
  })

  test('a payload is written to a file', () => {
    expect(readFileSync(join(folder, 'payload'), 'utf8')).toBe('second')
  })
})
