// What a real cluster answered to a scenario, kept beside the catalogue: written by `record`, read by the tests.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lines, type Outcome } from '../../compare/outcome.ts'
import { describe, type Scenario } from '../../compare/steps.ts'

export interface Recording {
  readonly scenario: string
  /** Of the broker that was asked. */
  readonly version: string
  /** How many runs there were; equal outcomes are kept once. */
  readonly runs: number
  readonly outcomes: readonly Outcome[]
}

const folder = join('test', 'oracle', 'recordings')
const fileOf = (name: string) => join(folder, `${name.replaceAll(/[^a-z0-9]+/gi, '-')}.json`)

/** Null when there is none, or one of other steps than the scenario has now. */
export function readRecording(scenario: Scenario): Recording | null {
  const file = fileOf(scenario.name)
  if (!existsSync(file)) return null
  const recording = JSON.parse(readFileSync(file, 'utf8')) as Recording
  const told = recording.outcomes[0]?.steps.map((line) => line.split(' => ')[0])
  return JSON.stringify(told) === JSON.stringify(scenario.steps.map(describe)) ? recording : null
}

/** Adds one run's outcome to the recording, which begins anew when `first`. */
export function addOutcome(scenario: Scenario, version: string, outcome: Outcome, first: boolean): Recording {
  const old = first ? null : readRecording(scenario)
  const known = (old?.outcomes ?? []).some((other) => lines(other).join() === lines(outcome).join())
  const recording = {
    scenario: scenario.name,
    version,
    runs: (old?.runs ?? 0) + 1,
    outcomes: known ? old!.outcomes : [...(old?.outcomes ?? []), outcome],
  }
  mkdirSync(folder, { recursive: true })
  writeFileSync(fileOf(scenario.name), `${JSON.stringify(recording, null, 2)}\n`)
  return recording
}
