// `warren compare FILE --url …`: a cluster that belongs to somebody else, here a running Warren. It is refused what it cannot do in
// one sentence before anything runs, and after Ctrl-C half way it is as whole as before. `npm run test:oracle` does the same
// to clusters of RabbitMQ that Warren starts itself.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CompareFlags, compareFile } from '../../cli/compare/command.ts'
import { type RunningCluster, startCluster } from '../../index.ts'
import { background, endAll } from './warren.ts'

const authorization = 'Basic Z3Vlc3Q6Z3Vlc3Q='
const scenario = `name: harmed
question: Is anything lost?
topology: { queues: [{ name: work, leader: node1 }] }
variants: [ordinary]
workload:
  publishers: [{ name: orders, node: node2, queue: work, rate: 50, time: 30 s, flag: [persistent], confirm: 10 }]
faults:
  - { at: 0.2 s, kill: node1 }
assertions:
  - returned = 0
`

let folder = ''
let file = ''
let cluster: RunningCluster

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'warren-given-'))
  file = join(folder, 'harmed.yaml')
  writeFileSync(file, scenario)
  cluster = await startCluster({ nodes: 3, port: 0, seed: 1 })
})
afterAll(async () => {
  await endAll()
  await cluster.stop()
  rmSync(folder, { recursive: true, force: true })
})

const management = () => [1, 2, 3].map((node) => `${cluster.adminUrl}/node/${cluster.node(node).name}`)
const post = (verb: string) =>
  `${verb}="${process.execPath}" -e "fetch('${cluster.adminUrl}/warren/nodes/{node}/${verb}', { method: 'POST', headers: { authorization: '${authorization}' } }).then((a) => process.exit(a.ok ? 0 : 1))"`

test('after Ctrl-C half way the exit code is 130, what was done is told, and the cluster is whole again', async () => {
  const words = ['--target', 'both', '--url', cluster.urls.join(','), '--management', management().join(',')]
  const commands = ['--command', post('kill'), '--command', post('start'), '--yes', '--json']
  const compare = background('compare', file, ...words, ...commands)
  await expect.poll(() => cluster.node(1).state, { timeout: 60_000 }).toBe('stopped')
  compare.signal('SIGINT')
  const { code, out } = await compare.ended
  expect(code).toBe(130)
  const { runs, failures } = JSON.parse(out)
  expect(runs).toMatchObject([{ variant: 'ordinary', target: 'emulated', finished: true }])
  expect(failures).toEqual([{ variant: 'ordinary', target: 'rabbitmq', reason: 'interrupted' }])
  expect(cluster.node(1).state).toBe('running')
  const vhosts = await fetch(`${cluster.adminUrl}/api/vhosts`, { headers: { authorization } })
  expect(await vhosts.json()).toMatchObject([{ name: '/' }])
}, 120_000)

const dead = ['amqp://127.0.0.1:1', 'amqp://127.0.0.1:2', 'amqp://127.0.0.1:3']
const both = ['kill=true', 'start=true']

test.each<[string, Partial<CompareFlags>, number, RegExp]>([
  [
    'that answers nothing',
    { url: dead, management: dead.map((url) => url.replace('amqp', 'http')), command: both, yes: true },
    69,
    /^Nothing answers at http:\/\/127.0.0.1:1: is the management plugin on there\?$/,
  ],
  [
    'that is too small',
    { url: dead.slice(1), command: both, yes: true },
    69,
    /^3 nodes are wanted, 2 addresses are given with --url\.$/,
  ],
  ['with an address that is none', { url: ['here'], command: both, yes: true }, 64, /^'here' is no address/],
  [
    'without a command for a fault',
    { url: dead, command: ['start=true'], yes: true },
    64,
    /^the scenario has a fault 'kill': say how with --command 'kill=COMMAND'\.$/,
  ],
  [
    'without a word that harm is meant',
    { url: dead, command: both },
    64,
    /^the scenario harms the cluster at --url: say --yes when that is meant\.$/,
  ],
])('a cluster %s is refused in one sentence, before anything runs', async (_, flags, exitCode, sentence) => {
  await expect(compareFile(file, { seed: 1, target: 'both', ...flags })).rejects.toMatchObject({
    exitCode,
    message: expect.stringMatching(new RegExp(sentence.source.replace('^', '^warren: '))),
  })
})
