// A file that a command was given, as text. What keeps it from being read becomes one sentence that names it.

import { readFileSync } from 'node:fs'
import { type ExitCode, exitCodes, Failure } from './failure.ts'

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'reading it is not permitted',
}

/** `what` it is, such as `policy file`. Throws Failure with `exitCode`. */
export function readText(file: string, what: string, exitCode: ExitCode = exitCodes.failed): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? '']
    if (reason === undefined) throw error
    throw new Failure(exitCode, `warren: the ${what} ${file} cannot be read, ${reason}.`)
  }
}
