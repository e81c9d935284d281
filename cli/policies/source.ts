// Where a command takes policies from: a file, or one of the presets that come with Warren, named `preset:NAME`. Called by
// `warren start` and `warren policies`; it reads and judges the file, and applies nothing.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type PolicyFile, PolicyFileError, parsePolicyFile } from '../../policies/files.ts'
import { type ExitCode, Failure } from '../failure.ts'
import { readText } from '../read-text.ts'

/** Where the presets are: in the sources and compiled as here, beside the bundled command, and beside what it loads. */
const folders = [
  join(import.meta.dirname, '..', '..', 'policies', 'presets'),
  join(import.meta.dirname, '..', 'policies', 'presets'),
  join(import.meta.dirname, 'policies', 'presets'),
]

export interface Preset {
  readonly name: string
  readonly text: string
  /** The first line of its comment. */
  readonly about: string
}

const mark = 'preset:'

/** All presets, by name. */
export function presets(): Preset[] {
  for (const folder of folders) {
    const files = filesOf(folder)
    if (files.length === 0) continue
    return files.map((file) => {
      const text = readFileSync(join(folder, file), 'utf8')
      return { name: file.replace(/\.yaml$/, ''), text, about: /^# (.*)/.exec(text)?.[1] ?? '' }
    })
  }
  return []
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith('.yaml'))
      .sort()
  } catch {
    return []
  }
}

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
