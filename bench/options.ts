// The command line of the benchmark: what may be asked, the help that teaches it, and the complaints about what may not.
// Called by run.ts only.
import { parseArgs } from 'node:util'
import { Complaint } from './complaint.ts'
import { micros } from './micros.ts'
import { type Length, workloads } from './workloads.ts'

export interface Options {
  readonly rounds: number
  readonly length: Length
  readonly full: boolean
  /** Names of workloads, or null for all. */
  readonly only: ReadonlySet<string> | null
  readonly json: string | null
  readonly against: string | null
  /** A Markdown file for the results. */
  readonly write: string | null
  /** Whether a RabbitMQ that is installed here runs beside. */
  readonly rabbitmq: boolean
  /** host:port of one or three nodes of a broker that is already running, or null to start a Warren. */
  readonly amqp: readonly string[] | null
  /** Credentials and vhost as options of the load generator. */
  readonly login: readonly string[]
  /** Handed on to `warren start`. */
  readonly startOptions: readonly string[]
}

const short: Length = { seconds: 0.8, warmupSeconds: 0.2, fillMessages: 100_000, connections: 2000 }
const full: Length = { seconds: 5, warmupSeconds: 1, fillMessages: 1_000_000, connections: 2000 }
const [shortRounds, fullRounds] = [3, 5]

/** What is measured beside the load workloads, by name. */
export const further: Readonly<Record<string, string>> = {
  start: 'time until every AMQP port is open, and memory at rest, for one and three nodes',
  memory: 'bytes per idle connection and per queued message of 100 B',
  amqplib: 'amqplib as the client: its rate, and which process is busy',
  trace: 'auto100 with and without the trace of messages',
  codec: 'nanoseconds to read a publish and to write a delivery',
  routing: 'nanoseconds to route a key through each type of exchange',
  queue: 'nanoseconds of a message through a broker without sockets',
  policies: 'nanoseconds to check, find and apply a policy',
}

/** What the command line asks for, or null when it asks for help. Throws a Complaint. */
export function readOptions(argv: readonly string[]): Options | null {
  const { values, positionals, tokens } = parse(argv)
  if (values.help) return null
  const amqp = values.amqp === undefined ? null : addresses(values.amqp)
  if (amqp && positionals.length > 0)
    throw new Complaint('options for `warren start` make no sense with --amqp')
  const handedOn = tokens.findIndex(({ kind }) => kind === 'option-terminator')
  const stray = tokens.find(({ kind }, i) => kind === 'positional' && (handedOn < 0 || i < handedOn))
  if (stray?.kind === 'positional')
    throw new Complaint(
      `'${stray.value}' belongs to no option; what \`warren start\` is to be given follows a lone --`,
    )
  const length = values.full ? full : short
  return {
    rounds:
      values.rounds === undefined
        ? values.full
          ? fullRounds
          : shortRounds
        : wholeNumber('--rounds', values.rounds),
    length,
    full: values.full,
    only: values.only === undefined ? null : names(values.only, length),
    json: values.json ?? null,
    against: values.against ?? null,
    write: values.write ?? null,
    rabbitmq: !values['no-rabbitmq'] && amqp === null,
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
      tokens: true,
      options: {
        rounds: { type: 'string' },
        only: { type: 'string' },
        full: { type: 'boolean', default: false },
        json: { type: 'string' },
        against: { type: 'string' },
        write: { type: 'string' },
        'no-rabbitmq': { type: 'boolean', default: false },
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

/** `micro` stands for all micro benches. */
function names(text: string, length: Length): ReadonlySet<string> {
  const known = [...Object.keys(further), ...workloads(length).map(({ name }) => name)]
  const wanted = text
    .split(',')
    .flatMap((name) => (name.trim() === 'micro' ? Object.keys(micros) : name.trim()))
  for (const name of wanted)
    if (!known.includes(name))
      throw new Complaint(`there is no workload '${name}'; there are ${known.join(', ')} and micro`)
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
  const list: (readonly [string, string])[] = [
    ...workloads(short).map(({ name, about }) => [name, about] as const),
    ...Object.entries(further),
  ]
  const width = Math.max(...list.map(([name]) => name.length))
  return `Measures how much a broker carries, how fast, and what it costs to start and feed one.

  npm run bench                                  everything, three rounds, under three minutes
  npm run bench -- --only auto100,conf1k         only these
  npm run bench -- --json before.json            keep the numbers
  npm run bench -- --against before.json         compare with them
  npm run bench -- --full --write bench/RESULTS.md
                                                 half an hour, and a page of results
  npm run bench -- --amqp localhost:5672         another broker instead of a Warren of its own
  npm run bench -- -- --seed 7                   hand options on to \`warren start\`

  --rounds N       how often everything is measured (3, with --full 5); the table shows medians
                   and min..max
  --only A,B       workloads by name, see below; micro stands for the last four
  --full           5 s a workload and a million messages, instead of 0.8 s and 100,000
  --json FILE      write every value to FILE
  --against FILE   add the medians of an earlier --json FILE and the factor between them
  --write FILE     write the results as a page, with machine and method
  --no-rabbitmq    leave out the RabbitMQ that is installed here, which otherwise runs beside,
                   in turns with Warren, for ratios within each round
  --amqp H:P       a running broker; three addresses with commas run the remote workload too.
                   The mirrored ones then run only when named by --only, and need a policy
                   with ha-mode all on ^mirrored\\. that you set yourself
  --user, --password, --vhost   how to log in there (guest, guest, /)

${list.map(([name, about]) => `  ${name.padEnd(width)}   ${about}`).join('\n')}

The table goes to standard output, progress to standard error. The exit status is 1 when any
message was lost, reordered or refused. bench/README.md says how to read the numbers.`
}
