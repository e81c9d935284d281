// The measure of small things in this process: how many nanoseconds one takes, as a median over several stretches of time
// with its spread. The things themselves are in micro-*.ts, one file per room, listed in micros.ts.
export interface Micro {
  readonly name: string
  /** For what takes milliseconds and is measured in these: the most that a run puts up with. */
  readonly mostMs?: number
  /** Prepares the thing and returns a function that does it `each` times. */
  prepare(): { readonly run: () => void; readonly each: number }
}

/** What is done with results that nobody wants, so that they are not optimised away. */
let sink = 0
export function keep(value: number): void {
  sink = (sink + value) | 0
}

/** Nanoseconds for one, in each of `samples` stretches of about `stretchMs`, after as long a warm-up. */
export function nanoseconds({ prepare }: Micro, samples: number, stretchMs: number): number[] {
  const { run, each } = prepare()
  const timed = (calls: number) => {
    const began = performance.now()
    for (let i = 0; i < calls; i++) run()
    return performance.now() - began
  }
  let calls = 1
  for (let took = timed(calls); took < stretchMs; took = timed(calls))
    calls = Math.ceil(calls * Math.min(10, Math.max(1.2, (1.1 * stretchMs) / Math.max(took, 0.01))))
  timed(calls)
  return Array.from({ length: samples }, () => (timed(calls) * 1e6) / (calls * each))
}
