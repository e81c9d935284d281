// Files that come with Warren and are read as text: presets of policies, the library of scenarios. It finds the folder wherever this
// file runs from, reads the disk once for each question and judges nothing.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Shipped {
  readonly name: string
  readonly text: string
}

/** The YAML files of `folder`, a path from the root, by name; none when it is not there. */
export function shippedTexts(folder: string): Shipped[] {
  // In the sources and compiled as here, beside the bundled command, and beside what that loads.
  for (const root of ['..', '.']) {
    const place = join(import.meta.dirname, root, folder)
    const files = filesOf(place)
    if (files.length === 0) continue
    return files.map((file) => ({
      name: file.replace(/\.yaml$/, ''),
      text: readFileSync(join(place, file), 'utf8'),
    }))
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
