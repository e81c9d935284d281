/**
 * Prints JSON values the way RabbitMQ's error texts show them: as Erlang terms (`<<"x">>`, `[1,2]`, `1.5`).
 * Called by the policy keys and by whoever words an error like the real broker. It never escapes HTML:
 * that is the business of the HTTP renderer, which does it for policies and not for operator policies.
 */

/**
 * One JSON value as an Erlang term.
 *
 * Strings are binaries, objects maps, `null` and booleans atoms. As in Erlang, a non-empty list of printable
 * character codes looks like a string. Unlike Erlang, a long term is never broken over several lines.
 * Source: observed (docs/observed.md §1.2).
 */
export function erlangTerm(value: unknown): string {
  if (typeof value === 'string') return erlangBinary(value)
  if (typeof value === 'number') return erlangNumber(value)
  if (Array.isArray(value)) return erlangList(value)
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.keys(value).sort()
    return `#{${pairs.map((key) => `${erlangBinary(key)} => ${erlangTerm((value as Record<string, unknown>)[key])}`).join(',')}}`
  }
  return String(value)
}

/** A quoted Erlang string, with quotes, backslashes and control characters escaped. */
export function erlangString(text: string): string {
  return `"${[...text].map((character) => ESCAPES.get(character) ?? character).join('')}"`
}

/** A list of `{key, value}` pairs, the form in which RabbitMQ names settings it does not know. */
export function erlangPairs(pairs: readonly (readonly [string, unknown])[]): string {
  return `[${pairs.map(([key, value]) => `{${erlangBinary(key)},${erlangTerm(value)}}`).join(',')}]`
}

const ESCAPES = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\x1b', '\\e'],
])

function erlangBinary(text: string): string {
  if (text === '') return '<<>>'
  const bytes = new TextEncoder().encode(text)
  if (!bytes.every(isPrintable)) return `<<${bytes.join(',')}>>`
  // Erlang takes the bytes for Latin-1 and writes them as they are, which makes them the text again.
  return `<<${erlangString(text)}>>`
}

function erlangList(list: readonly unknown[]): string {
  if (list.length > 0 && list.every((item) => typeof item === 'number' && isPrintable(item))) {
    return erlangString(String.fromCharCode(...(list as number[])))
  }
  return `[${list.map(erlangTerm).join(',')}]`
}

function erlangNumber(value: number): string {
  const text = String(value)
  if (!text.includes('e')) return text
  const [mantissa = '', exponent = ''] = text.split('e')
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}e${exponent.replace('+', '')}`
}

function isPrintable(code: number): boolean {
  if (!Number.isInteger(code)) return false
  return (code >= 32 && code <= 126) || (code >= 160 && code <= 255) || ESCAPES.has(String.fromCharCode(code))
}
