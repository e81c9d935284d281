// Compiles wire.ts and its imports into dist/wire and runs it, so that a plain Node.js 20 can.
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..', '..', '..')
process.chdir(root)
const typescript = createRequire(import.meta.url).resolve('typescript/package.json')
const tsc = join(dirname(typescript), 'bin', 'tsc')
execFileSync(process.execPath, [tsc, '-p', 'test/oracle/wire/tsconfig.json'], { stdio: 'inherit' })
await import(join(root, 'dist/wire/test/oracle/wire/wire.js'))
