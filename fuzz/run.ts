// `npm run fuzz`: threads that run worlds in virtual time, one more for sockets and the other parsers, a line of progress
// every ten seconds, and at the end what was reached and found. The only file of the fuzzer that reads argv.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { planWorld, replay, runWorld } from './campaign.ts'
import { Coverage } from './coverage.ts'
import { fuzzRequests } from './http.ts'
import { findingFromJson, findingToJson, isReplayable } from './input.ts'
import { help, type Options, readOptions } from './options.ts'
import type { OutsideMessage, OutsideReport } from './outside.ts'
import { shrink } from './shrink.ts'
import type { WorkerMessage, WorkerReport } from './worker.ts'

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

/** No round of sockets, requests and files takes a hundredth of this, but on a machine that has much else to do. */
const outsideLimitMs = 300_000

class Run {
  readonly coverage = new Coverage()
  readonly found = new Map<string, string>()
  private readonly options: Options
  private readonly began = performance.now()
  private readonly shared = new Int32Array(new SharedArrayBuffer(8))
  private readonly heaps: number[][] = []
  private entered = 0
  private worlds = 0
  private slowestMs = 0
  private outside: OutsideReport | null = null

  constructor(options: Options) {
    this.options = options
  }

  async run(): Promise<void> {
    const { workers, seconds } = this.options
    const threads = Array.from({ length: workers }, (_, i) => this.inside(i))
    threads.push(this.beyond())
    const stop = setTimeout(() => this.stop(), Math.min(2_000_000_000, seconds * 1000))
    const progress = setInterval(() => this.progress(), 10_000)
    await Promise.all(threads)
    clearTimeout(stop)
    clearInterval(progress)
    this.progress()
    say('')
    for (const line of this.coverage.lines()) say(line)
    this.heapLines()
    if (this.found.size === 0) say('nothing was found')
    for (const [what, how] of this.found) say(`FOUND ${what}\n  ${how}`)
  }

  private stop(): void {
    Atomics.store(this.shared, 1, 1)
  }

  /** A thread with clusters in virtual time. */
  private inside(index: number): Promise<void> {
    this.heaps[index] = []
    const worker = new Worker(new URL('./worker.js', import.meta.url), {
      workerData: { seed: this.options.seed, shared: this.shared },
    })
    return ended(worker, (message: WorkerMessage) => {
      if (message.kind === 'report') this.take(message.report, index)
      else if (message.kind === 'finding') {
        const { world, what, json } = message
        this.find(what, `npm run fuzz -- --seed ${this.options.seed} --world ${world}`, json)
      }
    })
  }

  /** The thread for what is not in virtual time. */
  private beyond(): Promise<void> {
    const worker = new Worker(new URL('./outside.js', import.meta.url), {
      workerData: { seed: this.options.seed, shared: this.shared },
    })
    let [round, heard] = [0, performance.now()]
    const watch = setInterval(() => {
      if (performance.now() - heard < outsideLimitMs) return
      clearInterval(watch)
      this.find(`the live cluster has hung for ${outsideLimitMs} ms`, `round ${round} over sockets`, '{}\n')
      void worker.terminate()
    }, 5000)
    worker.on('exit', () => clearInterval(watch))
    return ended(worker, (message: OutsideMessage) => {
      heard = performance.now()
      if (message.kind === 'round') round = message.round
      else if (message.kind === 'report') this.outside = message.report
      else if (message.kind === 'finding') this.find(message.what, message.how, message.json)
    })
  }

  private take({ entered, worlds, slowestMs, heap, coverage }: WorkerReport, index: number): void {
    this.entered += entered
    this.worlds += worlds
    this.slowestMs = Math.max(this.slowestMs, slowestMs)
    this.heaps[index]!.push(heap)
    this.coverage.merge(coverage)
    if (this.entered >= this.options.inputs) this.stop()
  }

  private find(what: string, how: string, json: string): void {
    const kind = what.replace(/\d+/g, 'N')
    if (this.found.has(kind)) return
    const folder = this.options.findings
    mkdirSync(folder, { recursive: true })
    const name = kind
      .replace(/[^A-Za-z]+/g, '-')
      .slice(0, 60)
      .replace(/^-|-$/g, '')
      .toLowerCase()
    const path = join(folder, `${name}.json`)
    writeFileSync(path, json)
    this.found.set(kind, `${how}   or   npm run fuzz -- --replay ${path}`)
    say(`FOUND ${what}`)
  }

  private progress(): void {
    const seconds = (performance.now() - this.began) / 1000
    const rate = Math.round(this.entered / seconds)
    const { sockets = 0, requests = 0, files = 0 } = this.outside ?? {}
    const others = `${sockets} over sockets, ${requests} HTTP requests, ${files} policy files`
    say(
      `${seconds.toFixed(0)} s: ${this.entered} inputs in ${this.worlds} worlds (${rate}/s, slowest ${this.slowestMs.toFixed(0)} ms), ${others}, found ${this.found.size}`,
    )
  }

  /** The heap of each thread after a collection: the first third of the run against the last. */
  private heapLines(): void {
    const mb = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MB`
    const least = (list: readonly number[]) => Math.min(...list)
    for (const [i, heaps] of this.heaps.entries()) {
      if (heaps.length < 6) continue
      const third = Math.floor(heaps.length / 3)
      const [early, late] = [least(heaps.slice(1, third + 1)), least(heaps.slice(-third))]
      say(
        `heap of thread ${i + 1} after collection: ${mb(early)} in the first third, ${mb(late)} in the last`,
      )
      if (late > early * 1.05 + 2_097_152)
        this.found.set(`the heap grows from ${mb(early)} to ${mb(late)}`, 'see above')
    }
    if (this.outside !== null)
      say(
        `heap of the live cluster: ${mb(this.outside.firstHeap)} at first, ${mb(this.outside.lastHeap)} at last`,
      )
  }
}

function ended<M>(worker: Worker, take: (message: M) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.on('message', take)
    worker.on('error', reject)
    worker.on('exit', () => resolve())
  })
}

function replayFile(path: string): number {
  const text = readFileSync(path, 'utf8')
  if (!isReplayable(text)) {
    say(
      `${path} is of sockets, requests or files and is not replayed: 'what' and 'recent' in it say what was sent`,
    )
    return 1
  }
  const what = replay(findingFromJson(text))
  say(what === null ? `${path}: nothing goes wrong` : `FOUND ${what}`)
  return what === null ? 0 : 1
}

function oneWorld(seed: number, world: number, folder: string): number {
  const { finding, entered } = runWorld(planWorld(seed, world))
  if (finding === null) {
    say(`world ${world} of seed ${seed}: ${entered} inputs, nothing goes wrong`)
    return 0
  }
  say(`FOUND ${finding.what}\n${finding.stack}`)
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `seed-${seed}-world-${world}.json`)
  writeFileSync(path, findingToJson(shrink(finding)))
  say(`written to ${path}`)
  return 1
}

async function hostileRequests(seed: number, count: number): Promise<number> {
  const found = await fuzzRequests(seed, count, say)
  say(found === null ? `${count} requests of seed ${seed}: nothing was found` : `FOUND ${found}`)
  return found === null ? 0 : 1
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), cpus().length)
  if (options === null) {
    say(help)
    return 0
  }
  if (options.replay !== null) return replayFile(options.replay)
  if (options.world !== null) return oneWorld(options.seed, options.world, options.findings)
  if (options.requests !== null) return hostileRequests(options.seed, options.requests)
  const run = new Run(options)
  await run.run()
  return run.found.size > 0 ? 1 : 0
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 2
}
