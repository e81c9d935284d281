// The cluster's clock over HTTP: it may stand, run faster or slower, or be put forward while clients are connected. Heartbeats
// and handshakes follow the real time whatever happens here.

import { fastest } from '../../nodes/live.ts'
import { isRecord } from '../../policies/policy.ts'
import { badRequest } from '../http-error.ts'
import { clockSchema, clockState } from './clock-state.ts'
import type { ControlCall, Route } from './route.ts'
import { flag, number, record } from './schema.ts'

/** The longest step: a fortnight, in ms. */
const stepMost = 14 * 86_400_000

export const clockRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/clock',
    summary: "The cluster's clock and the real one.",
    answer: clockSchema,
    handle: ({ context }) => clockState(context.live),
  },
  {
    method: 'PUT',
    path: '/clock',
    summary: "Stops the cluster's clock, or lets it run, at another speed perhaps.",
    body: record({}, { paused: flag(), speed: number(`0 (paused) to ${fastest}; 1: as real time`) }),
    answer: clockSchema,
    handle: setClock,
  },
  {
    method: 'POST',
    path: '/clock/step',
    summary: 'Puts the clock forward; all that is due within that time happens, in order.',
    body: record({ ms: number(`0 to ${stepMost}`) }),
    answer: clockSchema,
    handle: step,
  },
]

function setClock({ context: { live }, json }: ControlCall) {
  const body = json()
  if (!isRecord(body) || (body['paused'] === undefined && body['speed'] === undefined))
    throw badRequest('The body must be {"paused": true or false} or {"speed": number}.')
  const { paused, speed } = body
  if (paused !== undefined && typeof paused !== 'boolean') throw badRequest("'paused' must be true or false.")
  if (speed !== undefined && !(typeof speed === 'number' && speed >= 0 && speed <= fastest))
    throw badRequest(`'speed' must be a number from 0 to ${fastest}.`)
  if (paused === true && speed !== undefined && speed !== 0)
    throw badRequest('A clock that is paused has no speed: name one of them.')
  live.setSpeed(paused === true ? 0 : (speed ?? (live.speed === 0 ? 1 : live.speed)))
  return clockState(live)
}

function step({ context: { live }, json }: ControlCall) {
  const body = json()
  const ms = isRecord(body) ? body['ms'] : undefined
  if (typeof ms !== 'number' || !(ms >= 0 && ms <= stepMost))
    throw badRequest(`The body must be {"ms": number from 0 to ${stepMost}}.`)
  live.step(ms)
  return clockState(live)
}
