// `warren compare FILE`: reports, exit codes, and one sentence for what is wrong. In this process, for it starts faster.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type CompareFlags, compareFile } from '../../cli/compare/command.ts'
import { Failure } from '../../cli/failure.ts'
import { listScenarios } from '../../cli/scenario-file.ts'

const small = `name: small
question: Is anything lost?
topology: { queues: [{ name: work }] }
variants: [single, ordinary]
workload:
  publishers: [{ name: orders, node: node2, queue: work, rate: 100, time: 1 s, flag: [persistent], confirm: 10 }]
  consumers: [{ name: shop, node: node3, queue: work }]
assertions:
  - confirmed-lost = 0
  - bodies ordinary / single = 0
  - ordinary: bodies-per-message = 2
`

let folder = ''

/** As cli.ts calls it: what goes to either stream, and the exit code. */
async function compare(file: string, flags: Partial<CompareFlags> = {}) {
  let out = ''
  const written = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text
    return true
  })
  try {
    return { code: await compareFile(file, { seed: 1, target: 'emulated', ...flags }), out, err: '' }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { code: error.exitCode, out, err: error.text }
  } finally {
    written.mockRestore()
  }
}

const at = (name: string) => join(folder, name)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'warren-compare-'))
  writeFileSync(at('small.yaml'), small)
  writeFileSync(at('good.yaml'), small.replace('  - bodies ordinary / single = 0\n', ''))
  writeFileSync(at('costly.yaml'), `cluster: { costs: gone.yaml }\n${small}`)
  writeFileSync(at('bad.yaml'), small.replace('rate: 100', 'rate: fast'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a scenario', () => {
  test('whose assertions hold ends with 0, and its reports are written', async () => {
    const reports = { json: at('r.json'), junit: at('r.xml'), html: at('r.html'), markdown: '-' }
    const { code, out, err } = await compare(at('good.yaml'), reports)
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('| confirmed | 100 | 100 |')
    const json = JSON.parse(readFileSync(at('r.json'), 'utf8'))
    expect(json.runs.map((run: { variant: string }) => run.variant)).toEqual(['single', 'ordinary'])
    expect(json.weighed.every(({ holds }: { holds: boolean }) => holds)).toBe(true)
    expect(readFileSync(at('r.xml'), 'utf8')).toContain('<testsuites name="small" tests="5" failures="0">')
    expect(readFileSync(at('r.html'), 'utf8')).toMatch(/^<!doctype html>/)
  })

  test('of which one does not hold ends with 1 and says which', async () => {
    const { code, out } = await compare(at('small.yaml'))
    expect(code).toBe(1)
    expect(out).toContain('1 of 4 assertions do not hold')
    expect(out).toContain('FAIL bodies ordinary / single = 0 (not known), line 10')
  })

  test('whose target cannot be reached ends with 69 and one sentence, before anything is run', async () => {
    const nobody = { url: ['amqp://127.0.0.1:1'], management: ['http://127.0.0.1:1'] }
    const { code, out, err } = await compare(at('good.yaml'), {
      target: 'rabbitmq',
      variant: ['single'],
      ...nobody,
    })
    expect(code).toBe(69)
    expect(out).toBe('')
    expect(err).toMatch(/^warren: Nothing answers at http:\/\/127\.0\.0\.1:1: .*\n$/)
  })

  test('prints equal bytes for equal seeds', async () => {
    const json = async () => (await compare(at('good.yaml'), { seed: 3, json: '-' })).out
    expect(await json()).toBe(await json())
  })
})

describe('one sentence and an exit code', () => {
  test.each([
    [
      'bad.yaml',
      {},
      65,
      /^warren: .*bad.yaml:6:58: workload.publishers 1.rate: "fast" is not a rate per second, or unlimited\n$/,
    ],
    ['none.yaml', {}, 1, /^warren: the scenario .*none.yaml cannot be read, there is no such file.\n$/],
    [
      'costly.yaml',
      {},
      65,
      /^warren: .*costly.yaml: the calibration file gone.yaml cannot be read: there is no such file.\n$/,
    ],
    [
      'good.yaml',
      { variant: ['single', 'twofold'] },
      64,
      /^warren: there is no variant 'twofold'; they are single, ordinary/,
    ],
    [
      'good.yaml',
      { json: join('none', 'such', 'r.json') },
      1,
      /^warren: none\/such\/r.json cannot be written \(ENOENT/,
    ],
  ])('for %s with %j', async (name, flags, expected, said) => {
    const { code, out, err } = await compare(at(name), flags)
    expect([code, out]).toEqual([expected, ''])
    expect(err).toMatch(said)
  })

  test('for a scenario that the library does not have', async () => {
    const { code, err } = await compare('library:nothing')
    expect(code).toBe(64)
    expect(err).toBe(
      "warren: there is no scenario 'nothing' in the library; warren compare --list names them.\n",
    )
  })
})

test('the list names what ships with Warren', () => {
  expect(listScenarios()).toMatch(/leader-crash +Does the crash of the leader's node lose anything\?/)
})
