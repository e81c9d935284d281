// Methods and their bytes: a decoder and an encoder for each row of the dialect. Called by connection, channel and
// the in-process client, which codes the other direction. It must never interpret what it decodes.
import type { ByteWriter } from './bytes.ts'
import { UnknownMethodError } from './errors.ts'
import { emptyTable, encodeTable, readTable, type Table } from './fields.ts'
import { cannotDecode, Reader } from './reader.ts'
import { type ArgumentType, METHOD_ROWS, type MethodRow } from './rows.ts'

export { UnknownMethodError } from './errors.ts'
export { type AckArgs, decodeAck, decodePublish, type PublishArgs } from './publish.ts'
export { METHOD_ROWS, type MethodRow } from './rows.ts'

interface Values {
  bit: boolean
  octet: number
  short: number
  long: number
  longlong: number
  shortstr: string
  replytext: string
  longstr: Buffer
  longtext: string
  table: Table
}

type Rows = typeof METHOD_ROWS

export type MethodName = keyof Rows

/** The arguments of each method, reserved fields left out. Delivery tags are exact up to 2^53. */
export type MethodArguments = {
  [N in MethodName]: {
    -readonly [F in keyof Rows[N]['fields'] as F extends `reserved${number}`
      ? never
      : F]: Rows[N]['fields'][F] extends ArgumentType ? Values[Rows[N]['fields'][F]] : never
  }
}

/** `classId << 16 | methodId` by protocol name. */
export const METHOD = Object.fromEntries(
  Object.entries(METHOD_ROWS).map(([name, row]) => [name, row.id]),
) as unknown as { readonly [N in MethodName]: Rows[N]['id'] }

/** One field of a plan; `bit` is its place in the octet it shares, `last` whether that octet ends with it. */
interface Step {
  readonly name: string
  readonly type: ArgumentType
  readonly reserved: boolean
  readonly bit: number
  readonly last: boolean
}

interface Plan {
  readonly name: MethodName
  readonly label: string
  readonly row: MethodRow
  readonly steps: readonly Step[]
}

const PLANS = Object.entries(METHOD_ROWS).map(([name, row]) => planOf(name as MethodName, row))
const BY_NAME = Object.fromEntries(PLANS.map((plan) => [plan.name, plan])) as Record<MethodName, Plan>
/** Indexed by class and method id, both of which fit seven bits in this dialect. */
const BY_ID: readonly (Plan | undefined)[] = (() => {
  const plans = new Array<Plan | undefined>(1 << 14).fill(undefined)
  for (const plan of PLANS) plans[((plan.row.id >>> 16) << 7) | (plan.row.id & 0x7f)] = plan
  return plans
})()

function planOf(name: MethodName, row: MethodRow): Plan {
  const fields = Object.entries(row.fields)
  let bits = 0
  const steps = fields.map(([field, type], index): Step => {
    const bit = type === 'bit' ? bits++ : 0
    const last = type === 'bit' && fields[index + 1]?.[1] !== 'bit'
    if (last) bits = 0
    return { name: field, type, reserved: /^reserved\d$/.test(field), bit, last }
  })
  // basicGetOk -> basic.get-ok
  const label = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace('-', '.')
  return { name, label, row, steps }
}

function planFor(id: number): Plan | undefined {
  return (id & 0xff80) !== 0 || id >>> 23 !== 0 ? undefined : BY_ID[((id >>> 16) << 7) | (id & 0x7f)]
}

/** The protocol name of `classId << 16 | methodId`, or undefined when the dialect has no such method. */
export function methodName(id: number): MethodName | undefined {
  return planFor(id)?.name
}

/** `basic.publish`, `queue.declare-ok`; `50.99` when unknown. */
export function methodLabel(id: number): string {
  return planFor(id)?.label ?? `${id >>> 16}.${id & 0xffff}`
}

/**
 * The arguments of method `id` in `start..end`, which they must fill exactly. Throws UnknownMethodError, or
 * MalformedError with RabbitMQ's text (`FRAME_ERROR - cannot decode <<…>>`, docs/observed.md §5.2).
 */
export function decodeMethod(
  id: number,
  buf: Buffer,
  start: number,
  end: number,
): MethodArguments[MethodName] {
  const plan = planFor(id)
  if (plan === undefined) throw new UnknownMethodError(id)
  const from = new Reader(buf, start, end)
  const args: Record<string, unknown> = {}
  checkExtent(plan, from)
  readSteps(plan, from, args)
  return args as MethodArguments[MethodName]
}

/** `decodeMethod` for a method known by name. */
export function decodeAs<N extends MethodName>(
  name: N,
  buf: Buffer,
  start: number,
  end: number,
): MethodArguments[N] {
  return decodeMethod(METHOD[name], buf, start, end) as MethodArguments[N]
}

/**
 * RabbitMQ first fits all fields to the bytes by their lengths alone and answers `cannot decode`; what is inside
 * text and tables comes after and fails differently.
 */
function checkExtent(plan: Plan, from: Reader): void {
  const { at, end } = from
  try {
    for (const step of plan.steps) {
      if (step.type !== 'bit') from.skip(fixedSize(step.type) || blockSize(step.type, from))
      else if (step.last) from.skip(1)
    }
    from.finish()
  } catch (error) {
    throw cannotDecode(from.buf, at, end, error)
  }
  from.at = at
}

function fixedSize(type: ArgumentType): number {
  switch (type) {
    case 'octet':
      return 1
    case 'short':
      return 2
    case 'long':
      return 4
    case 'longlong':
      return 8
    default:
      return 0
  }
}

function blockSize(type: ArgumentType, from: Reader): number {
  return type === 'shortstr' || type === 'replytext' ? from.u8() : from.u32()
}

function readSteps(plan: Plan, from: Reader, into: Record<string, unknown>): void {
  let octet = 0
  for (const step of plan.steps) {
    if (step.type === 'bit') {
      if (step.bit === 0) octet = from.u8()
      if (!step.reserved) into[step.name] = ((octet >>> step.bit) & 1) === 1
    } else {
      const value = readValue(step.type, from)
      if (!step.reserved) into[step.name] = value
    }
  }
}

function readValue(type: Exclude<ArgumentType, 'bit'>, from: Reader): unknown {
  switch (type) {
    case 'octet':
      return from.u8()
    case 'short':
      return from.u16()
    case 'long':
      return from.u32()
    case 'longlong':
      return Number(from.u64())
    case 'shortstr':
    case 'replytext':
      return from.name()
    case 'longstr':
      return from.longstr()
    case 'longtext':
      return String(from.longtext())
    case 'table':
      return readTable(from, 0)
  }
}

/** Writes the arguments of a method, without its id. Throws RangeError for a name of more than 255 bytes. */
export function encodeArguments<N extends MethodName>(
  name: N,
  args: MethodArguments[N],
  into: ByteWriter,
): void {
  const values = args as Record<string, unknown>
  let octet = 0
  for (const step of BY_NAME[name].steps) {
    const value = step.reserved ? undefined : values[step.name]
    if (step.type === 'bit') {
      if (value === true) octet |= 1 << step.bit
      if (!step.last) continue
      into.u8(octet)
      octet = 0
    } else writeValue(step.type, value, into)
  }
}

function writeValue(type: Exclude<ArgumentType, 'bit'>, value: unknown, into: ByteWriter): void {
  switch (type) {
    case 'octet':
      into.u8((value ?? 0) as number)
      break
    case 'short':
      into.u16((value ?? 0) as number)
      break
    case 'long':
      into.u32((value ?? 0) as number)
      break
    case 'longlong':
      into.u64((value ?? 0) as number)
      break
    case 'shortstr':
      into.shortstr((value ?? '') as string)
      break
    case 'replytext':
      into.shortstr(cutReply((value ?? '') as string))
      break
    case 'longstr':
    case 'longtext':
      into.longstr((value ?? '') as string | Buffer)
      break
    case 'table':
      encodeTable((value ?? emptyTable) as Table, into)
      break
  }
}

/** RabbitMQ cuts a reply text of more than 255 bytes to 252 and adds three dots. */
function cutReply(text: string): string {
  if (text.length <= 85 || Buffer.byteLength(text) <= 255) return text
  const bytes = Buffer.from(text)
  let end = 252
  while ((bytes[end]! & 0xc0) === 0x80) end--
  return `${bytes.toString('utf8', 0, end)}...`
}
