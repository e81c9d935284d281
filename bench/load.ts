// The load generator as a child process: compiled once per run with the machine's C compiler, called once per step.
// Called by run.ts. It never decides what to measure.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Complaint } from './complaint.ts'

/** What one call printed, as numbers by the generator's names, and what went wrong, if anything. */
export interface Outcome {
  readonly numbers: ReadonlyMap<string, number>
  readonly fault: string | null
}

interface Ended {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** A step ends by itself after a few seconds; one that does not is broken. */
const stepTimeoutMs = 120_000

export class LoadGenerator {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Compiles the generator into a fresh temporary folder. Throws a Complaint that says what is missing. */
  static async build(): Promise<LoadGenerator> {
    if (process.platform !== 'linux')
      throw new Complaint('the load generator needs Linux (it is built on epoll)')
    const source = fileURLToPath(new URL('./amqpload.c', import.meta.url))
    const generator = new LoadGenerator(mkdtempSync(join(tmpdir(), 'warren-bench-')))
    const ended = await run('cc', ['-O2', '-o', generator.#binary, source, '-lpthread'])
    if (ended === 'missing') {
      generator.remove()
      throw new Complaint('there is no C compiler (cc) to build the load generator with: apt-get install gcc')
    }
    if (ended.status !== 0) {
      generator.remove()
      throw new Complaint(`cc could not compile ${source}: ${ended.stderr.trim()}`)
    }
    return generator
  }

  /** For a run that loads nothing. */
  static none(): LoadGenerator {
    return new LoadGenerator(mkdtempSync(join(tmpdir(), 'warren-bench-')))
  }

  get #binary(): string {
    return join(this.#folder, 'amqpload')
  }

  /** Runs one step to its end. */
  async step(options: readonly string[], expectDelivered?: number): Promise<Outcome> {
    const ended = await run(this.#binary, options)
    if (ended === 'missing') throw new Complaint(`the load generator has vanished from ${this.#folder}`)
    return readOutcome(ended, expectDelivered)
  }

  /** Starts a call whose first line comes long before its end: `said` resolves with the line, or at the end. */
  hold(options: readonly string[]): { readonly said: Promise<void>; readonly ended: Promise<Outcome> } {
    let resolveSaid: () => void = () => {}
    const said = new Promise<void>((resolve) => (resolveSaid = resolve))
    const ended = run(this.#binary, options, resolveSaid).then((end) => {
      resolveSaid()
      if (end === 'missing') throw new Complaint(`the load generator has vanished from ${this.#folder}`)
      return readOutcome(end)
    })
    return { said, ended }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** What a finished call means. A line is `key=value key=value …`. */
export function readOutcome({ status, stdout, stderr }: Ended, expectDelivered?: number): Outcome {
  const numbers = new Map<string, number>()
  let lastError = ''
  for (const pair of stdout.trim().split(' ')) {
    const [key, value] = pair.split('=')
    if (key === 'lasterr') lastError = (value ?? '').replaceAll('_', ' ')
    else if (key && value !== undefined && value !== '' && !Number.isNaN(Number(value)))
      numbers.set(key, Number(value))
  }
  return { numbers, fault: faultOf(status, numbers, lastError, stderr.trim(), expectDelivered) }
}

function faultOf(
  status: number,
  numbers: ReadonlyMap<string, number>,
  lastError: string,
  stderr: string,
  expectDelivered?: number,
): string | null {
  if (numbers.size === 0) return stderr || `the load generator ended with status ${status} and no result`
  const faults: string[] = []
  const count = (key: string, words: string) => {
    const value = numbers.get(key) ?? 0
    if (value !== 0) faults.push(`${value} ${words}`)
  }
  count('lost', 'messages lost')
  count('ooo', 'out of order')
  count('nacks', 'nacked')
  count('err', `errors (${lastError})`)
  const delivered = numbers.get('del') ?? 0
  if (expectDelivered !== undefined && delivered !== expectDelivered)
    faults.push(`${delivered} delivered instead of ${expectDelivered}`)
  if (faults.length === 0 && status !== 0) faults.push(stderr || `status ${status}`)
  return faults.length > 0 ? faults.join(', ') : null
}

/** `said` is called with the first output. */
function run(
  command: string,
  options: readonly string[],
  said: () => void = () => {},
): Promise<Ended | 'missing'> {
  return new Promise((resolve) => {
    const child = execFile(
      command,
      options,
      { timeout: stepTimeoutMs, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        if (error?.code === 'ENOENT') return resolve('missing')
        const late = error?.killed ? `not finished after ${stepTimeoutMs / 1000} s` : ''
        const status = error ? (typeof error.code === 'number' ? error.code : 1) : 0
        resolve({ status, stdout, stderr: late || stderr })
      },
    )
    child.stdout?.once('data', said)
  })
}
