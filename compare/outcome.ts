// What is kept of a scenario's run: one line per step and the history of each consumer, reduced to what two brokers must
// have in common. Made by targets/drive, compared by the catalogue; pure.

/** What one run showed. Equal runs are equal texts. */
export interface Outcome {
  /** One line per step: the step, ` => `, what came of it. */
  readonly steps: readonly string[]
  /** What each consumer saw from first to last. */
  readonly consumers: Readonly<Record<string, string>>
  /** How connections ended that were not closed by the scenario: `node1` or `node1/name` to a reason. */
  readonly connections: Readonly<Record<string, string>>
  /** Requests that had no answer within their step, and got one afterwards. */
  readonly late: readonly string[]
}

/** A queue as one node shows it. Nodes are `node1`, …; what the node does not show is absent. */
export interface QueueView {
  readonly state?: string
  readonly leader?: string
  readonly mirrors?: readonly string[]
  readonly synchronised?: readonly string[]
  readonly ready?: number
  readonly unacked?: number
  readonly consumers?: number
  readonly policy?: string
}

/** A view in one line; null: the node does not know such a queue. */
export function viewText(view: QueueView | null): string {
  if (view === null) return 'absent'
  const list = (names: readonly string[]) => `[${names.join(' ')}]`
  const parts = [view.state ?? 'no state', `leader ${view.leader ?? 'none'}`]
  if (view.mirrors !== undefined) parts.push(`mirrors ${list(view.mirrors)}`)
  if (view.synchronised !== undefined) parts.push(`synchronised ${list(view.synchronised)}`)
  if (view.ready !== undefined) parts.push(`ready ${view.ready}`)
  if (view.unacked !== undefined) parts.push(`unacked ${view.unacked}`)
  if (view.consumers !== undefined) parts.push(`consumers ${view.consumers}`)
  if (view.policy !== undefined) parts.push(`policy ${view.policy}`)
  return parts.join(', ')
}

const numbered = /^(\D*)(\d+)(\*?)$/

/** `m0 m1 m2* m3*` as `m0-m1 m2*-m3*`; equal neighbours that are no numbers as `ack x3`. */
export function runs(words: readonly string[]): string {
  const out: string[] = []
  for (let at = 0; at < words.length; ) {
    const first = words[at]!
    let end = at + 1
    const [, prefix, digits, star] = numbered.exec(first) ?? []
    if (digits !== undefined) while (words[end] === `${prefix}${Number(digits) + end - at}${star}`) end++
    if (end === at + 1) while (words[end] === first) end++
    const last = words[end - 1]!
    if (end - at === 1) out.push(first)
    else out.push(first === last ? `${first} x${end - at}` : `${first}-${last}`)
    at = end
  }
  return out.join(' ')
}

/** The first lines in which two outcomes differ; empty when they are equal. */
export function differences(expected: Outcome, actual: Outcome): string[] {
  const [a, b] = [lines(expected), lines(actual)]
  const found: string[] = []
  for (let i = 0; i < Math.max(a.length, b.length); i++)
    if (a[i] !== b[i]) found.push(`expected: ${a[i] ?? '(nothing)'}`, `     got: ${b[i] ?? '(nothing)'}`)
  return found
}

/** An outcome as lines, in a fixed order. */
export function lines(outcome: Outcome): string[] {
  const table = (what: string, entries: Readonly<Record<string, string>>) =>
    Object.keys(entries)
      .sort()
      .map((name) => `${what} ${name} => ${entries[name]}`)
  return [
    ...outcome.steps,
    ...table('consumer', outcome.consumers),
    ...table('connection', outcome.connections),
    ...outcome.late.map((line) => `late: ${line}`),
  ]
}
