// The options of `npm run simulate`, and its help. Throws a sentence for anything it does not know.

export interface Options {
  readonly seeds: number
  /** The first one. */
  readonly seed: number
  readonly workers: number
  /** Run `seed` alone and print its timeline. */
  readonly trace: boolean
  /** An empty cell of the coverage table is a failure. */
  readonly cover: boolean
  /** Print the whole table, not only whether it has empty cells. */
  readonly table: boolean
}

/** So many seeds meet every cell: from here on an empty one is a failure without being asked for. */
export const enoughSeeds = 10_000

export const help = `npm run simulate -- [options]

Runs whole clusters of 1 to 7 nodes in virtual time, with random clients, faults, policies and kinds of queues, and checks of
each run that nothing was lost without a cause, delivered that was not sent, put out of order or left undone. A seed stands for
one run and always gives the same one.

  --seeds N     how many seeds (200)
  --seed S      the first one (1)
  --workers N   threads (one per processor)
  --trace       run seed S alone and print its timeline: what was done to the cluster, what clients asked and saw
  --table       print the whole table of coverage: fault × policy × partition handling × kind of queue
  --cover       end with status 1 when a cell of that table is empty; from ${enoughSeeds} seeds on this is so anyway

When something is wrong, the first lines say what and the command that plays that seed again, such as

  npm run simulate -- --seed 4711 --trace

Look in its timeline for the message or queue that is named, and for the fault before it. The run ends with status 1 then,
with 2 for options it does not know, and with 130 when it was interrupted.`

const numbers = ['seeds', 'seed', 'workers'] as const
const flags = ['trace', 'cover', 'table'] as const

/** Null when help was asked for. */
export function readOptions(argv: readonly string[], processors: number): Options | null {
  const given: Record<string, number> = {}
  for (let i = 0; i < argv.length; i++) {
    const [name = '', inline] = argv[i]!.replace(/^--/, '').split('=')
    if (name === 'help' || argv[i] === '-h') return null
    if (flags.includes(name as never) && inline === undefined) {
      given[name] = 1
      continue
    }
    if (!numbers.includes(name as never) || !argv[i]!.startsWith('--'))
      throw new RangeError(`there is no option ${argv[i]}; --help lists them`)
    const value = inline ?? argv[++i]
    if (value === undefined) throw new RangeError(`--${name} needs a number`)
    if (!/^\d{1,9}$/.test(value)) throw new RangeError(`--${name} must be a whole number, not '${value}'`)
    given[name] = Number(value)
  }
  const seeds = given['seeds'] ?? (given['trace'] ? 1 : 200)
  if (seeds < 1) throw new RangeError('--seeds must be 1 or more')
  if (given['trace'] && seeds > 1) throw new RangeError('--trace prints one seed: leave --seeds out')
  return {
    seeds,
    seed: given['seed'] ?? 1,
    workers: Math.min(seeds, Math.max(1, given['workers'] ?? processors)),
    trace: given['trace'] === 1,
    cover: given['cover'] === 1 || seeds >= enoughSeeds,
    table: given['table'] === 1,
  }
}
