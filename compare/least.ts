// The shortest list that still shows what is looked for, by leaving out ever smaller runs. Shared by the fuzzer and by `explore`; a
// generator hands out candidates and is told which still show it, so that it serves those who must wait for an answer too. Pure.

/** Candidates to be tried: each is answered by whether it still shows it. Returns the last that did, or what it began with. */
export type Candidates<T> = Generator<T, T, boolean>

export function* least<T>(list: readonly T[]): Candidates<readonly T[]> {
  let best = list
  for (let run = Math.max(1, best.length >> 1); run >= 1; run >>= 1)
    for (let at = 0; at < best.length; ) {
      const shorter = [...best.slice(0, at), ...best.slice(at + run)]
      if (yield shorter) best = shorter
      else at += run
    }
  return best
}

/** The first of `simpler`, the simplest first, that still shows it; otherwise `given`. */
export function* simplest<T>(given: T, simpler: readonly T[]): Candidates<T> {
  for (const one of simpler) if (yield one) return one
  return given
}

/** Tries all candidates with an answer at once. */
export function settle<T>(candidates: Candidates<T>, shows: (candidate: T) => boolean): T {
  let step = candidates.next()
  while (step.done !== true) step = candidates.next(shows(step.value))
  return step.value
}

/** The same where an answer takes its time. */
export async function settled<T>(
  candidates: Candidates<T>,
  shows: (candidate: T) => Promise<boolean>,
): Promise<T> {
  let step = candidates.next()
  while (step.done !== true) step = candidates.next(await shows(step.value))
  return step.value
}
