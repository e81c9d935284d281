// The memory limit over HTTP: what holds, and another from now on, as rabbitmqctl set_vm_memory_high_watermark. It is the
// process's and so every node's; 0 blocks all publishers.

import { limitMemory, shareOfMemory } from '../../nodes/live-memory.ts'
import type { Watermark } from '../../nodes/memory.ts'
import { isRecord } from '../../policies/policy.ts'
import { badRequest } from '../http-error.ts'
import type { Context } from '../view.ts'
import type { ControlCall, Route } from './route.ts'
import { number, orNull, record } from './schema.ts'
import { refuseUnknown } from './shape.ts'

const limitSchema = record({
  bytes: number(),
  fraction: orNull(
    number("the share of the machine's memory that it was given as; null: it was given in bytes"),
  ),
})

export const memoryLimitRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/memory-limit',
    summary: "The process's memory from which publishers are blocked; they are from 72 % of it on.",
    answer: limitSchema,
    handle: ({ context }) => shown(context),
  },
  {
    method: 'PUT',
    path: '/memory-limit',
    summary: "Changes it, to a share of the machine's memory or to bytes; an alarm begins or ends with it.",
    body: record({}, { fraction: number('0 to 1'), bytes: number('0 to 1e15') }),
    answer: limitSchema,
    handle: (call) => {
      limitMemory(call.context.live, wanted(call))
      return shown(call.context)
    },
  },
]

function shown({ live }: Context): Watermark {
  const { limit: bytes, fraction } = live.cluster.memory
  return { bytes, fraction }
}

/** Throws 400 for a body that makes no sense. */
function wanted({ json }: ControlCall): Watermark {
  const body = json()
  if (!isRecord(body)) throw badRequest('The body must be {"fraction": 0 to 1} or {"bytes": NUMBER}.')
  refuseUnknown('A memory limit', body, ['fraction', 'bytes'])
  const { fraction, bytes } = body
  if ((fraction === undefined) === (bytes === undefined))
    throw badRequest("A memory limit is either 'fraction' or 'bytes'.")
  if (bytes === undefined) return shareOfMemory(within('fraction', fraction, 1))
  return { bytes: within('bytes', bytes, 1e15), fraction: null }
}

function within(name: string, value: unknown, most: number): number {
  if (typeof value === 'number' && value >= 0 && value <= most) return value
  throw badRequest(`'${name}' must be a number from 0 to ${most}.`)
}
