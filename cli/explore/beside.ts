// Files that a scenario names by a path beside itself: policy files and calibrations. Used by `warren explore` and its threads.

import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** Reads a path as written in `file`. */
export const besideReader =
  (file: string) =>
  (path: string): string =>
    readFileSync(resolve(dirname(file), path), 'utf8')
