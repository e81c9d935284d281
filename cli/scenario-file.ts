// The scenario that a command was given: a file, or one of the library that ships with Warren, read whole and judged before
// anything runs. Used by `warren compare` and `warren explore`; it prints nothing.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { CalibrationError } from '../compare/calibrate/file.ts'
import { calibrationFor } from '../compare/calibrate/source.ts'
import { parseScenario } from '../compare/scenario/parse.ts'
import type { Scenario } from '../compare/scenario/types.ts'
import { defaultCalibrationText } from '../compare/targets/default-calibration.ts'
import { TextFileError } from '../policies/files-yaml.ts'
import { exitCodes, Failure } from './failure.ts'
import { readText } from './read-text.ts'

export interface ScenarioFile {
  readonly scenario: Scenario
  /** Where it is, also when it was named by its place in the library. */
  readonly path: string
  /** Reads what the scenario names by a path beside itself: policy files and calibrations. */
  readonly readFile: (path: string) => string
}

/** `file` is a path or `library:NAME`. Throws Failure: 64 for an unknown name, 65 for no scenario, 1 for what cannot be read. */
export function readScenario(file: string): ScenarioFile {
  const path = libraryFile(file) ?? file
  const readFile = besideReader(path)
  const text = readText(path, 'scenario')
  try {
    const scenario = parseScenario(text, file, readFile)
    // Here, so that it is said once and before anything runs.
    calibrationFor(scenario.cluster.costs, { defaultText: defaultCalibrationText, readFile })
    return { scenario, path, readFile }
  } catch (error) {
    if (error instanceof CalibrationError)
      throw new Failure(exitCodes.data, `warren: ${file}: ${error.message}.`)
    if (error instanceof TextFileError) throw new Failure(exitCodes.data, `warren: ${error.message}`)
    throw error
  }
}

/** Reads a path as written in `file`. */
export const besideReader =
  (file: string) =>
  (path: string): string =>
    readFileSync(resolve(dirname(file), path), 'utf8')

/** What ships with Warren, each with its question. */
export function listScenarios(): string {
  const found = shipped().map((name) => readScenario(`library:${name}`).scenario)
  const width = Math.max(...found.map(({ name }) => name.length))
  const lines = found.map(({ name, question, needs }) => {
    const needed = needs.length === 0 ? '' : ` [needs ${needs.join(', ')}]`
    return `${name.padEnd(width)}  ${question}${needed}`
  })
  return `${lines.join('\n')}\n\nRun one: warren compare library:${found[0]?.name}\n`
}

// ---- inside

/** Beside the sources, beside what they compile to, and beside the bundle. */
function libraryFolder(): string {
  const here = import.meta.dirname
  const roots = [here, join(here, '..'), join(here, '..', '..')]
  const found = roots.map((root) => join(root, 'examples', 'scenarios')).find((folder) => existsSync(folder))
  if (found !== undefined) return found
  throw new Failure(exitCodes.failed, 'warren: the library of scenarios is not where it was installed.')
}

const shipped = (): string[] =>
  readdirSync(libraryFolder())
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort()

/** The path of `library:NAME`; null for any other file. */
function libraryFile(file: string): string | null {
  const name = /^library:(.*)$/.exec(file)?.[1]
  if (name === undefined) return null
  if (shipped().includes(name)) return join(libraryFolder(), `${name}.yaml`)
  throw new Failure(
    exitCodes.usage,
    `warren: there is no scenario '${name}' in the library; warren compare --list names them.`,
  )
}
