// What can be done to nodes and links, as actions: the same request from a button, from `curl` and from `warren ctl`.

import type { Action } from '../actions.ts'
import { nodeLabel } from '../format.ts'
import { segment } from '../http.ts'

export type NodeVerb = 'kill' | 'stop' | 'start' | 'freeze' | 'thaw'

export const nodeAction = (name: string, verb: NodeVerb): Action => ({
  method: 'POST',
  path: `/warren/nodes/${segment(name)}/${verb}`,
  ctl: [`${verb}_node`, nodeLabel(name)],
})

/** As people say it: RabbitMQ knows no word for a process that stands still. */
export const verbTitles: Readonly<Record<NodeVerb, string>> = {
  kill: 'Kill',
  stop: 'Stop',
  start: 'Start',
  freeze: 'Pause',
  thaw: 'Resume',
}

/** What each does, in one sentence. */
export const verbMeanings: Readonly<Record<NodeVerb, string>> = {
  kill: 'As kill -9 or a power cut: sockets are reset, what was not yet on the disk is gone.',
  stop: 'A clean stop: clients are told, mirrors take over first.',
  start: 'Starts it again; it comes back with what is on its disk.',
  freeze: 'Its process stands still: sockets stay open and mute, the others notice after the net tick.',
  thaw: 'It goes on as if nothing had been.',
}

/** What a node in `state` can be told. */
export function verbsFor(state: string): readonly NodeVerb[] {
  if (state === 'stopped' || state === 'app-stopped') return ['start']
  if (state === 'frozen') return ['thaw', 'kill']
  if (state === 'running') return ['kill', 'stop', 'freeze']
  return ['kill']
}

const linkPath = (a: string, b: string) => `/warren/links/${segment(a)}/${segment(b)}?direction=both`

export const cutLink = (a: string, b: string): Action => ({
  method: 'PUT',
  path: linkPath(a, b),
  body: { state: 'cut' },
  ctl: ['cut_link', nodeLabel(a), nodeLabel(b)],
})

export const silenceLink = (a: string, b: string): Action => ({
  method: 'PUT',
  path: linkPath(a, b),
  body: { state: 'silent' },
  ctl: ['silence_link', nodeLabel(a), nodeLabel(b)],
})

/** `bytesPerSecond` null: as many as come. */
export const slowLink = (a: string, b: string, delayMs: number, bytesPerSecond: number | null): Action => ({
  method: 'PUT',
  path: linkPath(a, b),
  body: { delay_ms: delayMs, bytes_per_second: bytesPerSecond },
  ctl: [
    ...['slow_link', nodeLabel(a), nodeLabel(b), '--delay', String(delayMs)],
    ...(bytesPerSecond === null ? [] : ['--rate', String(bytesPerSecond)]),
  ],
})

export const mendLink = (a: string, b: string): Action => ({
  method: 'DELETE',
  path: linkPath(a, b),
  ctl: ['heal_link', nodeLabel(a), nodeLabel(b)],
})

export const partition = (groups: readonly (readonly string[])[]): Action => ({
  method: 'PUT',
  path: '/warren/partition',
  body: { groups },
  ctl: ['partition', ...groups.map((group) => group.map(nodeLabel).join(','))],
})

export const healAll: Action = { method: 'DELETE', path: '/warren/partition', ctl: ['heal'] }

export const partitionHandling = (body: {
  readonly mode: string
  readonly nodes?: readonly string[]
  readonly recover?: string
}): Action => ({
  method: 'PUT',
  path: '/warren/partition-handling',
  body,
  ctl: [
    ...['set_partition_handling', body.mode],
    ...(body.nodes === undefined ? [] : ['--nodes', body.nodes.map(nodeLabel).join(',')]),
    ...(body.recover === undefined ? [] : ['--recover', body.recover]),
  ],
})
