// Compiles the sources into dist/ and copies what the compiler leaves out (the page's HTML and CSS, data files).
// The command becomes few files of one, since opening some hundred takes longer than starting a cluster.
// `--if-stale` does nothing when no source is newer than the last build, so that `npm start` costs one directory walk.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))
const rooms = ['policies', 'nodes', 'compare', 'admin-ui', 'cli', 'examples', 'bench', 'fuzz', 'simulate']
const loose = [
  'cli.ts',
  'index.ts',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'tsconfig.web.json',
]
const stamp = join(root, 'dist', '.built')

function* filesOf(path) {
  if (!existsSync(path)) return
  if (!statSync(path).isDirectory()) return void (yield path)
  for (const name of readdirSync(path)) yield* filesOf(join(path, name))
}

const sources = [...rooms, ...loose].flatMap((name) => [...filesOf(join(root, name))])

function stale() {
  if (!existsSync(stamp)) return true
  const builtAt = statSync(stamp).mtimeMs
  return sources.some((path) => statSync(path).mtimeMs > builtAt)
}

/** dist/cli.js with all that it imports, express included; what it loads on demand is in dist/command. */
async function bundleCommand() {
  const { rolldown } = await import('rolldown')
  const dist = join(root, 'dist')
  rmSync(join(dist, 'command'), { recursive: true, force: true })
  const bundle = await rolldown({ input: join(root, 'cli.ts'), platform: 'node', logLevel: 'warn' })
  await bundle.write({ dir: dist, entryFileNames: '[name].js', chunkFileNames: 'command/[name]-[hash].js' })
  await bundle.close()
}

if (!process.argv.includes('--if-stale') || stale()) {
  const require = createRequire(import.meta.url)
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')
  for (const project of ['tsconfig.build.json', 'tsconfig.web.json'])
    execFileSync(process.execPath, [tsc, '-p', join(root, project)], { stdio: 'inherit' })
  for (const path of sources) {
    if (extname(path) === '.ts' || loose.includes(path.slice(root.length + 1))) continue
    const target = join(root, 'dist', path.slice(root.length + 1))
    mkdirSync(dirname(target), { recursive: true })
    cpSync(path, target)
  }
  await bundleCommand()
  writeFileSync(stamp, '')
}
