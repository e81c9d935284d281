// Bundles one script of this folder with what it imports of the project and runs it with a plain Node.js 20:
// `node test/ui/run.mjs screenshots ARGUMENTS…`.
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

const [entry] = process.argv.splice(2, 1)
const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '..', '..')
const bundle = await rolldown({
  input: join(here, `${entry}.ts`),
  platform: 'node',
  external: (id) => !id.startsWith('.') && !id.startsWith('/'),
})
const file = join(root, 'dist', 'ui', `${entry}.js`)
await bundle.write({ file, codeSplitting: false })
await bundle.close()
await import(pathToFileURL(file).href)
