// What may not be written where: clocks, chance, timers, sockets and promises in the deterministic rooms, oversized
// files, left-over notes and machine paths anywhere. Called by tidy.test.ts with one file at a time.
import { codeOnly, importsOf, lineAt, type SourceFile } from './source.ts'

/** The only files of nodes/ that touch the outside world. */
const outside = [
  'nodes/live.ts',
  'nodes/live-memory.ts',
  'nodes/live-membership.ts',
  'nodes/listener.ts',
  'nodes/listener-ports.ts',
  'nodes/listener-shaping.ts',
  'nodes/listener-tls.ts',
  'nodes/listener-certificates.ts',
  'nodes/store/lmdb.ts',
]

const impure: readonly [name: string, pattern: RegExp][] = [
  ['Date.now', /\bDate\s*\.\s*now\b/g],
  ['new Date()', /\bnew\s+Date\s*(?:\(\s*\)|(?!\s*\())/g],
  ['performance.now', /\bperformance\b/g],
  ['process.hrtime', /\bhrtime\b/g],
  ['Math.random', /\bMath\s*\.\s*random\b/g],
  [
    'a random source of node:crypto',
    /\b(?:randomBytes|randomUUID|randomInt|randomFillSync|getRandomValues)\b/g,
  ],
  ['setTimeout', /\bsetTimeout\b/g],
  ['setInterval', /\bsetInterval\b/g],
  ['setImmediate', /\bsetImmediate\b/g],
  ['queueMicrotask', /\bqueueMicrotask\b/g],
  ['process.nextTick', /\bnextTick\b/g],
]

const asynchronous: readonly [name: string, pattern: RegExp][] = [
  ['async', /(?<!\.)\basync\b(?!\s*[:,}=])/g],
  ['await', /(?<!\.)\bawait\b/g],
  ['Promise', /\bPromise(?:Like)?\b/g],
]

const worldly = /^(?:node:)?(?:net|tls|dgram|timers|timers\/promises)$/

/** One sentence per clock, chance, timer, socket or promise that this file must do without. */
export function callViolations({ path, text }: SourceFile): string[] {
  const core = /^(?:nodes|policies)\//.test(path) && !outside.includes(path)
  const compared = path.startsWith('compare/') && !/^compare\/targets\b/.test(path)
  if (!path.endsWith('.ts') || !(core || compared)) return []
  const code = codeOnly(text)
  const found: string[] = []
  for (const [name, pattern] of core ? [...impure, ...asynchronous] : impure)
    for (const match of code.matchAll(pattern))
      found.push(`${path}:${lineAt(code, match.index)}: ${name} is banned here`)
  for (const { specifier, line } of importsOf(text))
    if (worldly.test(specifier)) found.push(`${path}:${line}: ${specifier} is banned here`)
  return found
}

export const mostLines = 400

/** A sentence when a source file (no test) is longer than one mind holds. */
export function sizeViolations({ path, text }: SourceFile): string[] {
  if (!/\.tsx?$/.test(path) || path.startsWith('test/')) return []
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
  return lines > mostLines ? [`${path}: ${lines} lines, more than ${mostLines}`] : []
}

// The words are put together from halves, so that this file passes its own check.
const notes = new RegExp(
  `\\b(?:TO${'DO'}|FIX${'ME'})\\b|biome${'-ignore'}|@ts${'-ignore'}|@ts${'-nocheck'}`,
  'g',
)

/** One sentence per left-over note or silenced checker. */
export function noteViolations({ path, text }: SourceFile): string[] {
  if (!/\.(?:tsx?|mjs|c|css|html|ya?ml)$/.test(path)) return []
  return [...text.matchAll(notes)].map((match) => `${path}:${lineAt(text, match.index)}: ${match[0]}`)
}

const homes = new RegExp(`(?<![\\w.~})*/-])/(?:${['root', 'home', 'work'].join('|')})/`, 'g')

/** One sentence per path that exists on somebody's machine only. */
export function pathViolations({ path, text }: SourceFile): string[] {
  return [...text.matchAll(homes)].map(
    (match) => `${path}:${lineAt(text, match.index)}: the path ${match[0]}`,
  )
}
