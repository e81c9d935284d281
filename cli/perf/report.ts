// What a run prints: a line per interval and the summary, in PerfTest's words or as JSON, and PerfTest's CSV file beside it.
// Called by run.ts; it formats readings and measures nothing.

import { appendFileSync, writeFileSync } from 'node:fs'
import type { Latency, Reading } from './meter.ts'

/** Which figures a run has at all. */
export interface Shown {
  readonly id: string
  readonly published: boolean
  readonly returned: boolean
  readonly confirmed: boolean
  readonly received: boolean
  readonly unit: 'µs' | 'ms'
}

export interface Report {
  /** Something other than a figure. */
  said(text: string): void
  /** At `time` seconds. */
  interval(time: number, reading: Reading, busy: Busy): void
  summary(why: string, whole: Reading, busy: Busy): void
}

/** How much this process itself had to do, as shares of the time. */
export interface Busy {
  /** Its event loop was not waiting for anything. */
  readonly loop: number
  /** It had a processor; well below `loop` when other processes took them. */
  readonly processor: number
}

/** From here on this tool may be what is measured. */
const tooBusy = 0.95
/** Less than this is no measurement of anybody's limits. */
const leastSeconds = 0.5

const header = 'min/median/75th/95th/99th'

export function rateText(rate: number): string {
  if (rate === 0) return '0'
  return rate < 1 ? rate.toFixed(2) : rate < 10 ? rate.toFixed(1) : String(Math.floor(rate))
}

const inFive = (latency: Latency) => [latency.min, latency.median, latency.p75, latency.p95, latency.p99]

function latencyText(latency: Latency | null, unit: string): string {
  return `${latency === null ? '0/0/0/0/0' : inFive(latency).join('/')} ${unit}`
}

/** The figures of a line, after its time. */
function figures({ rates, consumerLatency, confirmLatency }: Reading, shown: Shown): string {
  const { published, returned, confirmed, received, unit } = shown
  const parts: string[] = []
  const rate = (label: string, value: number) => parts.push(`${label}: ${rateText(value)} msg/s`)
  if (published) rate('sent', rates.sent)
  if (returned) rate('returned', rates.returned)
  if (confirmed) rate('confirmed', rates.confirmed)
  if (confirmed) rate('nacked', rates.nacked)
  if (received) rate('received', rates.received)
  const latencies: string[] = []
  if (received) latencies.push(`consumer latency: ${latencyText(consumerLatency, unit)}`)
  if (confirmed) latencies.push(`confirm latency: ${latencyText(confirmLatency, unit)}`)
  if (latencies.length > 0) parts.push(`${header} ${latencies.join(', ')}`)
  return parts.join(', ')
}

function limitText({ loop, processor }: Busy): string {
  const busy = `this tool was busy ${percent(loop)} of the time`
  if (processor < 0.8 * loop)
    return `${busy}, but had a processor for only ${percent(processor)}: the machine is the limit`
  return `${busy}: the rates may be its own limit, not the broker's; run a second one beside it`
}

const percent = (share: number) => `${Math.round(share * 100)} %`

export class TextReport implements Report {
  readonly #shown: Shown
  readonly #out: (text: string) => void

  constructor(shown: Shown, out: (text: string) => void) {
    this.#shown = shown
    this.#out = out
  }

  said(text: string): void {
    this.#out(`id: ${this.#shown.id}, ${text}\n`)
  }

  interval(time: number, reading: Reading, busy: Busy): void {
    const limit = busy.loop > tooBusy ? `, this tool is busy ${percent(busy.loop)}` : ''
    this.said(`time ${time.toFixed(3)} s, ${figures(reading, this.#shown)}${limit}`)
  }

  summary(why: string, whole: Reading, busy: Busy): void {
    const { rates, counts, consumerLatency, confirmLatency } = whole
    const { published, confirmed, received, unit } = this.#shown
    this.#out(`test stopped (${why})
`)
    if (published) this.said(`sending rate avg: ${rateText(rates.sent)} msg/s`)
    if (received) this.said(`receiving rate avg: ${rateText(rates.received)} msg/s`)
    if (received) this.said(`consumer latency ${header} ${latencyText(consumerLatency, unit)}`)
    if (confirmed) this.said(`confirm latency ${header} ${latencyText(confirmLatency, unit)}`)
    if (counts.returned > 0) this.said(`returned: ${counts.returned} messages`)
    if (counts.nacked > 0) this.said(`nacked: ${counts.nacked} messages`)
    if (busy.loop > tooBusy && whole.seconds >= leastSeconds) this.said(limitText(busy))
  }
}

/** One JSON object a line: each interval, each event, at last the summary. */
export class JsonReport implements Report {
  readonly #shown: Shown
  readonly #out: (text: string) => void

  constructor(shown: Shown, out: (text: string) => void) {
    this.#shown = shown
    this.#out = out
  }

  said(text: string): void {
    this.#line({ event: text })
  }

  interval(time: number, reading: Reading, busy: Busy): void {
    this.#line({ time_s: round(time), ...this.#members(reading, busy) })
  }

  summary(why: string, whole: Reading, busy: Busy): void {
    const { counts, seconds } = whole
    this.#line({ summary: why, seconds: round(seconds), counts, ...this.#members(whole, busy) })
  }

  #members({ rates, consumerLatency, confirmLatency }: Reading, busy: Busy): object {
    const { published, returned, confirmed, received, unit } = this.#shown
    return {
      ...(published && { sent: round(rates.sent) }),
      ...(returned && { returned: round(rates.returned) }),
      ...(confirmed && { confirmed: round(rates.confirmed), nacked: round(rates.nacked) }),
      ...(received && { received: round(rates.received), consumer_latency: consumerLatency }),
      ...(confirmed && { confirm_latency: confirmLatency }),
      latency_unit: unit === 'µs' ? 'us' : unit,
      busy: round(busy.loop),
      processor: round(busy.processor),
      tool_is_the_limit: busy.loop > tooBusy,
    }
  }

  #line(members: object): void {
    this.#out(`${JSON.stringify({ id: this.#shown.id, ...members })}\n`)
  }
}

const round = (value: number) => Math.round(value * 1000) / 1000

/** PerfTest's file of intervals, written as the run goes on, beside another report. */
export class CsvReport implements Report {
  readonly #shown: Shown
  readonly #file: string

  /** Throws the system's error when the file cannot be written. */
  constructor(shown: Shown, file: string) {
    this.#shown = shown
    this.#file = file
    const { unit } = shown
    const names = ['min', 'median', '75th p.', '95th p.', '99th p.']
    const rates = ['published', 'returned', 'confirmed', 'nacked', 'received'].map(
      (name) => `${name} (msg/s)`,
    )
    const latencies = ['consumer', 'confirm'].flatMap((of) =>
      names.map((name) => `${name} ${of} latency (${unit})`),
    )
    writeFileSync(file, `${['id', 'time (s)', ...rates, ...latencies].join(',')}\n`)
  }

  said(): void {}
  summary(): void {}

  interval(time: number, { rates, consumerLatency, confirmLatency }: Reading): void {
    const { id, published, returned, confirmed, received } = this.#shown
    const rate = (value: number, has: boolean) => (has ? rateText(value) : '')
    const five = (latency: Latency | null, has: boolean) =>
      has ? (latency === null ? [0, 0, 0, 0, 0] : inFive(latency)) : ['', '', '', '', '']
    const cells = [
      /[",\n]/.test(id) ? `"${id.replaceAll('"', '""')}"` : id,
      time.toFixed(3),
      rate(rates.sent, published),
      rate(rates.returned, returned),
      rate(rates.confirmed, confirmed),
      rate(rates.nacked, confirmed),
      rate(rates.received, received),
      ...five(consumerLatency, received),
      ...five(confirmLatency, confirmed),
    ]
    appendFileSync(this.#file, `${cells.join(',')}\n`)
  }
}
