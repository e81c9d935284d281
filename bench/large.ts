// `npm run bench:large [-- --part N] [name…]`: what things cost as they become many: each at an eighth, a quarter, half and the whole of a
// large number. A cost that grows no worse than its number stays level, and the last column says so. Costs are the broker's
// own processor time and memory: the clients beside it do not count.
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { type Cost, type Curve, curves } from './large-curves.ts'
import { Warren } from './warren.ts'

/** The parts of the largest size that are measured, in order. */
const parts = [8, 4, 2, 1] as const

/** A cost at each size, from the smallest to the largest. */
export interface Growth {
  readonly curve: string
  readonly what: string
  readonly unit: Cost['unit']
  readonly sizes: readonly number[]
  readonly each: readonly number[]
  /** The cost at the largest size to that at the smallest; 1 is level, 8 is as bad as the number itself. */
  readonly growth: number
}

/**
 * Measures one curve, each size on a broker of its own that has rehearsed it. Smaller ones are measured more often, so that their
 * times are as long.
 */
export async function measure(curve: Curve): Promise<Growth[]> {
  const sizes = parts.map((part) => Math.max(1, Math.round(curve.largest / part)))
  const points: Cost[][] = []
  for (const [i, size] of sizes.entries()) {
    const broker = await Warren.start(1)
    try {
      await curve.at(broker, curve.rehearsal)
      const rounds: Cost[][] = []
      while (rounds.length < parts[i]!) rounds.push(await curve.at(broker, size))
      points.push(
        rounds[0]!.map((first, what) =>
          mean(
            first,
            rounds.map((costs) => costs[what]!),
          ),
        ),
      )
    } finally {
      await broker.stop()
    }
  }
  return points[0]!.map(({ what, unit }, i) => {
    const each = points.map((costs) => costs[i]!.each)
    return { curve: curve.name, what, unit, sizes, each, growth: each.at(-1)! / each[0]! }
  })
}

/** Memory is only taken from the machine the first time. */
const mean = (first: Cost, all: readonly Cost[]): Cost =>
  first.unit === 'B' ? first : { ...first, each: all.reduce((sum, { each }) => sum + each, 0) / all.length }

/** The table of one curve, a line for each cost. */
export function lines(curve: Curve, growths: readonly Growth[]): string[] {
  const [first] = growths
  if (first === undefined) return []
  const cells = (values: readonly (number | string)[]) =>
    values.map((value) => String(value).padStart(11)).join('')
  const count = (value: number) => String(value).replace(/\B(?=(\d{3})+$)/g, ',')
  const figure = (value: number) => (value < 10 ? value.toFixed(2) : count(Math.round(value)))
  return [
    `${curve.counted.padEnd(34)}${cells([...first.sizes.map(count), 'growth'])}`,
    ...growths.map(({ what, unit, each, growth }) =>
      `  ${what}, ${unit} each`.padEnd(34).concat(cells([...each.map(figure), growth.toFixed(2)])),
    ),
    '',
  ]
}

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals: names } = parseArgs({
    args: [...args],
    allowPositionals: true,
    // Measures only up to so small a part of each number, to see that it works.
    options: { part: { type: 'string', default: '1' } },
  })
  const unknown = names.find((name) => !curves.some((curve) => curve.name === name))
  if (unknown !== undefined) throw new Error(`no curve is called ${unknown}`)
  for (const curve of curves.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const largest = Math.max(1, Math.round(curve.largest / Number(values.part)))
    process.stdout.write(
      `${lines(curve, await measure({ ...curve, largest, rehearsal: Math.min(curve.rehearsal, 4 * largest) })).join('\n')}\n`,
    )
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.slice(2))
