// What a run has reached: methods taken by connections in each state, error codes sent, methods answered, kinds of steps.
// Workers fill one each; `run` adds them up and prints the table. Numbers only, so that they cross between threads.

import { METHOD_ROWS, methodLabel } from '../nodes/amqp/methods.ts'

export class Coverage {
  /** `running basic.publish`: methods taken, by the connection's state. */
  readonly taken = new Map<string, number>()
  /** `channel 404 on queue.declare`: closes sent. */
  readonly closes = new Map<string, number>()
  /** Methods sent by the server. */
  readonly sent = new Map<number, number>()
  readonly steps = new Map<string, number>()
  private readonly labels = new Map<number, string>()

  took(state: string, id: number): void {
    add(this.taken, `${state} ${this.label(id)}`)
  }

  closed(scope: 'channel' | 'connection', code: number, method: number): void {
    add(this.closes, `${scope} ${code} ${this.label(method)}`)
  }

  answered(id: number): void {
    add(this.sent, id)
  }

  stepped(kind: string): void {
    add(this.steps, kind)
  }

  merge(other: CoverageData): void {
    for (const name of ['taken', 'closes', 'steps'] as const)
      for (const [key, count] of other[name]) add(this[name], key, count)
    for (const [key, count] of other.sent) add(this.sent, key, count)
  }

  data(): CoverageData {
    return { taken: [...this.taken], closes: [...this.closes], sent: [...this.sent], steps: [...this.steps] }
  }

  /** The table, as lines. */
  lines(): string[] {
    const lines: string[] = []
    const states = new Map<string, [methods: number, count: number]>()
    const byMethod = new Map<string, number>()
    for (const [key, count] of this.taken) {
      const [state, method] = key.split(' ') as [string, string]
      const [methods, sum] = states.get(state) ?? [0, 0]
      states.set(state, [methods + 1, sum + count])
      add(byMethod, method, count)
    }
    lines.push('states of connections (methods taken in each):')
    for (const [state, [methods, count]] of states)
      lines.push(`  ${state}: ${count} frames, ${methods} methods`)
    const known = Object.values(METHOD_ROWS).map((row) => methodLabel(row.id))
    const missed = known.filter((label) => !byMethod.has(label))
    lines.push(
      `methods taken: ${known.length - missed.length} of ${known.length}, ${byMethod.size - known.length + missed.length} unknown ones`,
    )
    lines.push(...columns([...byMethod].filter(([label]) => known.includes(label))))
    if (missed.length > 0) lines.push(`  never: ${missed.join(', ')}`)
    lines.push(`methods sent: ${this.sent.size}`)
    lines.push(...columns([...this.sent].map(([id, count]) => [methodLabel(id), count])))
    const codes = new Map<string, number>()
    for (const [key, count] of this.closes) add(codes, key.split(' ').slice(0, 2).join(' '), count)
    lines.push(`errors: ${codes.size} codes, ${this.closes.size} codes and methods`)
    lines.push(...columns([...codes]))
    lines.push('most frequent errors:')
    lines.push(...columns([...this.closes].sort((a, b) => b[1] - a[1]).slice(0, 24)))
    lines.push('steps:', ...columns([...this.steps]))
    return lines
  }

  private label(id: number): string {
    let label = this.labels.get(id)
    if (label === undefined) {
      label = methodLabel(id)
      if (this.labels.size < 1000) this.labels.set(id, label)
    }
    // Unknown methods are counted together, or there would be millions of them.
    return /^\d/.test(label) && id !== 0 ? '(unknown)' : label
  }
}

export interface CoverageData {
  readonly taken: readonly (readonly [string, number])[]
  readonly closes: readonly (readonly [string, number])[]
  readonly sent: readonly (readonly [number, number])[]
  readonly steps: readonly (readonly [string, number])[]
}

function add<K>(map: Map<K, number>, key: K, count = 1): void {
  map.set(key, (map.get(key) ?? 0) + count)
}

function columns(rows: readonly (readonly [string, number])[]): string[] {
  const cells = [...rows].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name} ${count}`.padEnd(34))
  const lines: string[] = []
  for (let i = 0; i < cells.length; i += 4) lines.push(`  ${cells.slice(i, i + 4).join('')}`.trimEnd())
  return lines
}
