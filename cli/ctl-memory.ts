// set_vm_memory_high_watermark in rabbitmqctl's words and exit codes, as recorded (test/data/ctl.json). The memory is the
// process's, so what is set through one node holds for all.

import { type Session, unexpected } from './ctl-session.ts'
import { exitCodes, WrongWords } from './failure.ts'

/** rabbitmqctl's units of an absolute limit; it minds upper and lower case. */
const units: Readonly<Record<string, number>> = {
  ...{ '': 1, k: 1024, kiB: 1024, M: 1024 ** 2, MiB: 1024 ** 2, G: 1024 ** 3, GiB: 1024 ** 3 },
  ...{ kB: 1000, MB: 1000 ** 2, GB: 1000 ** 3 },
}

/** `given`: a share of the machine's memory, or `absolute` with bytes or a size in `limit`. */
export async function setMemoryHighWatermark(session: Session, given: string, limit?: string): Promise<void> {
  const absolute = given === 'absolute'
  if (absolute && limit === undefined) throw new WrongWords('not enough arguments.')
  if (!absolute && limit !== undefined) throw new WrongWords('too many arguments.')
  const body = absolute ? { bytes: bytesOf(limit!) } : { fraction: fractionOf(given) }
  const to = absolute ? `${limit} bytes` : given
  const node = await session.target()
  session.say(`Setting memory threshold on ${node} to ${to} ...`)
  const answer = await session.control('PUT', '/warren/memory-limit', body)
  if (answer.status !== 200) throw unexpected('the memory limit', answer)
  if (session.flags.formatter === 'json') session.print(JSON.stringify({ node, result: 'ok' }))
}

function fractionOf(given: string): number {
  if (!/^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(given)) throw badArgument('.')
  const fraction = Number(given)
  if (fraction < 0 || fraction > 1)
    throw badArgument(': The threshold should be a fraction between 0.0 and 1.0')
  return fraction
}

function bytesOf(given: string): number {
  const [, number, fraction = '', unit = ''] = /^([+-]?\d+)(\.\d+)?(.*)$/s.exec(given) ?? []
  if (number === undefined) throw badArgument('.')
  if (fraction !== '') throw badArgument(': The threshold should be an integer.')
  if (!Object.hasOwn(units, unit)) throw badArgument(': Invalid units.')
  return Number(number) * units[unit]!
}

const badArgument = (why: string) => new WrongWords(`Bad argument${why}`, exitCodes.data)
