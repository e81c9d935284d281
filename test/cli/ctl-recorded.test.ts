// Every word that rabbitmqctl, rabbitmq-diagnostics and rabbitmq-queues 3.10.8 said to the script of test/oracle/ctl, said by `warren
// ctl` too: output, complaint and exit code, but for names of nodes, ports and processes and for the listed differences.

import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ctl } from '../../cli/ctl.ts'
import { Failure } from '../../cli/failure.ts'
import { type RunningCluster, startCluster } from '../../index.ts'
import { script, stage } from '../oracle/ctl/script.ts'
import { connect } from '../support/clients.ts'

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

interface Said {
  readonly tool: string
  readonly words: readonly string[]
  readonly code: number
  readonly out: string
  readonly err: string
}

const recorded = JSON.parse(
  readFileSync(new URL('../data/ctl.json', import.meta.url), 'utf8'),
) as readonly Said[]

/** Commands whose answers differ, and why; `only`: what is compared all the same. */
const differences: readonly { words: RegExp; why: string; only?: 'code' | 'complaint' | 'nothing' }[] = [
  { words: /^version$/, why: "Warren's own version is `warren --version`.", only: 'nothing' },
  {
    words: /^list_network_interfaces|^list_queues name$/,
    why: 'No such verb of that tool.',
    only: 'nothing',
  },
  { words: /_listeners$/, why: 'Listeners cannot be suspended.', only: 'nothing' },
  { words: /^cluster_status --formatter json/, why: 'Compared in ctl.test.', only: 'code' },
  { words: /--formatter nosuch$/, why: 'The real one crashes.', only: 'nothing' },
  { words: /^check_port_listener 1 --formatter json/, why: 'Other listeners.', only: 'code' },
  { words: /^list_vhosts name description tags/, why: 'The real one makes one tag of a,b.', only: 'code' },
  {
    words: /^check_protocol_listener mqtt/,
    why: 'No Erlang distribution among the listeners.',
    only: 'code',
  },
  {
    words: /^nosuch_verb|^list_user_permissions$|^delete_queue$|nosuch$/,
    why: 'Usage is worded for Warren.',
    only: 'code',
  },
  { words: /^set_vm_memory_high_watermark absolute 0$/, why: 'The real one crashes.', only: 'nothing' },
  {
    words: /^set_vm_memory_high_watermark( absolute| -- -1| abc| 0\.4abc| 0\.4 x| \.5| 1\.5| 2)?$/,
    why: 'Usage is worded for Warren.',
    only: 'complaint',
  },
  {
    words: /^set_vm_memory_high_watermark absolute (1\.5GB|1kb|700m|700mb|700 MB|abc|10XB|5 6)$/,
    why: 'Usage is worded for Warren.',
    only: 'complaint',
  },
  { words: /^status --unit xx$/, why: 'Usage is worded for Warren.', only: 'complaint' },
  { words: /^status( --formatter json| --unit mb)?$/, why: 'Compared below.', only: 'code' },
]

let cluster: RunningCluster
const answers = new Map<number, Ended>()
const clients: { close(): Promise<void> }[] = []

/** As the command would, without the half second that each process takes to start. */
async function say(...words: string[]): Promise<Ended> {
  let out = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text)
    return true
  })
  try {
    await ctl(['--url', cluster.adminUrl!, ...words])
    return { code: 0, out, err: '' }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { code: error.exitCode, out, err: error.text }
  } finally {
    write.mockRestore()
  }
}

beforeAll(async () => {
  cluster = await startCluster({ port: 0, seed: 1, statisticsMs: 50 })
  await stage(async (node) => {
    const client = await connect(cluster.urls[node - 1]!)
    client.on('error', () => {})
    clients.push(client)
    return client
  })
  await say('set_cluster_name', 'oracle')
  for (const [i, { words }] of script.entries())
    answers.set(i, await say('-n', 'node1', ...words.map(renamed)))
}, 60_000)
afterAll(async () => {
  for (const client of clients) await client.close().catch(() => {})
  await cluster?.stop()
})

const renamed = (word: string) => word.replaceAll(/r(\d)@localhost/g, 'rabbit@node$1')

/** What must be the same of a text; without regard to the order of lines when `sorted`. */
function comparable(text: string, sorted: boolean): string[] {
  const lines = renamed(text)
    .replaceAll('rabbitmqctl help', 'warren ctl help')
    .replaceAll(/<rabbit@node(\d)[.\d]+>/g, '<node$1>')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replaceAll(/\b\d{4,5}(, \d{4,5})+\b/g, 'PORTS')
    .replaceAll(/\t\d{4,5}\t/g, '\tPORT\t')
    // The HTTP API keeps no types of numbers.
    .replaceAll('"byte",', '"signedint",')
    .replaceAll(/rabbitmq-cluster-id-[\w-]+/g, 'ID')
    .split('\n')
    .map((line) =>
      line
        .replace(/^,|^ ?\[(?=\[?\{\w+,)|(?<=\})\][\],]$/g, '')
        .replace(/^\[/, '')
        .trimEnd(),
    )
    .filter((line) => line !== '')
  return sorted ? lines.sort() : lines
}

/** The first lines of a refusal, before the words that were given. */
const complaint = (err: string) => err.split('\nArguments given')[0]

test('the recording is of this script', () => {
  expect(recorded.map(({ tool, words }) => [tool, ...words])).toEqual(
    script.map(({ tool, words }) => [tool, ...words]),
  )
  for (const { words, why } of differences)
    expect([why, script.some((step) => words.test(step.words.join(' ')))]).toEqual([why, true])
})

test.each(recorded.map((said, i) => ({ said, i, title: `${said.tool} ${said.words.join(' ')}` })))(
  '$title',
  ({ said, i }) => {
    const { code, out, err } = answers.get(i)!
    const difference = differences.find(({ words }) => words.test(said.words.join(' ')))
    if (difference?.only === 'nothing') return
    expect([code, err === ''], err).toEqual([said.code, said.err === ''])
    if (difference?.only === 'code') return
    if (difference?.only === 'complaint') return expect(complaint(err)).toBe(complaint(said.err))
    // A real node lists in the order of its tables, which depends on its age.
    const sorted = said.words[0]!.startsWith('list_')
    expect(comparable(out, sorted)).toEqual(comparable(said.out, sorted))
    expect(comparable(err, sorted)).toEqual(comparable(said.err, sorted))
  },
)

/** Lines of `status` that speak of an Erlang machine, of plugins' files or of a disk. */
const absentLines = [
  ...['OS', 'Crypto library', 'Erlang processes', 'Scheduler run queue', 'Enabled plugin file'],
  ...['Data directory', 'Node data directory', 'Raft data directory'],
  ...['Free Disk Space', 'Low free disk space watermark', 'Free disk space'],
]
const absentKeys = [
  ...['crypto_lib_version', 'data_directory', 'disk_free', 'disk_free_limit', 'enabled_plugin_file'],
  ...['os', 'processes', 'raft_data_directory', 'run_queue'],
]

/** Titles and labels in their order, each once; parts of memory by name, since they stand by size. */
function labels(out: string): string[] {
  const all = out
    .split('\n')
    .filter((line) => /^\S/.test(line) && line !== '(none)' && !line.startsWith('Status of node'))
    .map((line) => stripVTControlCharacters(line).replace(/: .*| ?:$/, ''))
  const part = (label: string) => /^[a-z_]+$/.test(label)
  return [...new Set([...all.filter((label) => !part(label)), ...all.filter(part).sort()])]
}

const answerTo = (...words: string[]) => {
  const i = script.findIndex((step) => step.words.join(' ') === words.join(' '))
  return { said: recorded[i]!.out, out: answers.get(i)!.out }
}

test('status has the sections, lines and parts of memory of the real one, but for what Warren has not', () => {
  const { said, out } = answerTo('status')
  expect(labels(out)).toEqual(labels(said).filter((label) => !absentLines.includes(label)))
  for (const label of absentLines) expect(labels(said)).toContain(label)
  expect(out).toContain('Memory high watermark setting: 0.4 of available memory, computed to: ')
  expect(out).toMatch(/\nTotal memory used: 0\.\d{1,4} gb\n/)
  expect(out).toMatch(/\nqueue_slave_procs: 0\.0 gb \(0\.0 %\)\n/)
  const inMegabytes = answerTo('status', '--unit', 'mb').out
  expect(inMegabytes).toMatch(/\nTotal memory used: \d+\.\d{1,4} mb\n/)
  expect(inMegabytes).toContain('Memory high watermark setting: 0.5 of available memory')
})

test('status as JSON has the keys of the real one, of the same types, but for what Warren has not', () => {
  const { said, out } = answerTo('status', '--formatter', 'json')
  const typesOf = (text: string) =>
    Object.entries(JSON.parse(text) as object).map(([key, value]) => [
      key,
      Array.isArray(value) ? 'array' : typeof value,
    ])
  expect(typesOf(out)).toEqual(typesOf(said).filter(([key]) => !absentKeys.includes(key!)))
  const inside = (text: string, key: string) => Object.keys(JSON.parse(text)[key]).sort()
  for (const key of ['file_descriptors', 'memory', 'totals', 'vm_memory_high_watermark_setting'])
    expect([key, inside(out, key)]).toEqual([key, inside(said, key)])
})
