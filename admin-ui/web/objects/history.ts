// What a page has seen of figures while it was open, for its charts: one sample for each look, five minutes at most.

import { useRef } from 'preact/hooks'

const keptMs = 5 * 60_000

export interface History {
  /** In ms since the epoch. */
  readonly times: readonly number[]
  /** One list for each figure, as long as `times`; null where it was not known. */
  readonly values: readonly (readonly (number | null)[])[]
}

/** Adds `figures` when `data` is another object than last time. */
export function useHistory(data: object | undefined, figures: readonly (number | undefined)[]): History {
  const kept = useRef<{ last: object | undefined; times: number[]; values: (number | null)[][] }>({
    last: undefined,
    times: [],
    values: figures.map(() => []),
  })
  const { current } = kept
  if (data !== undefined && data !== current.last) {
    current.last = data
    const now = Date.now()
    current.times.push(now)
    for (const [i, figure] of figures.entries()) current.values[i]!.push(figure ?? null)
    while (current.times[0]! < now - keptMs) {
      current.times.shift()
      for (const list of current.values) list.shift()
    }
  }
  return current
}
