// The steps of a run beside the load workloads: what memory costs, what amqplib makes of a broker, what the trace costs. Each
// takes a broker and gives numbers by name; called by run.ts.
import { spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { LoadGenerator } from './load.ts'
import { useOf } from './machine.ts'
import type { Target } from './target.ts'
import type { Unit } from './workloads.ts'

/** A number of a step, or what went wrong. */
export interface Measured {
  readonly name: string
  readonly unit: Unit
  readonly value: number
}
export type Outcome = readonly Measured[] | { readonly fault: string }

/** Memory is read once garbage had a moment to go. */
const settleMs = 1000
const bodyBytes = 100

/** Resident memory at rest. */
export async function idleMemory(target: Target): Promise<Outcome> {
  await pause(settleMs)
  const use = target.use()
  return use === null ? [] : [{ name: 'idle memory', unit: 'MB', value: use.residentBytes / 2 ** 20 }]
}

/** What connections with a channel each cost while they do nothing. */
export async function connectionMemory(
  target: Target,
  load: LoadGenerator,
  connections: number,
  login: readonly string[],
): Promise<Outcome> {
  const before = target.use()
  if (before === null) return []
  const options = [
    '-A',
    target.addresses[0]!,
    ...login,
    '-I',
    String(connections),
    '-t',
    String(2 * (settleMs / 1000)),
  ]
  const opened = load.hold(options)
  await opened.said
  await pause(settleMs)
  const after = target.use()
  const { fault, numbers } = await opened.ended
  if (after === null || fault !== null) return { fault: fault ?? 'the broker has gone' }
  const rate = numbers.get('conn_s')
  return [
    {
      name: 'per connection',
      unit: 'bytes',
      value: (after.residentBytes - before.residentBytes) / connections,
    },
    ...(rate === undefined ? [] : [{ name: 'opened', unit: '/s' as const, value: rate }]),
  ]
}

/** What a queued message of 100 bytes costs. The queue is deleted afterwards. */
export async function messageMemory(
  target: Target,
  load: LoadGenerator,
  messages: number,
  login: readonly string[],
): Promise<Outcome> {
  const before = target.use()
  if (before === null) return []
  const where = ['-A', target.addresses[0]!, '-Q', 'benchmemory', ...login]
  const filled = await load.step([...where, ...`-s ${bodyBytes} -C 0 -w 5000 -n ${messages} -K`.split(' ')])
  if (filled.fault !== null) return { fault: filled.fault }
  await pause(settleMs)
  const after = target.use()
  await load.step([...where, ...'-s 24 -n 10 -t 1'.split(' ')])
  if (after === null) return { fault: 'the broker has gone' }
  const value = (after.residentBytes - before.residentBytes) / messages
  return [{ name: 'per message', unit: 'bytes', value }]
}

/** amqplib as publisher and consumer in a process of its own: its rate, and how busy it and the broker are meanwhile. */
export async function withAmqplib(target: Target, seconds: number): Promise<Outcome> {
  const client = spawn(
    process.execPath,
    [fileURLToPath(new URL('./amqplib-client.js', import.meta.url)), target.addresses[0]!, String(seconds)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let out = ''
  let err = ''
  let start: ReturnType<typeof looked> | null = null
  const looked = () => ({ at: performance.now(), broker: target.use(), client: useOf(client.pid) })
  let end: ReturnType<typeof looked> | null = null
  client.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  // It says when it begins to measure and, before it goes, what it has measured.
  client.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
    if (start === null && out.includes('measuring')) start = looked()
    if (end === null && out.includes('delivered=')) {
      end = looked()
      client.kill()
    }
  })
  await new Promise((resolve) => client.once('close', resolve))
  const rate = Number(/delivered=(\d+)/.exec(out)?.[1] ?? Number.NaN)
  if (Number.isNaN(rate)) return { fault: err.trim().split('\n').at(-1) || 'the client said nothing' }
  return [{ name: 'rate', unit: 'msg/s', value: rate }, ...shares(start, end)]
}

interface Look {
  readonly at: number
  readonly broker: ReturnType<Target['use']>
  readonly client: ReturnType<Target['use']>
}

/** How much of a core each process had between two looks. */
function shares(start: Look | null, end: Look | null): Measured[] {
  if (start === null || end === null) return []
  const share = (name: string, a: Look['broker'], b: Look['broker']): Measured[] => {
    if (a === null || b === null) return []
    const value = (b.cpuSeconds - a.cpuSeconds) / ((end.at - start.at) / 1000)
    return [{ name, unit: 'cores', value }]
  }
  return [
    ...share('client busy', start.client, end.client),
    ...share('broker busy', start.broker, end.broker),
  ]
}
