// `npm run simulate` from outside: what its options may be, what a run prints and how it ends, that the order of threads does
// not matter, and that an interrupted run leaves nothing behind.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { enoughSeeds, help, readOptions } from '../../simulate/options.ts'

const program = fileURLToPath(new URL('../../dist/simulate/run.js', import.meta.url))
const run = promisify(execFile)

describe('the options', () => {
  test('have defaults: 200 seeds from 1, a thread for each processor', () => {
    const expected = { seeds: 200, seed: 1, workers: 4, trace: false, cover: false, table: false }
    expect(readOptions([], 4)).toEqual(expected)
  })

  test('are read in both ways', () => {
    expect(readOptions(['--seeds', '7', '--seed=3', '--workers', '2', '--table'], 4)).toMatchObject({
      seeds: 7,
      seed: 3,
      workers: 2,
      table: true,
    })
  })

  test('demand full coverage of many seeds', () => {
    expect(readOptions(['--seeds', String(enoughSeeds)], 1)?.cover).toBe(true)
    expect(readOptions(['--seeds', String(enoughSeeds - 1)], 1)?.cover).toBe(false)
  })

  test('have a help that teaches how to play a seed again', () => {
    expect(readOptions(['--help'], 1)).toBeNull()
    expect(help).toContain('npm run simulate -- --seed 4711 --trace')
  })

  test.each([
    [['--sedes', '1'], 'there is no option --sedes; --help lists them'],
    [['12'], 'there is no option 12; --help lists them'],
    [['--seeds'], '--seeds needs a number'],
    [['--seeds', 'many'], "--seeds must be a whole number, not 'many'"],
    [['--seeds', '0'], '--seeds must be 1 or more'],
    [['--trace', '--seeds', '2'], '--trace prints one seed: leave --seeds out'],
  ])('refuse %j', (argv, text) => {
    expect(() => readOptions(argv, 1)).toThrow(text)
  })
})

describe('a run', { timeout: 120_000 }, () => {
  test('prints its coverage, what became of messages, and the same digest on one thread and on two', async () => {
    const [one, two] = await Promise.all(
      ['1', '2'].map((workers) => run(process.execPath, [program, '--seeds', '6', '--workers', workers])),
    )
    const digest = /digest of all histories: ([0-9a-f]{16})/
    expect(one!.stdout).toMatch(
      /coverage: \d+ of \d+ cells of fault × policy × partition handling × kind of queue/,
    )
    expect(one!.stdout).toContain('nothing is wrong')
    expect(digest.exec(two!.stdout)?.[1]).toBe(digest.exec(one!.stdout)?.[1])
  })

  test('prints the timeline of one seed and its hash', async () => {
    const { stdout } = await run(process.execPath, [program, '--seed', '3', '--trace'], {
      maxBuffer: 1 << 24,
    })
    expect(stdout).toMatch(/^ +0\.0 node-started/)
    expect(stdout).toMatch(/\nhash [0-9a-f]{16}\n/)
  })

  test('ends with 1 when coverage is demanded and cells are empty, with 2 for a wrong option', async () => {
    const demanded = run(process.execPath, [program, '--seeds', '1', '--cover'])
    await expect(demanded).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining('empty: ') })
    await expect(run(process.execPath, [program, '--what'])).rejects.toMatchObject({ code: 2 })
  })

  test('that is interrupted ends with 130 and leaves no thread', async () => {
    const child = spawn(process.execPath, [program, '--seeds', '100000', '--workers', '2'], { stdio: 'pipe' })
    await once(child.stdout, 'data')
    child.kill('SIGINT')
    const [code] = await once(child, 'exit')
    expect(code).toBe(130)
  })
})
