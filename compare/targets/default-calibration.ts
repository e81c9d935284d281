// The calibration file that comes with Warren, found beside the sources, in dist/ and from dist/command/. Read when it is asked for.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const path = ['calibrations', 'two-cores.yaml'] as const
const places = [
  join(import.meta.dirname, '..', ...path),
  join(import.meta.dirname, 'compare', ...path),
  join(import.meta.dirname, '..', 'compare', ...path),
]

export const defaultCalibrationText = (): string =>
  readFileSync(places.find((place) => existsSync(place)) ?? places[0]!, 'utf8')
