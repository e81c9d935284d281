// Compiles the sources into dist/, bundles the page and copies what the compiler leaves out (data files).
// The command becomes few files of one, since opening some hundred takes longer than starting a cluster.
// `--if-stale` does nothing when no source is newer than the last build, so that `npm start` costs one directory walk; `--page` makes
// the page alone, when one of its files is newer.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))
const rooms = [
  'policies',
  'nodes',
  'compare',
  'admin-ui',
  'library',
  'cli',
  'examples',
  'bench',
  'fuzz',
  'simulate',
]
const loose = [
  'cli.ts',
  'index.ts',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'tsconfig.web.json',
]
const page = join('admin-ui', 'web')
const stamp = join(root, 'dist', '.built')

function* filesOf(path) {
  if (!existsSync(path)) return
  if (!statSync(path).isDirectory()) return void (yield path)
  for (const name of readdirSync(path)) yield* filesOf(join(path, name))
}

const sources = [...rooms, ...loose].flatMap((name) => [...filesOf(join(root, name))])

function stale(built = stamp, from = sources) {
  if (!existsSync(built)) return true
  const builtAt = statSync(built).mtimeMs
  return from.some((path) => statSync(path).mtimeMs > builtAt)
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

/** Names what the first tab needs in index.html, so that a browser asks for it at once and not when it has run the rest. */
const firstTab = {
  name: 'first-tab',
  transformIndexHtml: {
    order: 'post',
    handler(html, { bundle = {} }) {
      const chunks = Object.values(bundle).filter(({ type }) => type === 'chunk')
      const first = chunks.find(({ facadeModuleId }) =>
        facadeModuleId?.endsWith(join('pages', 'cluster.tsx')),
      )
      if (first === undefined) throw new Error('the first tab is not among the files of the page')
      const hint = (rel, file) => ({
        tag: 'link',
        attrs: { rel, href: `./${file}`, crossorigin: true },
        injectTo: 'head',
      })
      const styles = [...first.viteMetadata.importedCss].map((file) => hint('stylesheet', file))
      const files = [first.fileName, ...first.imports].filter((file) => !html.includes(file))
      return [...files.map((file) => hint('modulepreload', file)), ...styles]
    },
  },
}

/** The page: few hashed files that the server may tell browsers to keep; what a tab alone needs is a file of its own. */
async function bundlePage() {
  const { build } = await import('vite')
  await build({
    configFile: false,
    root: join(root, page),
    base: './',
    logLevel: 'warn',
    plugins: [firstTab],
    // The server's rules forbid inline scripts and styles, and data: for images and fonts.
    build: {
      outDir: join(root, 'dist', page),
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      target: 'es2022',
      rolldownOptions: { checks: { pluginTimings: false } },
    },
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  })
}

const has = (option) => process.argv.includes(option)

if (has('--page')) {
  const parts = sources.filter((path) => path.startsWith(join(root, page)))
  if (stale(join(root, 'dist', page, 'index.html'), parts)) await bundlePage()
} else if (!has('--if-stale') || stale()) {
  const require = createRequire(import.meta.url)
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')
  for (const project of ['tsconfig.build.json', 'tsconfig.web.json'])
    try {
      execFileSync(process.execPath, [tsc, '-p', join(root, project)], { stdio: 'inherit' })
    } catch {
      // What the compiler noted of a failure outlives its reason, such as a package that was not installed.
      for (const name of existsSync(join(root, 'dist')) ? readdirSync(join(root, 'dist')) : [])
        if (name.startsWith('.tsbuildinfo')) rmSync(join(root, 'dist', name))
      process.exit(1)
    }
  for (const path of sources) {
    if (
      path.startsWith(join(root, page)) ||
      extname(path) === '.ts' ||
      loose.includes(path.slice(root.length + 1))
    )
      continue
    const target = join(root, 'dist', path.slice(root.length + 1))
    mkdirSync(dirname(target), { recursive: true })
    cpSync(path, target)
  }
  await Promise.all([bundleCommand(), bundlePage()])
  writeFileSync(stamp, '')
}
