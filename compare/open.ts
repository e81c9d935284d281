// In what the scenarios of the library may come out otherwise on a real cluster, with the reason: the only place where a difference
// is declared. Read by the library's check and by `warren compare --target both`.

import type { Open } from './agreement.ts'

const severalConsumers = [
  'backlog-drain',
  'order',
  'peak-shaving',
  'partition-ignore',
  'partition-pause-minority',
  'partition-autoheal',
]

export const openDifferences: readonly Open[] = [
  ...severalConsumers.map((scenario) => ({
    scenario,
    metrics: ['out-of-order'],
    reason: 'which of several consumers is served first is left to sockets and the machine',
  })),
  ...['owner-restart', 'rolling-restart'].map((scenario) => ({
    scenario,
    metrics: ['nacked'],
    reason: 'a clean stop takes time: between the end of the queue and that of its node publishes are nacked',
  })),
  {
    scenario: 'order',
    metrics: ['consume-unavailable'],
    reason:
      'the stand-by of a single active consumer is never served, so that its wait is as long as the run',
  },
  ...['lost-at-producer', 'partition-pause-minority'].map((scenario) => ({
    scenario,
    metrics: ['duplicates', 'effects-twice'],
    reason:
      'a publish may be taken when its connection ends with the node before the confirm is through, and is sent again then',
  })),
]
