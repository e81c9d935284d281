// Makes a test of each scenario whose name begins so: Warren must show what a real cluster was recorded to show. Used by the
// test files beside it, which only say which part of the catalogue they are, so that parts run in parallel.

import { afterAll, describe, expect, test } from 'vitest'
import { catalogue } from './catalogue/index.ts'
import { compare, runOnWarren } from './catalogue.ts'
import { readRecording } from './recording.ts'

/** Scenarios run side by side and mostly wait; on a machine that is busy with other things that takes its time. */
const patienceMs = 300_000

export function checked(beginning: string): void {
  const scenarios = catalogue.filter(({ name }) => name.startsWith(beginning))
  describe.concurrent(`Warren does as RabbitMQ does: ${beginning}`, () => {
    const seen = new Map<string, string>()
    for (const scenario of scenarios)
      test(
        scenario.name,
        async () => {
          const recording = readRecording(scenario)
          expect(recording, 'recorded with these steps').not.toBeNull()
          seen.set(scenario.name, recording!.version)
          expect(compare(scenario, recording!, await runOnWarren(scenario)).join('\n')).toBe('')
        },
        patienceMs,
      )
    afterAll(() => {
      expect(new Set(seen.values()), 'all recordings are of one version').toEqual(new Set(['3.10.8']))
    })
  })
}
