// Scenarios as text, run on the emulator: what the tests of this folder begin with. It asserts nothing.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseScenario } from '../../compare/scenario/parse.ts'
import type { VariantRun } from '../../compare/scenario/result.ts'
import { runScenario } from '../../compare/scenario/run.ts'
import { openEmulated } from '../../compare/targets/emulated-scenario.ts'

/** The text of a scenario of examples/scenarios. */
export const shipped = (name: string): string =>
  readFileSync(join(import.meta.dirname, '..', '..', 'examples', 'scenarios', `${name}.yaml`), 'utf8')

/** Each variant of a scenario's text, run; `readFile` for what it names beside itself. */
export async function runsOf(
  text: string,
  seed = 1,
  readFile?: (path: string) => string,
): Promise<Record<string, VariantRun>> {
  const scenario = parseScenario(text, 'scenario.yaml')
  const runs: Record<string, VariantRun> = {}
  const options = readFile === undefined ? {} : { readFile }
  for (const variant of scenario.variants)
    runs[variant.name] = await runScenario(scenario, variant, openEmulated, seed, options)
  return runs
}
