// Reads the repository's own files for the tidiness checks and takes a TypeScript text apart just far enough to look
// at code without its comments and strings. Called by tidy.test.ts and its rules only.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** A file: its path from the repository's root with forward slashes, and its text. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

const skipped = new Set(['node_modules', 'dist', 'coverage', '.git'])

/** Every text file below `root`, except dependencies, build output and the version store; sorted by path. */
export function repositoryFiles(root: string): SourceFile[] {
  return [...walk(root)]
    .map((path) => ({ path: relative(root, path).split(sep).join('/'), bytes: readFileSync(path) }))
    .filter(({ bytes }) => !bytes.includes(0))
    .map(({ path, bytes }) => ({ path, text: bytes.toString('utf8') }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

function* walk(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    if (skipped.has(name)) continue
    const path = join(folder, name)
    if (statSync(path).isDirectory()) yield* walk(path)
    else yield path
  }
}

/** One lexical piece that is not code: group 1 comments, group 2 strings; templates are taken apart by hand. */
const literal = /(\/\/[^\n]*|\/\*[\s\S]*?\*\/)|('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")/y
/** A regular expression is one only where a value may begin: after these. */
const regexpMayFollow = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|throw))\s*$/
const regexp = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y

/**
 * The text with comments and the insides of strings, templates and regular expressions turned to spaces. Offsets and
 * line breaks stay as they are; the quotes stay too, so that a rule can find where a string was.
 */
export function codeOnly(text: string): string {
  const blank = (piece: string) => piece.replace(/[^\n]/g, ' ')
  let out = ''
  let at = 0
  const templateDepths: number[] = []
  let depth = 0
  while (at < text.length) {
    literal.lastIndex = at
    const found = literal.exec(text)
    if (found) {
      const piece = found[0]
      out += found[1] ? blank(piece) : piece[0] + blank(piece.slice(1, -1)) + piece[0]
      at += piece.length
      continue
    }
    const char = text[at]!
    const closesHole = char === '}' && templateDepths.length > 0 && templateDepths.at(-1) === depth
    if (char === '`' || closesHole) {
      if (closesHole) templateDepths.pop()
      const end = templateEnd(text, at + 1)
      out += char + blank(text.slice(at + 1, end))
      at = end
      if (text.startsWith('${', at)) {
        templateDepths.push(depth)
        out += '${'
        at += 2
      } else if (at < text.length) {
        out += '`'
        at++
      }
      continue
    }
    if (char === '/' && regexpMayFollow.test(out.slice(-40))) {
      regexp.lastIndex = at
      const found = regexp.exec(text)
      if (found) {
        out += `/${blank(found[0].slice(1, -1))}/`
        at += found[0].length
        continue
      }
    }
    if (char === '{') depth++
    if (char === '}') depth--
    out += char
    at++
  }
  return out
}

/** Where the literal part of a template that starts at `from` ends: at its closing quote or at its next hole. */
function templateEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '`' || text.startsWith('${', at)) return at
  }
  return text.length
}

/** What a file imports, exports from, or loads by a literal `import()`, with the line of each. */
export function importsOf(text: string): { specifier: string; line: number }[] {
  const code = codeOnly(text)
  const found: { specifier: string; line: number }[] = []
  for (const match of code.matchAll(/(?<!\.)\b(?:from|import\s*\(?)\s*(['"])/g)) {
    const start = match.index + match[0].length
    const end = code.indexOf(match[1]!, start)
    found.push({ specifier: text.slice(start, end), line: lineAt(text, match.index) })
  }
  return found
}

/** The line, from 1, of an offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}
