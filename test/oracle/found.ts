// Scenarios that the generator found and shrank: a file each in catalogue/found/. Loaded by the catalogue, written by the hunt.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Scenario } from '../../compare/steps.ts'

const folder = join('test', 'oracle', 'catalogue', 'found')

/** All of them, by name. */
export function foundScenarios(): Scenario[] {
  return filesIn(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Scenario)
}

function filesIn(path: string): string[] {
  try {
    return readdirSync(path)
      .filter((file) => file.endsWith('.json'))
      .sort()
  } catch {
    return []
  }
}

/** Keeps one, under its name; gives the file. */
export function keepFound(scenario: Scenario): string {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${scenario.name.replace(/^found\//, '').replaceAll(/[^a-z0-9]+/gi, '-')}.json`)
  writeFileSync(file, `${JSON.stringify(scenario, null, 2)}\n`)
  return file
}
