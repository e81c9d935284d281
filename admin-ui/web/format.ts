// Numbers, sizes and times as a person reads them; what is unknown is a dash, never NaN.

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })
const unknown = '–'

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

/** 1,234,567; a dash for anything that is no number. */
export const count = (value: unknown): string => (isNumber(value) ? grouped.format(value) : unknown)

/** `3 queues`, `1 queue`. */
export const counted = (value: number, noun: string, plural = `${noun}s`): string =>
  `${count(value)} ${value === 1 ? noun : plural}`

function scaled(value: number, step: number, units: readonly string[]): string {
  let at = 0
  let rest = value
  while (Math.abs(rest) >= step && at < units.length - 1) {
    rest /= step
    at++
  }
  return `${Math.abs(rest) >= 100 || at === 0 ? grouped.format(rest) : short.format(rest)} ${units[at]}`
}

/** In decimal units: 1.5 kB. */
export const bytes = (value: unknown): string =>
  isNumber(value) ? scaled(value, 1000, ['B', 'kB', 'MB', 'GB', 'TB']) : unknown

export const bytesPerSecond = (value: unknown): string => (isNumber(value) ? `${bytes(value)}/s` : unknown)

/** A rate per second: 1,234/s, 0.4/s. */
export const rate = (value: unknown): string =>
  isNumber(value) ? `${value >= 10 ? grouped.format(value) : short.format(value)}/s` : unknown

/** Of a time in ms since the epoch: 14:03:07.512, local. */
export function clockTime(at: number): string {
  const time = new Date(at)
  return `${time.toTimeString().slice(0, 8)}.${String(time.getMilliseconds()).padStart(3, '0')}`
}

/** A span in ms: 250 ms, 1.5 s, 3 min. */
export function span(ms: number): string {
  if (ms < 1000) return `${grouped.format(ms)} ms`
  if (ms < 60_000) return `${short.format(ms / 1000)} s`
  return ms < 3_600_000 ? `${short.format(ms / 60_000)} min` : `${short.format(ms / 3_600_000)} h`
}

/** A connection's or channel's name as RabbitMQ's page has it, without the server's side: `127.0.0.1:5 (1)` of `127.0.0.1:5 -> 127.0.0.1:5672 (1)`. */
export const shortPeer = (name: string): string => name.replace(/ -> \S+/, '')

/** Without what all node names have in common: node1 of rabbit@node1. */
export const nodeLabel = (name: string): string => name.replace(/^[^@]*@/, '')

/** A sentence with its nodes' names as `nodeLabel` has them. */
export const withNodeLabels = (text: string): string => text.replaceAll(/\brabbit@(?=node\d)/g, '')
