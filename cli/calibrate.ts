// `warren calibrate`: measures what work costs a real RabbitMQ and writes it to a file that scenarios use; with --check, how good
// predictions are. Called by cli.ts with the options; whatever it starts ends with it, also by Ctrl-C.

import { readFileSync, writeFileSync } from 'node:fs'
import { arch, cpus, platform, release, totalmem } from 'node:os'
import { type Calibration, CalibrationError, calibrationText } from '../compare/calibrate/file.ts'
import { check, predictionsText } from '../compare/calibrate/predictions.ts'
import { type Circumstances, calibrate, fitSentence, type Measure } from '../compare/calibrate/run.ts'
import { calibrationFor } from '../compare/calibrate/source.ts'
import { Calibrating, ownCluster } from '../compare/targets/calibrating.ts'
import { defaultCalibrationText } from '../compare/targets/default-calibration.ts'
import { GivenCluster } from '../compare/targets/real-given.ts'
import { Unusable } from '../compare/targets/unusable.ts'
import { exitCodes, Failure } from './failure.ts'

export interface CalibrateFlags {
  readonly out?: string
  readonly url?: string[]
  readonly management?: string[]
  readonly rounds?: number
  readonly seconds: number
  readonly check: boolean
  readonly costs: string
}

const nodes = 3
const warmMs = 500

/** Throws Failure. */
export async function runCalibrate(flags: CalibrateFlags): Promise<void> {
  try {
    // Before anything is started: a wrong file is told at once.
    const costs = flags.check ? calibrationFor(flags.costs, files) : null
    if (flags.check && costs === null) throw new CalibrationError('--costs none predicts nothing')
    const broker = await open(flags)
    const stop = stopper()
    try {
      const text = await Promise.race([work(broker, flags, costs), stop.signalled])
      if (text === null) return
      if (flags.out === undefined) process.stdout.write(text)
      else write(flags.out, text)
    } finally {
      stop.remove()
      await broker.close()
    }
  } catch (error) {
    if (error instanceof Unusable)
      throw new Failure(exitCodes.unavailable, `warren calibrate: ${error.message}`)
    if (error instanceof CalibrationError)
      throw new Failure(exitCodes.data, `warren calibrate: ${error.message}.`)
    throw error
  }
}

async function work(broker: Calibrating, flags: CalibrateFlags, costs: Calibration | null): Promise<string> {
  const { machine, cores } = thisMachine()
  const circumstances: Circumstances = {
    broker: await broker.version(),
    machine,
    cores,
    date: new Date().toISOString().slice(0, 10),
  }
  const measure: Measure = (shape) => broker.measure(shape, { warmMs, countMs: flags.seconds * 1000 })
  if (costs !== null) {
    const made = [
      `${circumstances.broker} on ${machine}, ${circumstances.date}, three nodes on one machine; predicted with the calibration of`,
      `${costs.broker} on ${costs.machine} of ${costs.date}.`,
    ].join('\n')
    return predictionsText(await check(measure, costs, flags.rounds ?? 5, progress), made)
  }
  const calibration = await calibrate(measure, flags.rounds ?? 3, circumstances, progress)
  say(fitSentence(calibration))
  return calibrationText(calibration)
}

async function open({ url, management }: CalibrateFlags): Promise<Calibrating> {
  if (url === undefined) {
    say('starting a RabbitMQ cluster of three nodes …')
    return new Calibrating(await ownCluster())
  }
  if (url.length < nodes)
    throw new Unusable(
      `Three nodes are wanted, ${url.length} ${url.length === 1 ? 'address is' : 'addresses are'} given with --url.`,
    )
  const given = new GivenCluster({ urls: url, management: management ?? [], commands: {} })
  return new Calibrating(await given.lease(nodes))
}

/** At Ctrl-C the cluster goes first; at a second one the process goes at once. */
function stopper(): { readonly signalled: Promise<null>; readonly remove: () => void } {
  let resolve: (nothing: null) => void = () => {}
  const signalled = new Promise<null>((done) => (resolve = done))
  const stopped = (signal: NodeJS.Signals) => {
    say('stopping …')
    remove()
    process.exitCode = signal === 'SIGINT' ? 130 : 143
    resolve(null)
  }
  const remove = () => {
    for (const signal of signals) process.removeListener(signal, stopped)
  }
  for (const signal of signals) process.on(signal, stopped)
  return { signalled, remove }
}

const signals = ['SIGINT', 'SIGTERM'] as const

const files = { defaultText: defaultCalibrationText, readFile: (path: string) => readFileSync(path, 'utf8') }

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (error) {
    // Minutes of work are not to be lost.
    process.stdout.write(text)
    throw new Failure(exitCodes.failed, `warren calibrate: --out: ${(error as Error).message}`)
  }
  say(`written to ${path}`)
}

function progress(done: number, of: number, what: string): void {
  say(`${String(done).padStart(String(of).length)}/${of}  ${what}`)
}

const say = (text: string) => void process.stderr.write(`${text}\n`)

function thisMachine(): { machine: string; cores: number } {
  const all = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  const model = (all[0]?.model ?? 'unknown').trim()
  return {
    machine: `${all.length} × ${model}, ${memory} GiB, ${platform()} ${release()} ${arch()}`,
    cores: all.length,
  }
}
