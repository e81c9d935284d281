// The benchmark as it is run, in its shortest forms: the built program measures, writes what it measured, and leaves no process
// behind however it ends. The figures themselves are looked at only for being there.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parseReport } from '../../bench/results.ts'
import { until } from '../support/clients.ts'

const root = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'warren-bench-test-'))
const temporary = join(folder, 'tmp')
mkdirSync(temporary)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function bench(...args: string[]) {
  const child = spawn(process.execPath, [join(root, 'dist', 'bench', 'run.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: temporary },
  })
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  return { child, said, ended }
}

test('measures, prints, keeps and compares', { timeout: 120_000 }, async () => {
  const [json, page] = [join(folder, 'a.json'), join(folder, 'a.md')]
  const only = ['--only', 'auto100,start', '--rounds', '1', '--no-rabbitmq']
  const first = bench(...only, '--json', json, '--write', page)
  expect([await first.ended, first.said.out]).toEqual([0, expect.stringMatching(/^auto100 +rate +[\d,]+ /m)])
  const { series, faults } = parseReport(readFileSync(json, 'utf8'), json)
  expect(faults).toEqual([])
  const names = series.map(({ workload, metric }) => `${workload}: ${metric}`)
  for (const name of ['start, 1 node: ports open', 'start, 3 nodes: idle memory', 'auto100: rate'])
    expect(names).toContain(name)
  for (const { values } of series) expect(values[0]).toBeGreaterThan(0)
  expect(readFileSync(page, 'utf8')).toContain('| auto100 | rate, msg/s | ')
  const second = bench('--only', 'codec', '--against', json)
  expect([await second.ended, second.said.out]).toEqual([0, expect.stringMatching(/ before +factor$/m)])
})

test('weighs connections and messages, and the trace', { timeout: 120_000 }, async () => {
  const json = join(folder, 'b.json')
  const { said, ended } = bench('--only', 'memory,trace', '--rounds', '1', '--no-rabbitmq', '--json', json)
  expect([await ended, said.err]).toEqual([0, expect.stringContaining('trace: share of the rate without')])
  const { series } = parseReport(readFileSync(json, 'utf8'), json)
  const value = (name: string) => series.find(({ metric }) => metric === name)?.values[0]
  expect(value('per message')).toBeGreaterThan(100)
  expect(value('per connection')).toBeGreaterThan(1000)
})

test('ends its brokers when it is interrupted', { timeout: 120_000 }, async () => {
  const { child, said, ended } = bench('--only', 'auto1k', '--rounds', '50', '--no-rabbitmq')
  await new Promise<void>((resolve) =>
    child.stderr.on('data', () => said.err.includes('auto1k: rate') && resolve()),
  )
  const listed = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(/\s+/)
  expect(listed.length).toBeGreaterThan(0)
  child.kill('SIGINT')
  expect(await ended).toBe(130)
  await until('the end of its processes', () => listed.every((pid) => !existsSync(`/proc/${pid}`)))
  expect(readdirSync(temporary)).toEqual([])
})

test('complains in a sentence', async () => {
  const { said, ended } = bench('--only', 'nothing')
  expect([await ended, said.err]).toEqual([
    2,
    expect.stringMatching(/^bench: there is no workload 'nothing'/),
  ])
})
