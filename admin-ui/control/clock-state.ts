// The cluster's clock as the control API shows it. Asked by its routes and by the live feed.

import type { Live } from '../../nodes/live.ts'
import { flag, number, record } from './schema.ts'

export const clockSchema = record({
  now: number("the cluster's time, in ms since the epoch: TTL, expiry, delays, net tick"),
  real: number('the real time: heartbeats, handshakes'),
  speed: number('seconds of the cluster in one of real time; 0: it stands'),
  paused: flag(),
})

export const clockState = (live: Live) => ({
  now: live.cluster.loop.now,
  real: live.real,
  speed: live.speed,
  paused: live.speed === 0,
})
