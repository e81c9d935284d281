// The mutators: each changes a conversation at one place, at the level of bytes, of frames or of methods. What they make
// goes to a live cluster, so they must never loop or allocate without bound; what it means is the broker's business.

import { METHOD, methodName } from '../nodes/amqp/methods.ts'
import type { Chance } from './chance.ts'
import { headerFrame, methodFrame, rawFrame } from './frames.ts'
import type { Input, Step } from './input.ts'
import { extremes, messageProperties, methodArguments, methodNames } from './values.ts'

type Send = Extract<Step, { do: 'send' }>
/** Changes `steps`, at the sending step `at`. */
type Mutator = (steps: Step[], at: number, send: Send, chance: Chance) => void

const nasty = [0, 1, 2, 3, 4, 7, 8, 9, 0x7f, 0x80, 0xce, 0xfe, 0xff, 0x41, 0x46, 0x53]

/** The frame's head is spared in most changes: it would only make the frame unreadable. */
const place = (bytes: Buffer, chance: Chance) =>
  chance.hit(12) || bytes.length < 9 ? chance.int(bytes.length) : chance.between(7, bytes.length - 1)

const changed = (steps: Step[], at: number, send: Send, bytes: Buffer) => {
  steps[at] = { ...send, bytes }
}

function edited(send: Send, edit: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(send.bytes)
  if (bytes.length > 0) edit(bytes)
  return bytes
}

const flipBit: Mutator = (steps, at, send, chance) =>
  changed(
    steps,
    at,
    send,
    edited(send, (bytes) => {
      const i = place(bytes, chance)
      bytes[i] = bytes[i]! ^ (1 << chance.int(8))
    }),
  )

const setBytes: Mutator = (steps, at, send, chance) =>
  changed(
    steps,
    at,
    send,
    edited(send, (bytes) => {
      for (let n = chance.between(1, 4); n > 0; n--)
        bytes[place(bytes, chance)] = chance.hit(50) ? chance.pick(nasty) : chance.int(256)
    }),
  )

/** A 32-bit number of the frame becomes an extreme one: lengths of tables and strings among them. */
const setLong: Mutator = (steps, at, send, chance) =>
  changed(
    steps,
    at,
    send,
    edited(send, (bytes) => {
      if (bytes.length >= 16)
        bytes.writeUInt32BE(chance.pick(extremes) >>> 0, chance.between(7, bytes.length - 5))
    }),
  )

const truncate: Mutator = (steps, at, send, chance) =>
  changed(steps, at, send, send.bytes.subarray(0, chance.int(send.bytes.length + 1)))

const insertBytes: Mutator = (steps, at, send, chance) => {
  const i = chance.int(send.bytes.length + 1)
  changed(
    steps,
    at,
    send,
    Buffer.concat([send.bytes.subarray(0, i), chance.bytes(chance.between(1, 9)), send.bytes.subarray(i)]),
  )
}

/** The frame with bytes added or taken inside and its size put right: only the method's decoder can tell. */
const resize: Mutator = (steps, at, { bytes, ...rest }, chance) => {
  if (bytes.length < 12) return
  const payload = bytes.subarray(7, bytes.length - 1)
  const i = chance.int(payload.length)
  const cut = chance.hit(50)
  const parts = cut
    ? [payload.subarray(0, i), payload.subarray(Math.min(payload.length, i + chance.between(1, 4)))]
    : [payload.subarray(0, i), chance.bytes(chance.between(1, 4)), payload.subarray(i)]
  steps[at] = { ...rest, bytes: rawFrame(bytes[0]!, bytes.readUInt16BE(1), Buffer.concat(parts)) }
}

const wrongSize: Mutator = (steps, at, send, chance) =>
  changed(
    steps,
    at,
    send,
    edited(send, (bytes) => {
      if (bytes.length < 8) return
      const size = chance.hit(70) ? bytes.length - 8 + chance.between(-3, 3) : chance.pick(extremes)
      bytes.writeUInt32BE(size >>> 0, 3)
    }),
  )

const otherChannel: Mutator = (steps, at, send, chance) =>
  changed(
    steps,
    at,
    send,
    edited(send, (bytes) => {
      if (bytes.length >= 8)
        bytes.writeUInt16BE(chance.hit(80) ? chance.int(5) : chance.pick([2047, 2048, 65_535]), 1)
    }),
  )

const otherType: Mutator = (steps, at, send, chance) =>
  changed(
    steps,
    at,
    send,
    edited(send, (bytes) => {
      bytes[0] = chance.hit(70) ? chance.pick([1, 2, 3, 8]) : chance.int(256)
    }),
  )

const dropFrame: Mutator = (steps, at) => void steps.splice(at, 1)

const repeatFrame: Mutator = (steps, at, send, chance) => {
  for (
    let n = chance.weighted([
      [9, 1],
      [1, 30],
    ] as const);
    n > 0;
    n--
  )
    steps.splice(at, 0, send)
}

const moveFrame: Mutator = (steps, at, send, chance) => {
  steps.splice(at, 1)
  steps.splice(chance.int(steps.length + 1), 0, send)
}

/** Another client says what this one was to say. */
const otherActor: Mutator = (steps, at, send, chance) => {
  steps[at] = { ...send, actor: chance.int(3) }
}

const cutChunk: Mutator = (steps, at, send, chance) => {
  const i = chance.int(send.bytes.length + 1)
  const more = chance.hit(50)
  steps.splice(
    at,
    1,
    { ...send, bytes: send.bytes.subarray(0, i), more },
    { ...send, bytes: send.bytes.subarray(i) },
  )
}

/** Half of one frame and half of another. */
const spliceFrames: Mutator = (steps, at, send, chance) => {
  const others = steps.filter((step): step is Send => step.do === 'send')
  const other = chance.pick(others).bytes
  const i = chance.int(send.bytes.length + 1)
  changed(
    steps,
    at,
    send,
    Buffer.concat([send.bytes.subarray(0, i), other.subarray(chance.int(other.length + 1))]),
  )
}

/** The method's own arguments drawn anew, on its own channel. */
const otherArguments: Mutator = (steps, at, send, chance) => {
  const { bytes } = send
  const name = bytes.length >= 12 && bytes[0] === 1 ? methodName(bytes.readUInt32BE(7)) : undefined
  if (name === undefined) return otherMethod(steps, at, send, chance)
  changed(steps, at, send, methodFrame(bytes.readUInt16BE(1), name, methodArguments(chance, name) as never))
}

const otherMethod: Mutator = (steps, at, send, chance) => {
  const name = chance.pick(methodNames)
  const channel = chance.hit(80) ? chance.between(1, 2) : chance.int(5)
  const bytes = methodFrame(
    METHOD[name] >>> 16 === 10 && chance.hit(80) ? 0 : channel,
    name,
    methodArguments(chance, name) as never,
  )
  if (chance.hit(50)) steps.splice(at, 0, { ...send, bytes })
  else changed(steps, at, send, bytes)
}

const unknownMethod: Mutator = (steps, at, send, chance) => {
  const payload = Buffer.alloc(4 + chance.int(8))
  payload.writeUInt16BE(chance.pick([0, 10, 20, 50, 60, 85, 90, 110, 120, 65_535]), 0)
  payload.writeUInt16BE(chance.pick([0, 1, 11, 41, 80, 121, 65_535]), 2)
  steps.splice(at, 0, { ...send, bytes: rawFrame(1, chance.int(3), payload) })
}

/** A content header that lies: other sizes, classes, or after nothing at all. */
const wrongContent: Mutator = (steps, at, send, chance) => {
  const size = chance.pick([0, 1, 5, 131_072, 134_217_728, 134_217_729, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n])
  const header = headerFrame(chance.between(0, 2), size, messageProperties(chance), chance.hit(80) ? 60 : 50)
  const body = rawFrame(3, chance.between(0, 2), chance.bytes(chance.pick([0, 1, 12, 40])))
  steps.splice(at, chance.int(2), { ...send, bytes: chance.hit(60) ? header : body })
}

const breakOff: Mutator = (steps, at, send, chance) => {
  const { actor } = send
  if (chance.hit(60)) steps.splice(at, 0, { do: 'drop', actor })
  else steps.splice(at, 0, { do: chance.hit(70) ? 'stall' : 'read', actor })
}

const letTimePass: Mutator = (steps, at, _send, chance) =>
  void steps.splice(at, 0, { do: 'wait', ms: chance.pick([0.02, 0.1, 1, 10, 300, 6000, 70_000]) })

const mutators: readonly (readonly [weight: number, mutator: Mutator])[] = [
  [8, flipBit],
  [8, setBytes],
  [6, setLong],
  [4, truncate],
  [3, insertBytes],
  [6, resize],
  [4, wrongSize],
  [7, otherChannel],
  [3, otherType],
  [8, dropFrame],
  [7, repeatFrame],
  [10, moveFrame],
  [3, otherActor],
  [6, cutChunk],
  [4, spliceFrames],
  [14, otherArguments],
  [16, otherMethod],
  [2, unknownMethod],
  [6, wrongContent],
  [4, breakOff],
  [4, letTimePass],
]

/** A changed copy. The opening words are spared in nine of ten, so that most changes happen behind them. */
export function mutate(input: Input, chance: Chance): Input {
  const steps = [...input.steps]
  const count = chance.weighted([
    [8, 0],
    [50, 1],
    [25, 2],
    [12, 4],
    [5, 9],
  ])
  for (let n = count; n > 0; n--) {
    const spared = chance.hit(90) ? 5 : 1
    const places = steps.flatMap((step, i) => (step.do === 'send' && i >= spared ? [i] : []))
    if (places.length === 0) break
    const at = chance.pick(places)
    chance.weighted(mutators)(steps, at, steps[at] as Send, chance)
  }
  return { ...input, steps }
}
