// The policy files that come with Warren, to begin with: `warren policies presets`, `preset:NAME` where a file may be named, and the
// page's editor. It reads the disk once for each question and judges nothing.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where the presets are: in the sources and compiled as here, beside the bundled command, and beside what it loads. */
const folders = [
  join(import.meta.dirname, '..', 'policies', 'presets'),
  join(import.meta.dirname, 'policies', 'presets'),
]

export interface Preset {
  readonly name: string
  readonly text: string
  /** The first line of its comment. */
  readonly about: string
}

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
