// A calibration file: what was measured where and when, the service times fitted to it and how well they fit. Read and written as
// YAML; everything in it is checked, because people edit it. Pure.

import type { Range } from '../../nodes/timings.ts'
import { operations, type ServiceTimes, type Work } from '../../nodes/work.ts'

/** What a simulation needs of it. */
export interface Costs {
  readonly times: ServiceTimes
  /** One flush of the disk. */
  readonly flush: Range
}

/** What a cluster is given of it: machines as they were measured. */
export const workOf = ({ times, machines }: Calibration): Work => ({ times, speed: 1, machines })

export interface Fit {
  readonly shape: string
  /** Messages per second. */
  readonly measured: number
  readonly fitted: number
}

export interface Calibration extends Costs {
  /** Of what, where and when. */
  readonly broker: string
  readonly machine: string
  readonly cores: number
  readonly date: string
  /** Whether a prediction puts all nodes on one such machine, or gives each its own. */
  readonly machines: Work['machines']
  /** How many times each shape was measured; the median counts. */
  readonly rounds: number
  readonly fits: readonly Fit[]
}

/** The largest and the median difference of fitted from measured rates, as shares. */
export function fitErrors(fits: readonly Fit[]): { readonly median: number; readonly largest: number } {
  const shares = fits.map(({ measured, fitted }) => Math.abs(fitted / measured - 1)).sort((a, b) => a - b)
  return { median: shares[Math.floor(shares.length / 2)] ?? 0, largest: shares.at(-1) ?? 0 }
}

const round = (value: number, digits = 4) => Number(value.toPrecision(digits))

/** The file's text. */
export function calibrationText(calibration: Calibration): string {
  const { broker, machine, cores, date, machines, rounds, flush, times, fits } = calibration
  const { median, largest } = fitErrors(fits)
  const percent = (share: number) => `${(share * 100).toFixed(0)} %`
  return `${[
    '# What work costs a broker, measured by `warren calibrate`. A scenario uses it by `cluster: { costs: FILE }`.',
    `broker: ${JSON.stringify(broker)}`,
    `machine: ${JSON.stringify(machine)}`,
    `cores: ${cores}`,
    `date: ${JSON.stringify(date)}`,
    `rounds: ${rounds}`,
    '# Where predictions put the nodes: `shared`, all on one such machine as when it was measured, or `own`.',
    `machines: ${machines}`,
    '# One flush of the disk, in ms.',
    `flush: { min: ${round(flush.minMs)}, max: ${round(flush.maxMs)} }`,
    '# Time of the whole machine: microseconds for each message, and nanoseconds for each byte of its body.',
    'times:',
    ...operations.map((name) => {
      const { fixedMs, byteMs } = times[name]
      return `  ${name}: { us: ${round(fixedMs * 1e3)}, ns-per-byte: ${round(byteMs * 1e6)} }`
    }),
    `# Messages per second, measured and by these times; off by ${percent(median)} in the median, ${percent(largest)} at most.`,
    'fits:',
    ...fits.map(
      ({ shape, measured, fitted }) =>
        `  - { shape: ${JSON.stringify(shape)}, measured: ${Math.round(measured)}, fitted: ${Math.round(fitted)} }`,
    ),
  ].join('\n')}\n`
}

/** A file that cannot be used; the message is one sentence. */
export class CalibrationError extends Error {
  override readonly name = 'CalibrationError'
}

type Table = Readonly<Record<string, unknown>>

/** Reads what the YAML said. Throws CalibrationError. */
export function readCalibration(value: unknown): Calibration {
  const file = table(value, 'the file')
  const times = table(file['times'], 'times')
  const flush = table(file['flush'], 'flush')
  const machines = file['machines'] ?? 'shared'
  if (machines !== 'shared' && machines !== 'own')
    throw new CalibrationError(`machines must be shared or own, not ${JSON.stringify(machines)}`)
  const known = new Set<string>(operations)
  for (const name of Object.keys(times))
    if (!known.has(name))
      throw new CalibrationError(`times has no '${name}'; the operations are ${operations.join(', ')}`)
  const [minMs, maxMs] = [amount(flush['min'], 'flush.min'), amount(flush['max'], 'flush.max')]
  if (minMs > maxMs) throw new CalibrationError('flush.min must not be more than flush.max')
  return {
    broker: String(file['broker'] ?? 'unknown'),
    machine: String(file['machine'] ?? 'unknown'),
    cores: file['cores'] === undefined ? 1 : amount(file['cores'], 'cores'),
    date: String(file['date'] ?? ''),
    machines,
    rounds: file['rounds'] === undefined ? 1 : amount(file['rounds'], 'rounds'),
    flush: { minMs, maxMs },
    times: Object.fromEntries(
      operations.map((name) => {
        const entry = table(times[name], `times.${name}`)
        const us = amount(entry['us'], `times.${name}.us`)
        const ns = amount(entry['ns-per-byte'], `times.${name}.ns-per-byte`)
        return [name, { fixedMs: us / 1e3, byteMs: ns / 1e6 }]
      }),
    ) as ServiceTimes,
    fits: Array.isArray(file['fits']) ? file['fits'].map(readFit) : [],
  }
}

function readFit(value: unknown, at: number): Fit {
  const fit = table(value, `fits[${at}]`)
  return {
    shape: String(fit['shape']),
    measured: amount(fit['measured'], `fits[${at}].measured`),
    fitted: amount(fit['fitted'], `fits[${at}].fitted`),
  }
}

function table(value: unknown, where: string): Table {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Table
  throw new CalibrationError(`${where} must be a table${value === undefined ? ', and is missing' : ''}`)
}

function amount(value: unknown, where: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  throw new CalibrationError(
    `${where} must be a number, 0 or more, not ${JSON.stringify(value) ?? 'missing'}`,
  )
}
