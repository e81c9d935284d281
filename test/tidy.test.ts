// The map of the house, checked: imports follow the arrows, the core knows no clock and no chance, files stay small and
// nothing points at one person's machine. Each rule is first shown a planted violation, so that it is known to bite.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { arrows, importViolations, mayImport, roomOf, vocabulary } from './tidy/arrows.ts'
import { callViolations, mostLines, noteViolations, pathViolations, sizeViolations } from './tidy/bans.ts'
import { codeOnly, importsOf, repositoryFiles } from './tidy/source.ts'

const files = repositoryFiles(join(import.meta.dirname, '..'))
const file = (path: string, text: string) => ({ path, text })

describe('the repository', () => {
  test('is found by the walk', () => {
    const paths = files.map(({ path }) => path)
    expect(paths).toContain('package.json')
    expect(paths).toContain('test/tidy.test.ts')
    expect(paths.filter((path) => roomOf(path) === 'nodes/exchanges').length).toBeGreaterThan(3)
    expect(paths.filter((path) => path.includes('node_modules'))).toEqual([])
  })

  test('imports along the arrows only', () => {
    expect(files.filter(({ path }) => /\.tsx?$/.test(path)).flatMap(importViolations)).toEqual([])
  })

  test('has no clock, chance, timer, socket or promise in its deterministic rooms', () => {
    expect(files.flatMap(callViolations)).toEqual([])
  })

  test(`has no source file over ${mostLines} lines`, () => {
    expect(files.flatMap(sizeViolations)).toEqual([])
  })

  test('has no left-over notes and silences no checker', () => {
    expect(files.flatMap(noteViolations)).toEqual([])
  })

  test("mentions nobody's home", () => {
    expect(files.flatMap(pathViolations)).toEqual([])
  })
})

describe('the table of arrows', () => {
  const rooms = Object.keys(arrows)

  test('points only at rooms it has', () => {
    for (const targets of Object.values(arrows)) for (const target of targets) expect(rooms).toContain(target)
  })

  test('has no way back up', () => {
    const words = vocabulary.map((word) => `nodes/${word}`)
    for (const a of rooms)
      for (const b of [...rooms, ...words])
        if (a !== b && mayImport(a, b, `${b}.ts`))
          expect([a, b, mayImport(b, a, `${a}.ts`)]).toEqual([a, b, false])
  })

  test.each([
    ['nodes/queue.ts', '../policies/keys.ts'],
    ['nodes/queue-deadletter.ts', './queue.ts'],
    ['nodes/queue/ring.ts', '../link.ts'],
    ['nodes/queue/ring.ts', '../amqp/fields.ts'],
    ['nodes/channel-methods.ts', './definitions.ts'],
    ['nodes/exchanges/headers.ts', '../amqp/fields.ts'],
    ['nodes/loop.ts', './trace.ts'],
    ['nodes/message.ts', './errors.ts'],
    ['nodes/listener.ts', './connection.ts'],
    ['compare/run.ts', '../nodes/loop.ts'],
    ['admin-ui/api/queues.ts', '../../nodes/errors.ts'],
    ['cli.ts', './nodes/amqp/frames.ts'],
    ['test/a.test.ts', '../nodes/node.ts'],
  ])('lets %s import %s', (path, specifier) => {
    expect(importViolations(file(path, `import { x } from '${specifier}'\n`))).toEqual([])
  })

  test.each([
    ['nodes/link.ts', './node.ts'],
    ['nodes/queue.ts', './channel.ts'],
    ['nodes/queue-deadletter.ts', './node.ts'],
    ['nodes/replication.ts', './amqp/fields.ts'],
    ['nodes/queue.ts', './amqp/frames.ts'],
    ['nodes/amqp/frames.ts', '../errors.ts'],
    ['nodes/message.ts', './loop.ts'],
    ['nodes/loop.ts', '../policies/keys.ts'],
    ['nodes/membership.ts', './cluster.ts'],
    ['nodes/cluster.ts', './listener.ts'],
    ['nodes/channel.ts', '../compare/run.ts'],
    ['policies/match.ts', '../nodes/errors.ts'],
    ['compare/run.ts', '../admin-ui/server.ts'],
    ['admin-ui/server.ts', '../index.ts'],
    ['nodes/queue.ts', '../test/helpers.ts'],
  ])('stops %s from importing %s', (path, specifier) => {
    const text = `// one\nimport type { X } from '${specifier}'\n`
    expect(importViolations(file(path, text))).toEqual([expect.stringContaining(`${path}:2:`)])
  })

  test('wants every file of nodes/ to be in a room', () => {
    expect(importViolations(file('nodes/misc.ts', ''))).toEqual([
      "nodes/misc.ts: no room 'nodes/misc' in the table of arrows",
    ])
  })
})

describe('the reader of sources', () => {
  test('finds imports in every form and none in comments or strings', () => {
    const text = [
      "import './a.ts'",
      "import type { B } from './b.ts'",
      "import {\n  c,\n} from './c.ts'",
      "export * from './d.ts'",
      "const e = import('./e.ts')",
      "type F = import('./f.ts').F",
      "// import './g.ts'",
      'const h = "import \'./h.ts\'"',
      "const i = `from './i.ts'`",
      "const j = Buffer.from('./j.ts')",
    ].join('\n')
    expect(importsOf(text).map(({ specifier }) => specifier)).toEqual(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `./${name}.ts`),
    )
    expect(importsOf(text)[3]!.line).toBe(6)
  })

  test('keeps code and its offsets while it blanks comments, strings, templates and expressions', () => {
    const text = `a('it\\'s') // b\n/* c\n */ d(\`e \${f({ g: \`h\` })} i\`) + /j'[/]/.test(k) / l // '`
    const code = codeOnly(text)
    expect(code).toHaveLength(text.length)
    expect(code.split('\n')).toHaveLength(3)
    expect(code.replace(/[^a-z]/g, '')).toBe('adfgtestkl')
  })
})

describe('the bans', () => {
  test.each([
    'Date.now()',
    'new Date()',
    'performance.now()',
    'process.hrtime.bigint()',
    'Math.random()',
    'randomUUID()',
    'setTimeout(f, 1)',
    'setInterval(f, 1)',
    'setImmediate(f)',
    'queueMicrotask(f)',
    'process.nextTick(f)',
    "import net from 'node:net'",
  ])('catch %s in every deterministic room', (call) => {
    for (const path of ['nodes/queue.ts', 'policies/keys.ts', 'compare/run.ts', 'nodes/store/memory.ts'])
      expect(callViolations(file(path, `\n${call}\n`))).toEqual([expect.stringContaining(`${path}:2:`)])
    for (const path of [
      'nodes/live.ts',
      'nodes/listener.ts',
      'nodes/store/lmdb.ts',
      'compare/targets/rabbitmq.ts',
    ])
      expect(callViolations(file(path, call))).toEqual([])
    for (const path of ['admin-ui/server.ts', 'cli.ts', 'test/x.test.ts', 'bench/run.ts'])
      expect(callViolations(file(path, call))).toEqual([])
  })

  test.each(['async function f() {}', 'const f = async () => 1', 'await f()', 'let p: Promise<void>'])(
    'catch %s in nodes and policies',
    (text) => {
      expect(callViolations(file('nodes/queue.ts', text))).toHaveLength(1)
      expect(callViolations(file('policies/keys.ts', text))).toHaveLength(1)
      expect(callViolations(file('nodes/live.ts', text))).toEqual([])
      expect(callViolations(file('compare/run.ts', text))).toEqual([])
    },
  )

  test('leave comments, strings and given dates alone', () => {
    const text =
      "// await Date.now()\nconst a = 'setTimeout'\nconst b = new Date(0)\nconst c = { async: true }\n"
    expect(callViolations(file('nodes/queue.ts', text))).toEqual([])
  })

  test('catch a file that is one line too long', () => {
    expect(sizeViolations(file('nodes/queue.ts', 'x\n'.repeat(mostLines)))).toEqual([])
    expect(sizeViolations(file('nodes/queue.ts', 'x\n'.repeat(mostLines + 1)))).toHaveLength(1)
    expect(sizeViolations(file('test/long.test.ts', 'x\n'.repeat(mostLines + 1)))).toEqual([])
  })

  test('catch notes and silenced checkers', () => {
    for (const note of [`TO${'DO'}`, `FIX${'ME'}`, `biome${'-ignore'}`, `@ts${'-ignore'}`])
      expect(noteViolations(file('nodes/queue.ts', `x\n// ${note} later\n`))).toEqual([
        `nodes/queue.ts:2: ${note}`,
      ])
  })

  test('catch absolute home paths and no others', () => {
    for (const name of ['root', 'home', 'work'])
      expect(pathViolations(file('README.md', `see /${name}/me`))).toEqual([
        `README.md:1: the path /${name}/`,
      ])
    for (const fine of ['web/home/x', 'https://a.example/work/x', './root/x', '/homes/x', `$\{dir}/work/x`])
      expect(pathViolations(file('README.md', fine))).toEqual([])
  })
})
