// What happened when and where, drawn: a lane a node with the stretches in which it ran, and a mark an event. A mark is a
// link that points out its event in the table below, which says the same in words.

import { clockTime, nodeLabel } from '../format.ts'
import { href } from '../router.ts'
import { sentence, toneOf } from '../sentences.ts'
import type { NodeState, TraceEvent } from '../shapes.ts'

const width = 1000
const laneHeight = 26
/** Left of the first second, for names; in units of the drawing. */
const names = 74
/** The shortest stretch that is drawn, in ms. */
const least = 10_000

/** Those of most events that fit on a lane; a node's own state is in the stretches. */
const mostMarks = 300

export function Lanes({
  events,
  nodes,
  now,
  chosen,
}: {
  readonly events: readonly TraceEvent[]
  readonly nodes: readonly NodeState[]
  readonly now: number
  readonly chosen: number
}) {
  const shown = events.slice(-mostMarks)
  const from = Math.min(shown[0]?.at ?? now, now - least)
  const x = (at: number) => names + ((at - from) / Math.max(1, now - from)) * (width - names - 6)
  const lanes = [...nodes.map(({ name }) => name), '']
  const height = laneHeight * lanes.length + 18
  return (
    <svg class="lanes" viewBox={`0 0 ${width} ${height}`}>
      <title>Events by node and time; the table below lists the same</title>
      {lanes.map((name, i) => (
        <g key={name} transform={`translate(0 ${laneHeight * i})`}>
          <text class="lane-name" x="0" y="17">
            {name === '' ? 'cluster' : nodeLabel(name)}
          </text>
          <line class="lane" x1={names} y1="13" x2={width - 6} y2="13" />
          {name !== '' &&
            stretches(name, events, from, now).map(([begin, end]) => (
              <rect
                key={begin}
                class="runs"
                x={x(begin)}
                y="9"
                width={Math.max(1, x(end) - x(begin))}
                height="8"
                rx="2"
              />
            ))}
          {shown
            .filter((event) => (lanes.includes(event.node) ? event.node : '') === name)
            .map((event) => (
              <Mark key={event.number} event={event} x={x(event.at)} chosen={chosen === event.number} />
            ))}
        </g>
      ))}
      <text class="lane-time" x={names} y={height - 3}>
        {clockTime(from)}
      </text>
      <text class="lane-time" x={width - 6} y={height - 3} text-anchor="end">
        {clockTime(now)}
      </text>
    </svg>
  )
}

function Mark({
  event,
  x,
  chosen,
}: {
  readonly event: TraceEvent
  readonly x: number
  readonly chosen: boolean
}) {
  const text = `${clockTime(event.at)} ${sentence(event)}`
  return (
    <a
      href={href('timeline', [], { event: chosen ? undefined : String(event.number) })}
      tabIndex={-1}
      class={`mark ${toneOf(event.kind)} ${chosen ? 'chosen' : ''}`}
      aria-label={text}
    >
      <title>{text}</title>
      <g transform={`translate(${x.toFixed(1)} 13)`}>
        {toneOf(event.kind) === 'bad' ? <path d="M0 -6 L6 5 H-6 Z" /> : <circle r="4.5" />}
      </g>
    </a>
  )
}

const begins = ['node-started', 'node-thawed']
const ends = ['node-stopped', 'node-killed', 'node-paused', 'node-frozen']

/** When the node ran, as the events tell; one that has none ran all the time. */
function stretches(
  name: string,
  events: readonly TraceEvent[],
  from: number,
  now: number,
): [number, number][] {
  const found: [number, number][] = []
  const own = events.filter(
    ({ node, kind }) => node === name && (begins.includes(kind) || ends.includes(kind)),
  )
  let since: number | null = own.length === 0 || ends.includes(own[0]!.kind) ? from : null
  for (const { kind, at } of own)
    if (begins.includes(kind)) since ??= at
    else if (since !== null) {
      found.push([since, at])
      since = null
    }
  if (since !== null) found.push([since, now])
  return found.map(([begin, end]) => [Math.max(from, begin), Math.max(from, end)])
}
