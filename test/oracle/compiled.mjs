// Compiles the harness and its imports into dist/oracle, so that a plain Node.js 20 can run it, and imports one of its files:
// `node test/oracle/compiled.mjs differential ARGUMENTS…`.
import { execFileSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const [entry] = process.argv.splice(2, 1)
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
process.chdir(root)
const require = createRequire(import.meta.url)
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')
const options = [
  '--noEmit',
  'false',
  '--rootDir',
  '.',
  '--outDir',
  'dist/oracle',
  '--noUnusedLocals',
  'false',
]
execFileSync(process.execPath, [tsc, '-p', 'test/oracle/tsconfig.json', ...options], { stdio: 'inherit' })
// The compiler leaves it out; a cluster of one's own is looked for beside the file that starts it.
const script = join('compare', 'targets', 'cluster.sh')
cpSync(join(root, script), join(root, 'dist', 'oracle', script))
await import(pathToFileURL(join(root, `dist/oracle/test/oracle/${entry}.js`)).href)
