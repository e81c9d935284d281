// Calibration files: written and read back the same, every mistake one sentence; and what predictions are held to.
import { describe, expect, test } from 'vitest'
import { type Calibration, calibrationText } from '../../compare/calibrate/file.ts'
import type { Measured } from '../../compare/calibrate/load.ts'
import { casesOf, held, predictedBytes } from '../../compare/calibrate/predictions.ts'
import { calibratedBytes, calibrationShapes } from '../../compare/calibrate/shape.ts'
import { calibrationFor, calibrationIn } from '../../compare/calibrate/source.ts'
import { defaultCalibrationText } from '../../compare/targets/default-calibration.ts'
import { operations, type ServiceTimes } from '../../nodes/work.ts'

const times = Object.fromEntries(
  operations.map((name, i) => [name, { fixedMs: (i + 1) / 100, byteMs: i / 1e6 }]),
) as ServiceTimes
const calibration: Calibration = {
  broker: 'RabbitMQ 3.10.8',
  machine: 'two: "cores"',
  cores: 2,
  date: '2026-11-28',
  machines: 'shared',
  rounds: 3,
  flush: { minMs: 1.5, maxMs: 2 },
  times,
  fits: [{ shape: 'ordinary; 100 B', measured: 1000, fitted: 1100 }],
}
const text = calibrationText(calibration)

describe('a calibration file', () => {
  test('is read back as it was written', () => {
    expect(calibrationIn(text, 'costs.yaml')).toEqual(calibration)
  })

  test.each([
    ['times: {', 'costs.yaml:1:9: unexpected end'],
    ['[]', 'costs.yaml: the file must be a table'],
    [text.replace(/ {2}persist:.*\n/, ''), 'costs.yaml: times.persist must be a table, and is missing'],
    [
      text.replace('persist:', 'fetch:'),
      "costs.yaml: times has no 'fetch'; the operations are publish, queue,",
    ],
    [text.replace('us: 10,', 'us: -1,'), 'costs.yaml: times.publish.us must be a number, 0 or more, not -1'],
    [text.replace('min: 1.5', 'min: 3'), 'costs.yaml: flush.min must not be more than flush.max'],
    [
      text.replace('machines: shared', 'machines: two'),
      'costs.yaml: machines must be shared or own, not "two"',
    ],
  ])('is refused when wrong: %#', (wrong, sentence) => {
    expect(() => calibrationIn(wrong, 'costs.yaml')).toThrow(sentence)
  })

  test('is meant by none, by default, and by its path', () => {
    const files = {
      defaultText: defaultCalibrationText,
      readFile: (path: string) => {
        if (path === 'costs.yaml') return text
        throw new Error('there is no such file')
      },
    }
    expect(calibrationFor('none', files)).toBeNull()
    expect(calibrationFor('costs.yaml', files)).toEqual(calibration)
    expect(calibrationFor('default', files)?.broker).toBe('RabbitMQ 3.10.8')
    expect(() => calibrationFor('nowhere', files)).toThrow(
      'the calibration file nowhere cannot be read: there is no such file',
    )
  })
})

describe('predictions', () => {
  const rate = (value: number): Measured => ({
    rate: value,
    confirm: { p50: 1, p99: 2 },
    latency: { p50: 1, p99: 2 },
  })
  const [single, ordinary] = casesOf(1000) as [ReturnType<typeof casesOf>[0], ReturnType<typeof casesOf>[0]]
  const heldTo = (predicted: number, measured: number[]) =>
    held([
      {
        bytes: 1000,
        cases: [
          { ...single, predicted: rate(100), measured: measured.map(() => rate(100)) },
          { ...ordinary, predicted: rate(predicted), measured: measured.map(rate) },
        ],
      },
    ]).ratios[0]

  test('are good within 25 % of the median of the paired ratios', () => {
    expect(heldTo(74, [60, 60, 60, 60, 60])).toMatchObject({ measured: 0.6, predicted: 0.74, good: true })
    expect(heldTo(76, [60, 60, 60, 60, 60])).toMatchObject({ good: false })
  })

  test('are good within the measured spread, when that is larger', () => {
    expect(heldTo(76, [50, 60, 60, 60, 77])).toMatchObject({ lowest: 0.5, highest: 0.77, good: true })
  })

  test('are of sizes that calibrate does not use, and of other placements but for the single node', () => {
    for (const bytes of predictedBytes) expect(calibratedBytes).not.toContain(bytes)
    const place = ({ publisher, leader, consumer, mirrors }: (typeof calibrationShapes)[0]) =>
      JSON.stringify([publisher, leader, consumer, mirrors])
    const used = new Set(calibrationShapes.map(place))
    const others = casesOf(1000).slice(1)
    expect(others.filter(({ shape }) => used.has(place(shape)))).toEqual([])
  })
})
