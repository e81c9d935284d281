// `warren explore` from the command line: threads, the summary, the story and the file it writes; and what it refuses. What is
// found and how is tested in test/compare.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { parseScenario } from '../../compare/scenario/parse.ts'
import { until } from '../support/clients.ts'
import { background, endAll, warren } from './warren.ts'

vi.setConfig({ testTimeout: 130_000 })

const folder = mkdtempSync(join(tmpdir(), 'warren-explore-'))
afterAll(async () => {
  await endAll()
  rmSync(folder, { recursive: true })
})

const file = join(folder, 'copies.yaml')
const text = `name: copies
topology: { queues: [{ name: work }] }
variants: [mirrored-exactly-1, mirrored-all]
workload:
  publishers: [{ nodes: [node2, node1], queue: work, rate: 10, time: 4 s, flag: [persistent], confirm: 10, reconnect: { order: next } }]
  consumers: [{ nodes: [node3, node1], queue: work, qos: 20, reconnect: { order: next } }]
assertions: [unavailable < 2 s]
`
writeFileSync(file, text)
const malformed = join(folder, 'malformed.yaml')
writeFileSync(malformed, text.replace('qos: 20', 'qos: many'))

test('tells of each variant whether it held, the first break as a story, and writes it as a scenario', async () => {
  const words = [
    '--seed',
    '12',
    '--seeds',
    '3',
    '--most-faults',
    '1',
    '--kinds',
    'kill',
    '--variant',
    'mirrored-exactly-1',
  ]
  const run = (threads: string) => warren('explore', file, ...words, '--out', folder, '--threads', threads)
  const [one, two] = [await run('1'), await run('2')]
  expect(two.code).toBe(1)
  expect(two.out).toMatch(/mirrored-exactly-1 {2}broken by seed \d+: unavailable < 2 s/)
  expect(two.out).toContain('! kill node1')
  // How many were tried until all threads had heard of it is chance; what was found is not.
  const found = ({ out }: { out: string }) => out.replace(/^\d+ of 3 .*$/m, '')
  expect(found(two)).toBe(found(one))
  const written = readFileSync(join(folder, 'copies-mirrored-exactly-1.yaml'), 'utf8')
  expect(parseScenario(written, 'written.yaml').faults[0]?.action).toEqual({ do: 'kill', node: 1 })
})

test('that everything held is exit code 0', async () => {
  const words = ['--seeds', '3', '--threads', '1', '--assert', 'unexpected = 0', '--out', folder]
  const { code, out } = await warren('explore', file, ...words)
  expect(code).toBe(0)
  expect(out).toContain('3 of 3 schedules, 6 runs')
  expect(out).toContain('mirrored-all        held in every schedule played: unexpected = 0')
})

test('a scenario of the library is named as for warren compare', async () => {
  const words = ['--seeds', '1', '--threads', '1', '--variant', 'single', '--assert', 'unexpected = 0']
  const { code, out } = await warren('explore', 'library:owner-crash', ...words, '--out', folder)
  expect(code).toBe(0)
  expect(out).toContain('single  held in every schedule played: unexpected = 0')
})

test('what cannot be is one sentence', async () => {
  const [variant, kind, assertion, wrong, absent, unknown] = await Promise.all([
    warren('explore', file, '--variant', 'double'),
    warren('explore', file, '--kinds', 'flood'),
    warren('explore', file, '--assert', 'luck > 7'),
    warren('explore', malformed),
    warren('explore', join(folder, 'absent.yaml')),
    warren('explore', 'library:nothing'),
  ])
  expect(variant).toMatchObject({ code: 64, out: '' })
  expect(variant.err).toContain('there is no variant double; they are mirrored-exactly-1, mirrored-all')
  expect(kind).toMatchObject({ code: 64, out: '' })
  expect(kind.err).toContain('flood is no kind of fault; they are kill, stop')
  expect(assertion).toMatchObject({ code: 64, out: '' })
  expect(assertion.err).toContain('no metric luck')
  expect(wrong).toMatchObject({ code: 65, out: '' })
  expect(wrong.err).toMatch(/malformed\.yaml:6:\d+: workload\.consumers 1\.qos/)
  expect(absent).toMatchObject({ code: 1, out: '' })
  expect(absent.err).toContain('there is no such file')
  expect(unknown).toMatchObject({ code: 64, out: '' })
  expect(unknown.err).toContain("there is no scenario 'nothing' in the library")
})

test('after Ctrl-C it says what was found so far, and nothing goes on', async () => {
  const words = ['--seeds', '1000000', '--assert', 'unexpected = 0', '--threads', '2', '--out', folder]
  const run = background('explore', file, ...words)
  await until('it has begun', () => run.out.includes('1000000 schedules of kill'))
  run.signal('SIGINT')
  const { code, out } = await run.ended
  expect(code).toBe(130)
  expect(out).toMatch(/Interrupted after \d+ of 1000000 schedules/)
  expect(out).toContain('mirrored-all        held in every schedule played')
})
