// What the three modes of a cluster are, in a few words and small drawings, with what this cluster has of each: so that a
// person who sees the page for the first time understands within a minute.

import { count, counted, nodeLabel } from '../format.ts'
import { state } from '../live.ts'
import { href } from '../router.ts'
import type { LiveQueue } from '../shapes.ts'

const pictures: Readonly<Record<LiveQueue['mode'], readonly ('leader' | 'mirror' | 'empty')[]>> = {
  single: ['leader'],
  ordinary: ['leader', 'empty', 'empty'],
  mirrored: ['leader', 'mirror', 'mirror'],
}

const meanings: Readonly<Record<LiveQueue['mode'], string>> = {
  single: 'One node has everything. When it goes, everything waits for it.',
  ordinary:
    'All nodes know every queue, but its messages are on one node only; the others pass them on. When that node goes, the queue is out of reach.',
  mirrored:
    'A policy keeps copies of the queue on other nodes. When the leader goes, a mirror leads; only what it had not yet got can be lost.',
}

export function Modes() {
  const totals = state.value?.totals
  const single = state.value?.nodes.length === 1
  const numbers: Readonly<Record<LiveQueue['mode'], number>> = {
    single: single ? (totals?.queues ?? 0) - (totals?.mirrored ?? 0) : 0,
    ordinary: single ? 0 : (totals?.queues ?? 0) - (totals?.mirrored ?? 0),
    mirrored: totals?.mirrored ?? 0,
  }
  return (
    <section class="panel modes" aria-label="What the modes mean">
      {(Object.keys(pictures) as LiveQueue['mode'][]).map((mode) => (
        <div key={mode} class={numbers[mode] > 0 ? 'mode here' : 'mode'}>
          <Picture mode={mode} />
          <div>
            <h3>
              {mode}{' '}
              <span class="soft">
                {numbers[mode] > 0 ? counted(numbers[mode], 'queue') : 'no queue here'}
              </span>
            </h3>
            <p class="hint">{meanings[mode]}</p>
          </div>
        </div>
      ))}
      <p class="hint wide">
        <span class="chip leader">leader 12</span> takes every message, 12 are in it ·{' '}
        <span class="chip mirror">mirror</span> has a copy of all of them ·{' '}
        <span class="chip behind">mirror −3</span> lacks 3: promoted now, it would lose them. Make queues
        mirrored with a <a href={href('policies')}>policy</a>.
      </p>
      {totals !== undefined && totals.without_leader > 0 && (
        <p class="wide">
          <b class="error">{counted(totals.without_leader, 'queue')} without a leader.</b>
        </p>
      )}
    </section>
  )
}

function Picture({ mode }: { readonly mode: LiveQueue['mode'] }) {
  const parts = pictures[mode]
  return (
    <svg class="picture" width="84" height="34" viewBox="0 0 84 34" aria-hidden="true">
      {parts.length > 1 && <path class="wire up" d="M14 17 H70" stroke-width="1.5" />}
      {parts.map((part, i) => {
        const x = parts.length === 1 ? 42 : 14 + 28 * i
        return (
          <g key={x}>
            <rect class="machine" x={x - 11} y="5" width="22" height="24" rx="4" />
            {part !== 'empty' && (
              <rect class={`copy ${part}`} x={x - 6} y="12" width="12" height="10" rx="2" />
            )}
          </g>
        )
      })}
    </svg>
  )
}

/** What a queue's mode means for this one. */
export function modeText({ mode, leader, mirrors, state: how, messages }: LiveQueue): string {
  const at = nodeLabel(leader)
  if (how === 'down')
    return `Its only copy is on ${at}, which does not run: the queue is out of reach until it is back.`
  if (how === 'waiting') return `It waits for ${at}: no mirror that is left may lead.`
  if (mode === 'single') return `Its messages are on the only node there is.`
  if (mode === 'ordinary')
    return `An ordinary queue: all ${count(messages)} messages are on ${at} only. If ${at} goes, the queue is out of reach.`
  const complete = mirrors.filter(({ synchronised }) => synchronised)
  if (mirrors.length === 0) return `A mirrored queue that has no mirror now: if ${at} goes, it waits for it.`
  if (complete.length === mirrors.length)
    return `Mirrored, and all ${counted(mirrors.length, 'mirror')} have everything: if ${at} goes, ${nodeLabel(mirrors[0]!.node)} leads, and nothing confirmed is lost.`
  return `Mirrored, but ${counted(mirrors.length - complete.length, 'mirror')} lacks messages: promoted now, it would lose them.`
}
