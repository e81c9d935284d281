// The command line of the benchmark: what may be asked, the help that teaches it, and the complaints about what may not.
// Called by run.ts only.
import { parseArgs } from 'node:util'
import { Complaint } from './complaint.ts'
import { type Length, workloads } from './workloads.ts'

export interface Options {
  readonly rounds: number
  readonly length: Length
  /** Names of workloads, or null for all. `start` stands for start time and idle memory. */
  readonly only: ReadonlySet<string> | null
  readonly json: string | null
  readonly against: string | null
  /** host:port of one or three nodes of a broker that is already running, or null to start a Warren. */
  readonly amqp: readonly string[] | null
  /** Credentials and vhost as options of the load generator. */
  readonly login: readonly string[]
  /** Handed on to `warren start`. */
  readonly startOptions: readonly string[]
}

const short: Length = { seconds: 2, warmupSeconds: 0.5, fillMessages: 200_000 }
const full: Length = { seconds: 5, warmupSeconds: 1, fillMessages: 1_000_000 }

/** What the command line asks for, or null when it asks for help. Throws a Complaint. */
export function readOptions(argv: readonly string[]): Options | null {
  const { values, positionals } = parse(argv)
  if (values.help) return null
  const amqp = values.amqp === undefined ? null : addresses(values.amqp)
  if (amqp && positionals.length > 0)
    throw new Complaint('options for `warren start` make no sense with --amqp')
  const length = values.full ? full : short
  return {
    rounds: wholeNumber('--rounds', values.rounds),
    length,
    only: values.only === undefined ? null : names(values.only, length),
    json: values.json ?? null,
    against: values.against ?? null,
    amqp,
    login: ['-u', values.user, '-W', values.password, '-v', values.vhost],
    startOptions: positionals,
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        rounds: { type: 'string', default: '3' },
        only: { type: 'string' },
        full: { type: 'boolean', default: false },
        json: { type: 'string' },
        against: { type: 'string' },
        amqp: { type: 'string' },
        user: { type: 'string', default: 'guest' },
        password: { type: 'string', default: 'guest' },
        vhost: { type: 'string', default: '/' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    throw new Complaint(`${(error as Error).message} (--help lists the options)`)
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= 100) return value
  throw new Complaint(`${name} takes a whole number from 1 to 100, not '${text}'`)
}

function names(text: string, length: Length): ReadonlySet<string> {
  const known = ['start', ...workloads(length).map(({ name }) => name)]
  const wanted = text.split(',').map((name) => name.trim())
  for (const name of wanted)
    if (!known.includes(name))
      throw new Complaint(`there is no workload '${name}'; there are ${known.join(', ')}`)
  return new Set(wanted)
}

function addresses(text: string): string[] {
  const list = text.split(',').map((address) => address.trim())
  for (const address of list)
    if (!/^[\w.-]*:\d+$/.test(address)) throw new Complaint(`--amqp takes HOST:PORT, not '${address}'`)
  if (list.length !== 1 && list.length !== 3)
    throw new Complaint('--amqp takes one HOST:PORT, or three with commas')
  return list
}

export function help(): string {
  const list = workloads(short)
  const width = Math.max(...list.map(({ name }) => name.length))
  return `Measures how much a broker carries, how fast, and what it costs to start one.

  npm run bench                                  all workloads, three rounds, under three minutes
  npm run bench -- --only auto100,conf1k         only these
  npm run bench -- --json before.json            keep the numbers
  npm run bench -- --against before.json         compare with them
  npm run bench -- --amqp localhost:5672         another broker instead of a Warren of its own
  npm run bench -- -- --data-dir /tmp/w          hand options on to \`warren start\`

  --rounds N       how often everything is measured (3); the table shows medians and min..max
  --only A,B       workloads by name, see below
  --full           5 s a workload and a million messages for fill, instead of 2 s and 200,000
  --json FILE      write every value to FILE
  --against FILE   add the medians of an earlier --json FILE and the factor between them
  --amqp H:P       a running broker; three addresses with commas run the remote workload too.
                   The mirrored ones then run only when named by --only, and need a policy
                   with ha-mode all on ^mirrored\\. that you set yourself
  --user, --password, --vhost   how to log in there (guest, guest, /)

  start${' '.repeat(width - 5)}   time until every AMQP port is open, and memory at rest, for one and three nodes
${list.map(({ name, about }) => `  ${name.padEnd(width)}   ${about}`).join('\n')}

The table goes to standard output, progress to standard error. The exit status is 1 when any
message was lost, reordered or refused. bench/README.md says how to read the numbers.`
}
