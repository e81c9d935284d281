// Who may import whom: the table of ARCHITECTURE.md as data, and the check that every import follows it. Called by
// tidy.test.ts. `type` imports count as well: an arrow is about who must know whom, not about what is loaded.
import { posix } from 'node:path'
import { importsOf, type SourceFile } from './source.ts'

/** Any file of nodes/ (but amqp/, which is pure bytes) may import these; they import only each other. */
export const vocabulary = [
  'message',
  'errors',
  'trace',
  'compat',
  'timings',
  'protocol',
  'costs',
  'counts',
  'ring',
] as const

/**
 * One arrow each: the room on the left may import those on the right, and everything that those may import.
 * A room of nodes/ is a folder, or the file name up to its first dash (`queue.ts`, `queue-limits.ts`, `queue/`).
 */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  cli: ['index', 'admin-ui'],
  index: ['library'],
  library: ['admin-ui'],
  'admin-ui': ['compare'],
  simulate: ['fuzz'],
  fuzz: ['admin-ui'],
  compare: ['nodes/live', 'nodes/listener'],
  'nodes/live': ['nodes/cluster'],
  'nodes/listener': ['nodes/live', 'nodes/cluster', 'nodes/connection'],
  'nodes/cluster': ['nodes/node', 'nodes/membership', 'nodes/definitions', 'nodes/store', 'nodes/auth'],
  'nodes/connection': ['nodes/channel', 'nodes/auth', 'nodes/limits', 'nodes/amqp'],
  'nodes/channel': [
    'nodes/node',
    'nodes/exchanges',
    'nodes/definitions',
    'nodes/auth',
    'nodes/limits',
    'nodes/amqp',
  ],
  'nodes/work': ['nodes/loop'],
  'nodes/node': [
    'nodes/work',
    'nodes/queue',
    'nodes/memory',
    'nodes/modes',
    'nodes/exchanges',
    'nodes/definitions',
  ],
  'nodes/queue': ['nodes/replication', 'nodes/modes', 'nodes/consumer', 'nodes/store'],
  'nodes/replication': ['nodes/link', 'nodes/modes', 'nodes/store'],
  'nodes/membership': ['nodes/link'],
  'nodes/link': ['nodes/loop'],
  'nodes/memory': [],
  'nodes/auth': ['nodes/definitions'],
  'nodes/limits': ['nodes/definitions'],
  'nodes/definitions': ['policies', 'nodes/exchanges', 'nodes/store'],
  'nodes/modes': ['policies'],
  'nodes/loop': [],
  'nodes/exchanges': [],
  'nodes/consumer': [],
  'nodes/store': ['nodes/loop'],
  'nodes/amqp': [],
  policies: [],
}

/** Single files that further rooms may import: tables and content properties are part of what these rooms keep. */
export const alsoAllowed: readonly { rooms: readonly string[]; files: readonly string[] }[] = [
  {
    rooms: ['nodes/definitions', 'nodes/exchanges', 'nodes/queue', 'nodes/node'],
    files: ['nodes/amqp/fields.ts', 'nodes/amqp/content.ts'],
  },
]

/** Folders that are one room each. */
const plainRooms = ['policies', 'compare', 'fuzz', 'simulate', 'admin-ui', 'library', 'cli']

/** The room of a source file, or null for folders that may import anything (test, examples, bench). */
export function roomOf(path: string): string | null {
  const [top, second] = path.split('/')
  if (path === 'cli.ts' || path === 'index.ts') return path.slice(0, -'.ts'.length)
  if (plainRooms.includes(top!)) return top!
  if (top !== 'nodes') return null
  return `nodes/${second!.replace(/\.ts$/, '').replace(/-.*$/, '')}`
}

function reachable(room: string): Set<string> {
  const seen = new Set([room])
  for (const at of seen) for (const next of arrows[at] ?? []) seen.add(next)
  return seen
}

const isWord = (room: string) => vocabulary.some((word) => room === `nodes/${word}`)

/** True when a file of room `from` may import the file `target`, whose room is `to`. */
export function mayImport(from: string, to: string, target: string): boolean {
  if (from === to) return true
  if (isWord(from)) return isWord(to)
  const aboveNodes = !from.startsWith('nodes/') && from !== 'policies'
  if (isWord(to)) return aboveNodes || (from.startsWith('nodes/') && from !== 'nodes/amqp')
  if (reachable(from).has(to)) return true
  return alsoAllowed.some(({ rooms, files }) => rooms.includes(from) && files.includes(target))
}

/** One sentence per import of this file that follows no arrow, and one when nobody said which room the file is. */
export function importViolations({ path, text }: SourceFile): string[] {
  const from = roomOf(path)
  if (from === null) return []
  if (!(from in arrows) && !isWord(from)) return [`${path}: no room '${from}' in the table of arrows`]
  const found: string[] = []
  for (const { specifier, line } of importsOf(text)) {
    if (!specifier.startsWith('.')) continue
    const target = posix.normalize(posix.join(posix.dirname(path), specifier))
    const to = roomOf(target)
    if (to === null) {
      if (target !== 'package.json') found.push(`${path}:${line}: imports ${target}, which is no source room`)
    } else if (!mayImport(from, to, target)) found.push(`${path}:${line}: ${from} may not import ${target}`)
  }
  return found
}
