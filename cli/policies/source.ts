// Where a command takes policies from: a file, or one of the presets that come with Warren, named `preset:NAME`. Called by
// `warren start` and `warren policies`; it reads and judges the file, and applies nothing.

import { type Preset, presets } from '../../admin-ui/presets.ts'
import { type PolicyFile, PolicyFileError, parsePolicyFile } from '../../policies/files.ts'
import { type ExitCode, Failure } from '../failure.ts'
import { readText } from '../read-text.ts'

const mark = 'preset:'

/** The preset of that name. Throws Failure with `exitCode` and the names there are. */
export function presetNamed(name: string, exitCode: ExitCode): Preset {
  const known = presets()
  const found = known.find((preset) => preset.name === name)
  if (found !== undefined) return found
  const names = known.map((preset) => preset.name).join(', ')
  throw new Failure(exitCode, `warren: there is no preset '${name}'; the presets are ${names}.`)
}

/** Whether a source is a file, which may change. */
export const isFile = (source: string): boolean => !source.startsWith(mark)

/** The policies of a file or preset. Throws Failure with `exitCode`: file, line, column, policy, key and value in one sentence. */
export function policiesFrom(source: string, exitCode: ExitCode): PolicyFile {
  const text = isFile(source)
    ? readText(source, 'policy file', exitCode)
    : presetNamed(source.slice(mark.length), exitCode).text
  try {
    return parsePolicyFile(text, source)
  } catch (error) {
    if (error instanceof PolicyFileError) throw new Failure(exitCode, `warren: ${error.message}`)
    throw error
  }
}
