// `warren perf` as users run it, against a Warren, or against the broker named by AMQP_URL: what it counts is what was asked
// for, it ends as it says, and it leaves nothing behind.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningCluster, startCluster } from '../../index.ts'
import { throwAwayCertificates } from '../../nodes/listener-certificates.ts'
import { type Broker, broker } from '../support/broker.ts'
import { connect, exchangeExists, queueExists, until } from '../support/clients.ts'
import { background, endAll, warren } from './warren.ts'

let target: Broker
let folder: string

beforeAll(async () => {
  target = await broker()
  folder = mkdtempSync(join(tmpdir(), 'warren-perf-'))
})
afterAll(async () => {
  await endAll()
  await target.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Summary {
  readonly summary: string
  readonly counts: Readonly<Record<'sent' | 'returned' | 'confirmed' | 'nacked' | 'received', number>>
  readonly consumer_latency: { readonly min: number; readonly median: number; readonly p99: number } | null
  readonly confirm_latency: { readonly median: number } | null
}

/** Runs `warren perf --json` to its end, which must be a good one, and returns its last line. */
async function perf(...args: string[]): Promise<Summary> {
  const { code, out, err } = await warren('perf', '-h', target.url, '--json', ...args)
  expect([code, err]).toEqual([0, ''])
  return JSON.parse(out.trim().split('\n').at(-1)!)
}

async function left(queues: readonly string[], exchange: string): Promise<string[]> {
  const connection = await connect(target.url)
  const found: string[] = []
  for (const queue of queues) if (await queueExists(connection, queue)) found.push(queue)
  if (await exchangeExists(connection, exchange)) found.push(exchange)
  await connection.close()
  return found
}

describe('a run by counts', () => {
  test('delivers what was sent, once, and leaves neither queue nor exchange behind', async () => {
    const { summary, counts, consumer_latency } = await perf(
      ...'-x 2 -y 3 -u perf.shared -C 1000 -q 50 -A 10'.split(' '),
    )
    expect(summary).toBe('Reached message limit')
    expect(counts).toMatchObject({ sent: 2000, received: 2000 })
    expect(consumer_latency!.min).toBeGreaterThan(0)
    expect(consumer_latency!.p99).toBeGreaterThanOrEqual(consumer_latency!.median)
    expect(await left(['perf.shared'], 'direct')).toEqual([])
  })

  test('gives every consumer without a queue name a queue and a copy of its own', async () => {
    const { counts } = await perf(...'-y 3 -C 200 -a -e perf.copies'.split(' '))
    expect(counts).toMatchObject({ sent: 200, received: 600 })
  })

  test('deals many queues to few consumers and producers', async () => {
    const { counts } = await perf(...'-qp perf.%03d -qpf 8 -qpt 12 -x 2 -y 2 -X 2 -C 250 -a'.split(' '))
    expect(counts).toMatchObject({ sent: 1000, received: 1000 })
    expect(await left(['perf.008', 'perf.012'], 'direct')).toEqual([])
  })

  test('confirms durable messages and counts what could not be routed as returned', async () => {
    const options = '-u perf.safe -f persistent -f mandatory -c 100 -C 500'.split(' ')
    const routed = await perf(...options)
    expect(routed.counts).toEqual({ sent: 500, returned: 0, confirmed: 500, nacked: 0, received: 500 })
    expect(routed.confirm_latency!.median).toBeGreaterThan(0)
    const { counts } = await perf(...options, '--skip-binding-queues', '-y', '0')
    expect(counts).toEqual({ sent: 500, returned: 500, confirmed: 500, nacked: 0, received: 0 })
  })

  test('carries bodies of several frames, and in turn bodies of several sizes', async () => {
    expect((await perf(...'-u perf.large -s 300000 -C 40'.split(' '))).counts.received).toBe(40)
    const varied = '-u perf.varied -vs 20:1 -vs 20000:1 -r 100 -z 2.5 -a'
    expect((await perf(...varied.split(' '))).counts.received).toBeGreaterThan(100)
  })

  test('stops consumers at their own count', async () => {
    const { counts } = await perf(...'-u perf.few -y 2 -D 30 -r 2000'.split(' '))
    expect(counts.received).toBe(60)
  })

  test('fills a queue that stays and empties it later', async () => {
    const filled = await perf(...'-u perf.backlog -y 0 -C 300 --auto-delete false -e perf.stays'.split(' '))
    expect(filled.counts).toMatchObject({ sent: 300, received: 0 })
    const drained = await perf(...'-u perf.backlog -x 0 -D 300 -p'.split(' '))
    expect(drained.counts).toMatchObject({ sent: 0, received: 300 })
    const connection = await connect(target.url)
    const channel = await connection.createChannel()
    expect((await channel.deleteQueue('perf.backlog')).messageCount).toBe(0)
    await channel.deleteExchange('perf.stays')
    await connection.close()
  })
})

describe('a run by time', () => {
  test('keeps to its rate and says so line by line, in a file too', async () => {
    const file = join(folder, 'perf.csv')
    const words = ['perf', '-h', target.url, ...'-u perf.rate -r 200 -z 2.4 --id steady -o'.split(' '), file]
    const { code, out } = await warren(...words)
    expect(code).toBe(0)
    const lines = out.trimEnd().split('\n')
    expect(lines.slice(0, 2)).toEqual([
      'id: steady, starting consumer #0',
      'id: steady, starting producer #0',
    ])
    expect(lines[2]).toMatch(
      /^id: steady, time 1\.\d{3} s, sent: \d+ msg\/s, received: \d+ msg\/s, min\/median\/75th\/95th\/99th consumer latency: \d+\/\d+\/\d+\/\d+\/\d+ µs/,
    )
    expect(lines).toContain('test stopped (Reached time limit)')
    const rate = Number(/sending rate avg: (\d+) msg/.exec(out)?.[1])
    expect(rate).toBeGreaterThan(150)
    expect(rate).toBeLessThanOrEqual(201)
    const rows = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(rows[0]).toMatch(/^id,time \(s\),published \(msg\/s\),.*,99th p\. confirm latency \(µs\)$/)
    expect(rows.length).toBeGreaterThanOrEqual(3)
    for (const row of rows) expect(row.split(',')).toHaveLength(17)
  })

  test('works on no more than a slow consumer can', async () => {
    const { counts } = await perf(...'-u perf.slow -r 1000 -L 10000 -q 10 -z 1.5'.split(' '))
    expect(counts.received).toBeGreaterThan(20)
    expect(counts.received).toBeLessThanOrEqual(152)
  })
})

describe('a run that is interrupted', () => {
  test('prints its summary and leaves nothing behind', async () => {
    const run = background(
      'perf',
      '-h',
      target.url,
      ...'-u perf.stopped -r 500 -e perf.gone -c 10 -i 0.2'.split(' '),
    )
    await until('a line of rates', () => run.out.includes(', time '))
    run.signal('SIGINT')
    const { code, out, err } = await run.ended
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('test stopped (Interrupted)\n')
    expect(out).toMatch(/sending rate avg: \d+ msg\/s\n/)
    expect(await left(['perf.stopped'], 'perf.gone')).toEqual([])
  })
})

describe('a run that cannot be', () => {
  const run = (...args: string[]) => warren('perf', ...args)

  test('says in a sentence why, with exit code 1', async () => {
    expect(await run('-h', 'amqp://127.0.0.1:1')).toMatchObject({
      code: 1,
      err: 'warren perf: cannot connect to amqp://127.0.0.1:1: connection refused\n',
    })
    const stranger = Object.assign(new URL(target.url), { username: 'nobody', password: 'wrong' })
    expect(await run('-h', stranger.href)).toMatchObject({
      code: 1,
      err: expect.stringContaining('403 ACCESS_REFUSED'),
    })
    expect(await run('-h', target.url, '-u', 'perf.missing', '-p')).toMatchObject({
      code: 1,
      err: expect.stringContaining("404 NOT_FOUND - no queue 'perf.missing'"),
    })
  })

  test('points at --predeclared when the queue exists with other properties', async () => {
    const connection = await connect(target.url)
    const channel = await connection.createChannel()
    await channel.assertQueue('perf.other', { durable: true })
    const { code, err } = await run('-h', target.url, '-u', 'perf.other', '-z', '1')
    await channel.deleteQueue('perf.other')
    await connection.close()
    expect(code).toBe(1)
    expect(err).toMatch(
      /406 PRECONDITION_FAILED - inequivalent arg .*\nIt exists already, otherwise: try --predeclared\.\n/,
    )
    expect(await left([], 'direct')).toEqual([])
  })

  test.each([
    [['--bogus'], "unknown option '--bogus'"],
    [['-x', '0', '-y', '0'], 'nothing to do'],
    [['-q', '5', '-A', '10'], 'waiting for ever'],
    [['-h', 'http://x'], 'It must be a URI like amqp://'],
    [['-f', 'sticky'], 'It must be persistent or mandatory'],
    [['-r', '10', '-P', '2'], 'exclude one another'],
    [['-e', ''], 'messages need --queue'],
    [['-qp', 'queue'], 'one %d'],
  ])('refuses %j with exit code 64', async (words, text) => {
    const { code, err } = await run(...words)
    expect([code, err]).toEqual([64, expect.stringContaining(text)])
    expect(err).toMatch(/^warren perf: /)
  })
})

describe('with a cluster', () => {
  let cluster: RunningCluster
  beforeAll(async () => {
    cluster = await startCluster({ nodes: 2, port: 0, adminPort: null, tls: true })
  })
  afterAll(() => cluster.stop())

  test('connects again after a node was lost, elsewhere, and goes on', async () => {
    const options = '-u perf.fault -r 200 -cri 0.2 -i 0.2 -z 30'.split(' ')
    const run = background('perf', '-H', cluster.urls.join(','), ...options)
    await until('a line of rates', () => run.out.includes(', time '))
    await cluster.node(2).kill()
    await until('the loss', () => run.out.includes('consumer #0: connection lost'))
    await until('the recovery', () => run.out.includes('consumer #0: connected again'))
    const before = run.out.length
    await until('deliveries again', () => /received: [1-9]/.test(run.out.slice(before)))
    run.signal('SIGTERM')
    expect((await run.ended).code).toBe(0)
    await cluster.node(2).start()
  })

  test('ends with the first lost connection when told to', async () => {
    const run = background('perf', '-h', cluster.urls[0]!, ...'-u perf.once -r 50 -dcr -i 0.2'.split(' '))
    await until('a line of rates', () => run.out.includes(', time '))
    await cluster.node(1).stop()
    const { code, err } = await run.ended
    expect(code).toBe(1)
    expect(err).toMatch(/#0: the broker closed the connection: 320 CONNECTION_FORCED/)
    await cluster.node(1).start()
  })

  test('speaks TLS, and believes only the CA it is given', async () => {
    const words = ['perf', '-h', cluster.tlsUrls[0]!, ...'-u perf.tls -C 100 -a'.split(' ')]
    expect((await warren(...words)).code).toBe(0)
    const [own, other] = [join(folder, 'own.pem'), join(folder, 'other.pem')]
    writeFileSync(own, cluster.throwAway!.ca)
    expect((await warren(...words, '--tls-ca', own)).code).toBe(0)
    writeFileSync(other, (await throwAwayCertificates(Date.now())).server.ca)
    const { code, err } = await warren(...words, '--tls-ca', other)
    expect([code, err]).toEqual([1, expect.stringContaining('cannot connect to amqps://')])
  })
})
