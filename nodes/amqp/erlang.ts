// Prints bytes as Erlang's `~p` and `~w` do, because RabbitMQ quotes the offending octets in its frame errors and
// clients and logs are compared to the letter. Called by the frame reader and the method decoders only when
// something is already wrong, so it must stay correct rather than fast.

const ESCAPES: Readonly<Record<number, string>> = {
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  27: '\\e',
  34: '\\"',
  92: '\\\\',
}

/** Longer terms make Erlang's pretty printer break the line (its width is 80, the last column stays free). */
const LINE_END = 79

/** `<<1,2,3>>`: a binary as `~w` prints it, always numbers. At most `limit` bytes are printed. */
export function binaryNumbers(bytes: Buffer, limit = bytes.length): string {
  return `<<${Array.from(bytes.subarray(0, limit)).join(',')}>>`
}

/** `<<"text">>` when every byte is printable Latin-1, numbers otherwise: a binary as `~p` prints it. */
export function binaryText(bytes: Buffer): string {
  let text = ''
  for (const byte of bytes) {
    const escaped = ESCAPES[byte]
    if (escaped !== undefined) text += escaped
    else if ((byte >= 32 && byte < 127) || byte >= 160) text += String.fromCharCode(byte)
    else return binaryNumbers(bytes)
  }
  return text === '' ? '<<>>' : `<<"${text}">>`
}

/** `{name,1,2}` as `~p` prints it from `column` on: one element per line once it no longer fits. */
export function tuple(name: string, values: readonly (number | string)[], column: number): string {
  const flat = `{${[name, ...values].join(',')}}`
  if (column + flat.length < LINE_END) return flat
  return `{${[name, ...values].join(`,\n${' '.repeat(column + 1)}`)}}`
}

/** RabbitMQ quotes a short payload whole and a long one by its first 16 bytes. */
export function payloadSnippet(payload: Buffer): string {
  return payload.length <= 16
    ? `all octets = ${binaryText(payload)}`
    : `first 16 octets = ${binaryText(payload.subarray(0, 16))}`
}
