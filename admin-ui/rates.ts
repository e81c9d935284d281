// Rates of counters, as the `…_details` of RabbitMQ's statistics: how fast a count has grown between two looks. Kept by
// the object that is counted, so that they go with it. It must never read a clock: the caller says when it looked.

interface Sample {
  at: number
  value: number
  rate: number
}

/** The shortest stretch a rate is taken over. */
const stretchMs = 1000

export class Rates {
  private readonly samples = new WeakMap<object, Map<string, Sample>>()

  /** Growth per second of the counter `name` of `of`, 0 at the first look; `now` in ms. */
  rate(of: object, name: string, value: number, now: number): number {
    let counters = this.samples.get(of)
    if (counters === undefined) this.samples.set(of, (counters = new Map()))
    const sample = counters.get(name)
    if (sample === undefined) {
      counters.set(name, { at: now, value, rate: 0 })
      return 0
    }
    const elapsed = now - sample.at
    if (elapsed >= stretchMs) {
      sample.rate = Math.round(((value - sample.value) * 10_000) / elapsed) / 10
      sample.at = now
      sample.value = value
    }
    return sample.rate
  }
}
