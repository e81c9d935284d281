// The load tool's options, in PerfTest's words: what may be asked, and the help that teaches it. Called by command.ts; what
// the answers mean together is settled in settle.ts.

import { type Command, InvalidArgumentError, Option } from 'commander'
import { wholeNumber } from '../options.ts'
import { type Address, parseAddress } from './address.ts'
import type { Phase } from './pace.ts'
import { listOf, messageProperties, phase, positive, table, trueOrFalse } from './values.ts'

/** What commander makes of the words. */
export interface Flags {
  readonly uri?: Address
  readonly uris?: readonly Address[]
  readonly id?: string
  readonly producers: number
  readonly consumers: number
  readonly producerChannelCount: number
  readonly consumerChannelCount: number
  readonly rate?: number
  readonly variableRate?: readonly Phase[]
  readonly publishingInterval?: number
  readonly consumerRate?: number
  readonly consumerLatency?: number
  readonly variableLatency?: readonly Phase[]
  readonly size: number
  readonly variableSize?: readonly Phase[]
  readonly messageProperties?: ReturnType<typeof messageProperties>
  readonly flag?: readonly string[]
  readonly confirm?: number
  readonly qos: number
  readonly globalQos: number
  readonly autoack: boolean
  readonly multiAckEvery: number
  readonly consumerArgs?: ReturnType<typeof table>
  readonly queue?: readonly string[]
  readonly queuePattern?: string
  readonly queuePatternFrom: number
  readonly queuePatternTo: number
  readonly queueArgs?: ReturnType<typeof table>
  readonly autoDelete: boolean
  readonly exclusive: boolean
  readonly exchange?: string
  readonly type: string
  readonly routingKey?: string
  readonly predeclared: boolean
  readonly skipBindingQueues: boolean
  readonly time?: number
  readonly pmessages?: number
  readonly cmessages?: number
  readonly interval: number
  readonly shutdownTimeout: number
  readonly useMillis: boolean
  readonly json: boolean
  readonly outputFile?: string
  readonly heartbeat: number
  readonly framemax: number
  readonly connectionRecoveryInterval: number
  readonly disableConnectionRecovery: boolean
  readonly tlsCa?: string
  readonly tlsCert?: string
  readonly tlsKey?: string
}

/** PerfTest's short words of more than one letter, which commander does not know. */
export const shortWords: Readonly<Record<string, string>> = {
  '-qp': '--queue-pattern',
  '-qpf': '--queue-pattern-from',
  '-qpt': '--queue-pattern-to',
  '-qa': '--queue-args',
  '-ca': '--consumer-args',
  '-mp': '--message-properties',
  '-ad': '--auto-delete',
  '-sb': '--skip-binding-queues',
  '-vr': '--variable-rate',
  '-vs': '--variable-size',
  '-vl': '--variable-latency',
  '-ms': '--use-millis',
  '-st': '--shutdown-timeout',
  '-cri': '--connection-recovery-interval',
  '-dcr': '--disable-connection-recovery',
}

const most = 1_000_000_000
const count = wholeNumber(1, most)
const orNone = wholeNumber(0, 10_000)

const addresses = (text: string): Address[] => text.split(',').map((one) => parseAddress(one.trim()))

function pattern(text: string): string {
  if (!/^[^%]*%\d*d[^%]*$/.test(text)) throw new InvalidArgumentError('It must have one %d in it.')
  return text
}

const option = (flags: string, about: string, parse?: (text: string, before?: never) => unknown) => {
  const made = new Option(flags, about)
  return parse === undefined ? made : made.argParser(parse as (text: string, before: unknown) => unknown)
}

type Group = readonly [heading: string, ...options: Option[]]

const groups = (): readonly Group[] => [
  [
    'Where:',
    option('-h, --uri <uri>', 'the broker (default: amqp://guest:guest@localhost:5672)', parseAddress),
    option(
      '-H, --uris <uris>',
      'several nodes, with commas: producer 0 and consumer 0 go to the first and the second, queues are declared through the last',
      addresses,
    ),
    option('--tls-ca <file>', 'CA (PEM) that must vouch for the broker; without it any certificate will do'),
    option(
      '--tls-cert <file>',
      "the client's certificate (PEM), to log in by EXTERNAL where that is offered",
    ),
    option('--tls-key <file>', 'its private key (PEM)'),
  ],
  [
    'Who:',
    option('-x, --producers <count>', 'producers, a connection each', orNone).default(1),
    option('-y, --consumers <count>', 'consumers, a connection each', orNone).default(1),
    option('-X, --producer-channel-count <count>', 'channels per producer', wholeNumber(1, 2047)).default(1),
    option('-Y, --consumer-channel-count <count>', 'channels per consumer', wholeNumber(1, 2047)).default(1),
  ],
  [
    'Publishing:',
    option(
      '-r, --rate <rate>',
      'messages per second of each producer (default: as fast as it goes)',
      positive,
    ),
    option('--variable-rate <rate:seconds>', 'repeat it: each rate in turn', phase(0)),
    option('-P, --publishing-interval <seconds>', 'one message per producer in so many seconds', positive),
    option('-s, --size <bytes>', 'body size; 12 at least', wholeNumber(0, 512 * 1024 * 1024)).default(0),
    option('--variable-size <bytes:seconds>', 'repeat it: each size in turn', phase(0)),
    option(
      '-c, --confirm <count>',
      'use confirms, with so many in flight per producer',
      wholeNumber(1, 1_000_000),
    ),
    option(
      '-f, --flag <flag>',
      'persistent or mandatory; may be repeated',
      listOf(['persistent', 'mandatory']),
    ),
    option('--message-properties <pairs>', 'such as priority=5,x-tenant=a', messageProperties),
  ],
  [
    'Consuming:',
    option('-q, --qos <count>', 'prefetch per consumer; 0: unlimited', wholeNumber(0, 65_535)).default(0),
    option('-Q, --global-qos <count>', 'prefetch per channel; 0: unlimited', wholeNumber(0, 65_535)).default(
      0,
    ),
    option('-a, --autoack', 'consume without acknowledgements').default(false),
    option('-A, --multi-ack-every <count>', 'acknowledge so many at a time', count).default(1),
    option('-R, --consumer-rate <rate>', 'most messages per second of each consumer', positive),
    option('-L, --consumer-latency <us>', 'microseconds of work per message', wholeNumber(0, most)),
    option('--variable-latency <us:seconds>', 'repeat it: each amount of work in turn', phase(0)),
    option('--consumer-args <pairs>', 'such as x-priority=10', table),
  ],
  [
    'Queues and exchange:',
    option('-u, --queue <names>', 'queue, or several with commas (default: one per consumer)', listOf(null)),
    option('--queue-pattern <pattern>', 'many queues, such as perf-%d, dealt to all', pattern),
    option('--queue-pattern-from <number>', 'its first number', wholeNumber(0, most)).default(1),
    option('--queue-pattern-to <number>', 'its last number', wholeNumber(0, most)).default(1),
    option('--queue-args <pairs>', 'such as x-max-length=10', table),
    option('--auto-delete <boolean>', 'whether the run leaves nothing behind', trueOrFalse).default(true),
    option('-E, --exclusive', 'exclusive queues, one per consumer').default(false),
    option('-e, --exchange <name>', "exchange (default: direct; the default exchange is '')"),
    option('-t, --type <type>', 'its type, when it has to be declared').default('direct'),
    option('-k, --routing-key <key>', 'key of all messages and bindings (default: by queue)'),
    option('-p, --predeclared', 'declare nothing; without -e through the default exchange').default(false),
    option('--skip-binding-queues', 'do not bind').default(false),
  ],
  [
    'How long:',
    option('-z, --time <seconds>', 'end after so many seconds (default: at Ctrl-C)', positive),
    option('-C, --pmessages <count>', 'end when each producer has published so many', count),
    option('-D, --cmessages <count>', 'end when each consumer has received so many', count),
    option('--shutdown-timeout <seconds>', 'how long the end may wait for confirms', orNone).default(5),
  ],
  [
    'Output:',
    option('-d, --id <id>', 'a name for the run'),
    option('-i, --interval <seconds>', 'how often rates are printed', positive).default(1),
    option('--json', 'a JSON object per line instead of text').default(false),
    option('-o, --output-file <file>', "PerfTest's CSV file of the intervals"),
    option('--use-millis', 'wall clock milliseconds, for producers and consumers on two machines').default(
      false,
    ),
  ],
  [
    'Connections:',
    option('-b, --heartbeat <seconds>', '0: none', wholeNumber(0, 65_535)).default(60),
    option('-M, --framemax <bytes>', 'largest frame', wholeNumber(4096, 2 ** 31 - 1)).default(131_072),
    option('--connection-recovery-interval <seconds>', 'before connecting again', positive).default(5),
    option('--disable-connection-recovery', 'end when a connection is lost').default(false),
  ],
]

/** Gives a command all the options. */
export function addOptions(command: Command): Command {
  for (const [heading, ...options] of groups())
    for (const one of options) command.addOption(one.helpGroup(heading))
  return command
}
