// Where costs come from: a scenario's word for them, a calibration file's text, or the file that comes with Warren. Called by
// targets and commands with a way to read files; errors are one sentence with line and column where the text has them.

import { load, YAMLException } from 'js-yaml'
import { type Calibration, CalibrationError, readCalibration } from './file.ts'

/** The calibration in `text`, YAML or JSON; `file` names it in errors. Throws CalibrationError. */
export function calibrationIn(text: string, file: string): Calibration {
  let value: unknown
  try {
    value = load(text)
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const { line, column } = error.mark ?? { line: 0, column: 0 }
    throw new CalibrationError(`${file}:${line + 1}:${column + 1}: ${error.reason}`)
  }
  try {
    return readCalibration(value)
  } catch (error) {
    if (!(error instanceof CalibrationError)) throw error
    throw new CalibrationError(`${file}: ${error.message}`)
  }
}

/** Reads whole files; throws when it cannot. */
export interface Files {
  /** Of the file that comes with Warren. */
  readonly defaultText: () => string
  readonly readFile: (path: string) => string
}

/** What a scenario's `costs` stands for: `none` gives null. Throws CalibrationError. */
export function calibrationFor(costs: string, { defaultText, readFile }: Files): Calibration | null {
  if (costs === 'none') return null
  if (costs === 'default') return calibrationIn(defaultText(), 'default')
  let text: string
  try {
    text = readFile(costs)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = code === 'ENOENT' ? 'there is no such file' : message
    throw new CalibrationError(`the calibration file ${costs} cannot be read: ${reason}`)
  }
  return calibrationIn(text, costs)
}
