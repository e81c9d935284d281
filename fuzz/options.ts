// The options of `npm run fuzz`, and its help. Throws a sentence for anything it does not know.

export interface Options {
  /** How long to run, in seconds; with `inputs` whichever is reached first. */
  readonly seconds: number
  readonly inputs: number
  readonly seed: number
  readonly workers: number
  /** Send so many HTTP requests, with every check, and do nothing else. */
  readonly requests: number | null
  /** Run this one world of the seed and nothing else. */
  readonly world: number | null
  /** Carry out this finding and nothing else. */
  readonly replay: string | null
  /** Where findings are written. */
  readonly findings: string
}

export const help = `npm run fuzz -- [options]

  --seconds N     stop after N seconds (60)
  --inputs N      stop after N inputs: mutated conversations that got past the protocol header
  --seed S        of everything that is drawn (1); the same seed gives the same worlds
  --workers N     threads for clusters in virtual time (one per processor); one more drives sockets, HTTP and files
  --requests N    send N random and hostile HTTP requests, and do nothing else: never a 5xx, nothing half done
  --world N       run world N of the seed and nothing else
  --replay FILE   carry out a finding and nothing else
  --findings DIR  where findings are written (test/fuzz/findings)

Ends with status 1 when something was found.`

const numbers = ['seconds', 'inputs', 'seed', 'workers', 'world', 'requests'] as const
const texts = ['replay', 'findings'] as const

/** Null when help was asked for. */
export function readOptions(argv: readonly string[], processors: number): Options | null {
  const given: Record<string, string> = {}
  for (let i = 0; i < argv.length; i++) {
    const [name, inline] = argv[i]!.replace(/^--/, '').split('=') as [string, string | undefined]
    if (name === 'help') return null
    const value = inline ?? argv[++i]
    if (![...numbers, ...texts].includes(name as never)) throw new RangeError(`there is no option --${name}`)
    if (value === undefined) throw new RangeError(`--${name} needs a value`)
    if (numbers.includes(name as never) && !/^\d+$/.test(value))
      throw new RangeError(`--${name} must be a whole number`)
    given[name] = value
  }
  const number = (name: (typeof numbers)[number], otherwise: number) =>
    given[name] === undefined ? otherwise : Number(given[name])
  return {
    inputs: number('inputs', Infinity),
    seconds: number('seconds', given['inputs'] === undefined ? 60 : Infinity),
    seed: number('seed', 1),
    workers: Math.max(1, number('workers', processors)),
    requests: given['requests'] === undefined ? null : Number(given['requests']),
    world: given['world'] === undefined ? null : Number(given['world']),
    replay: given['replay'] ?? null,
    findings: given['findings'] ?? 'test/fuzz/findings',
  }
}
