// What a target must be able to give, plain from what a scenario asks for: the real target says by it which scenarios it cannot
// run. Used by `parse`.

import { type Need, needs, type Scenario } from './types.ts'

/** More real time than this is long. */
const longMs = 10 * 60_000

/** The needs that follow from the scenario, and those it declares, each once and in order. */
export function needsOf(scenario: Scenario, declared: readonly Need[]): Need[] {
  const { cluster, faults } = scenario
  const links = [cluster.links, ...cluster.links.pairs]
  const does = (...verbs: string[]) => faults.some(({ action }) => verbs.includes(action.do))
  const follows: Record<Need, boolean> = {
    'cost-model': cluster.costs !== 'none',
    'disk-delay': cluster.disk.flushMs !== null,
    'link-bandwidth': links.some(({ bandwidth }) => bandwidth !== null),
    'link-delay': links.some(({ delayMs }) => delayMs !== null) || does('delay-link'),
    'long-run': durationOf(scenario) > longMs,
    'silent-links': does('silence', 'deafen'),
  }
  return needs.filter((need) => follows[need] || declared.includes(need))
}

/** About how long the work takes by what the file says, in ms: publishers' time, stops, faults by the clock. */
export function durationOf({ workload, faults }: Scenario): number {
  const ends = [...workload.publishers, ...workload.consumers].map(({ startMs, stopMs }) => stopMs ?? startMs)
  for (const { startMs, timeMs, messages, rates } of workload.publishers) {
    if (timeMs !== null) ends.push(startMs + timeMs)
    else ends.push(startMs + sendingMs(messages ?? 0, rates))
  }
  const at: number[] = []
  for (const { trigger } of faults) {
    if (trigger.kind === 'after') at.push((at[trigger.fault] ?? 0) + trigger.delayMs)
    else at.push(trigger.kind === 'at' ? trigger.atMs : trigger.delayMs)
  }
  return Math.max(0, ...ends, ...at)
}

function sendingMs(messages: number, rates: Scenario['workload']['publishers'][number]['rates']): number {
  let [left, sum] = [messages, 0]
  for (const { rate, forMs } of rates) {
    if (rate === null) return sum
    const most = forMs === null ? Infinity : (rate * forMs) / 1000
    if (left <= most) return rate === 0 ? sum : sum + (1000 * left) / rate
    left -= most
    sum += forMs!
  }
  const last = rates.at(-1)?.rate
  return last === null || last === undefined || last === 0 ? sum : sum + (1000 * left) / last
}
