// `npm run oracle:wire -- [--warren] [word…]`: what crosses the links of a real three-node cluster and of Warren for the same
// work at the same pace, case by case (those whose names contain one of the words; all without words). What the real one
// sent is kept in test/data/wire.json, which `npm test` holds Warren against; --warren measures only Warren, against that.

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { liveSite } from '../../../compare/targets/live.ts'
import { promptStatistics } from '../../../compare/targets/rabbitmq.ts'
import { request, type Site } from '../../../compare/targets/site.ts'
import { startCluster } from '../../../index.ts'
import { operations, placements, type WireCase } from './cases.ts'
import { type Counters, LiveStage } from './live.ts'
import { type Links, linkNames } from './stage.ts'
import { measure, total } from './work.ts'

/** What is kept of a real cluster: bytes a unit on each link. */
export interface WireRecording {
  readonly version: string
  readonly cases: Readonly<Record<string, Links>>
}

const file = 'test/data/wire.json'
const script = 'test/oracle/cluster.sh'
const control = (...words: string[]) => execFileSync(script, words, { encoding: 'utf8' })

interface Measured {
  readonly stage: LiveStage
  readonly version: string
  readonly end: () => unknown
}

/** A real cluster: the one that cluster.sh already runs, or one of its own. */
async function realCluster(): Promise<Measured> {
  const runs = () => [...control('status').matchAll(/^r\d up/gm)].length === 3
  const found = existsSync(process.env['ORACLE_DIR'] ?? '') && runs()
  if (!found) control('up', '3', ...promptStatistics)
  const ports = [...control('env').matchAll(/^r\d amqp=(\d+) mgmt=(\d+) prom=(\d+)/gm)]
  const site: Site = {
    size: 3,
    patience: { answer: 4000, arrival: 20_000, quiet: 0, stable: 0, poll: 100 },
    version: '',
    amqpUrl: (node) => `amqp://guest:guest@127.0.0.1:${ports[node - 1]![1]}`,
    httpUrl: (node) => `http://127.0.0.1:${ports[node - 1]![2]}`,
    nameOf: (node) => `r${node}@localhost`,
    openVhost: async () => '/',
    harm: async () => {},
  }
  const { body } = await request(site, 1, 'GET', 'overview')
  const counters: Counters = async () => {
    const links: Record<string, number> = {}
    for (const node of [1, 2, 3]) {
      const metrics = await (await fetch(`http://127.0.0.1:${ports[node - 1]![3]}/metrics`)).text()
      for (const [, peer, bytes] of metrics.matchAll(
        /^erlang_vm_dist_send_bytes\{peer="r(\d)@localhost"\} (\S+)/gm,
      ))
        links[`${node}>${peer}`] = Number(bytes)
    }
    return links
  }
  const stage = new LiveStage(site, counters, { quietMs: 500, lookMs: 250, idleMs: 10_000 })
  const rest = await stage.rest()
  console.log(
    `at rest, bytes/s: ${linkNames.map((link) => `${link} ${(rest[link]! * 1000).toFixed(0)}`).join(', ')}`,
  )
  return {
    stage,
    version: (body as { rabbitmq_version: string }).rabbitmq_version,
    end: () => found || control('down'),
  }
}

async function warren(): Promise<Measured> {
  const running = await startCluster({ port: 0, adminPort: 0, seed: 1 })
  const names = running.cluster.members.map(({ name }) => name)
  const number = (name: string) => names.indexOf(name) + 1
  const counters: Counters = async () =>
    Object.fromEntries(
      [...running.cluster.allLinks()].map(({ from, to, meters }) => [
        `${number(from)}>${number(to)}`,
        Object.values(meters).reduce((sum, { bytes }) => sum + bytes, 0),
      ]),
    )
  const stage = new LiveStage(liveSite(running, 'warren'), counters, { quietMs: 20, lookMs: 10, idleMs: 1 })
  return { stage, version: 'warren', end: () => running.stop() }
}

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const cases = [...placements, ...operations].filter(
  ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
)
const recorded: WireRecording = existsSync(file)
  ? (JSON.parse(readFileSync(file, 'utf8')) as WireRecording)
  : { version: '', cases: {} }
const real = process.argv.includes('--warren') ? null : await realCluster()
const ours = await warren()
const kept: Record<string, Links> = { ...recorded.cases }

const rounded = (links: Links): Links =>
  Object.fromEntries(linkNames.map((link) => [link, Math.round(links[link]! * 10) / 10]))
const row = (name: string, cells: readonly (string | number)[]) =>
  console.log(`${name.padEnd(64)} ${cells.map((cell) => String(cell).padStart(9)).join(' ')}`)

row('bytes a message or operation', ['real', 'Warren', 'ratio', ...linkNames])
for (const [i, wireCase] of cases.entries()) {
  try {
    await one(wireCase, i)
  } catch (error) {
    console.log(`${wireCase.name}: ${String(error)}`)
    process.exitCode = 1
  }
}
if (real !== null) {
  const all = [...placements, ...operations].flatMap(({ name }) =>
    kept[name] === undefined ? [] : [[name, kept[name]]],
  )
  const text = { version: real.version, cases: Object.fromEntries(all) as WireRecording['cases'] }
  writeFileSync(
    file,
    `${JSON.stringify(text, null, 1).replaceAll(/\n {3}\s*|\n {2}\}/g, (s) => (s.endsWith('}') ? ' }' : ' '))}\n`,
  )
}
await ours.end()
await real?.end()

async function one(wireCase: WireCase, number: number): Promise<void> {
  const { name } = wireCase
  const [theirs, mine] = await Promise.all([
    real === null ? kept[name] : measure(real.stage, wireCase, number).then(rounded),
    measure(ours.stage, wireCase, number).then(rounded),
  ])
  if (theirs === undefined) throw new Error('not recorded')
  kept[name] = theirs
  const cells = linkNames.map((link) => `${theirs[link]!.toFixed(0)}/${mine[link]!.toFixed(0)}`)
  const [of, by] = [total(theirs), total(mine)]
  row(name, [of.toFixed(0), by.toFixed(0), of < 20 ? '-' : (by / of).toFixed(3), ...cells])
}
