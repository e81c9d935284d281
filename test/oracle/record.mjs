// Compiles the recorder and its imports into dist/oracle and runs it, so that a plain Node.js 20 can; then lays the recordings
// out as the linter wants them.
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
process.chdir(root)
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
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
await import(pathToFileURL(join(root, 'dist/oracle/test/oracle/record.js')).href)
const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome')
execFileSync(process.execPath, [biome, 'format', '--write', 'test/oracle/recordings'], { stdio: 'inherit' })
