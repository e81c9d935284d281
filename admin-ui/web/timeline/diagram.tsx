// Draws a journey: a line for each who takes part, an arrow for each step, downwards in the order of time.

import { span } from '../format.ts'
import type { Arrow, Diagram, Participant } from './sequence.ts'

const left = 96
const columnWidth = 188
const top = 52
const rowHeight = 30

export function SequenceDiagram({ diagram, label }: { readonly diagram: Diagram; readonly label: string }) {
  const { participants, arrows } = diagram
  const width = left + columnWidth * participants.length
  const height = top + rowHeight * (arrows.length + 1)
  const x = (index: number) => left + columnWidth * (index + 0.5)
  const start = arrows.find(({ at }) => at !== null)?.at ?? 0
  return (
    <section class="sequence-scroll" tabIndex={0} aria-label={label}>
      <svg
        class="sequence"
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={label}
      >
        {participants.map((participant, i) => (
          <Lifeline key={participant.key} participant={participant} x={x(i)} height={height} />
        ))}
        {arrows.map((arrow, i) => (
          <ArrowRow
            key={`${i} ${arrow.text}`}
            arrow={arrow}
            y={top + rowHeight * (i + 0.9)}
            x={x}
            start={start}
          />
        ))}
      </svg>
    </section>
  )
}

const Lifeline = ({
  participant: { title, more, kind },
  x,
  height,
}: {
  readonly participant: Participant
  readonly x: number
  readonly height: number
}) => (
  <g class={`lifeline ${kind}`}>
    <line x1={x} y1={42} x2={x} y2={height} />
    <rect
      x={x - columnWidth / 2 + 6}
      y={4}
      width={columnWidth - 12}
      height={38}
      rx={kind === 'node' ? 4 : 19}
    />
    <text x={x} y={more === '' ? 28 : 20} text-anchor="middle">
      {title}
    </text>
    {more !== '' && (
      <text class="more" x={x} y={35} text-anchor="middle">
        {more}
      </text>
    )}
  </g>
)

function ArrowRow({
  arrow,
  y,
  x,
  start,
}: {
  readonly arrow: Arrow
  readonly y: number
  readonly start: number
  x(index: number): number
}) {
  const { at, from, to, text, tone } = arrow
  const [a, b] = [x(from), x(to)]
  const head = b > a ? -7 : 7
  return (
    <g class={`arrow ${tone} ${at === null ? 'inferred' : ''}`}>
      {at !== null && (
        <text class="time" x={left - 10} y={y + 4} text-anchor="end">
          {at === start ? '0 ms' : `+${span(at - start)}`}
        </text>
      )}
      {from === to ? (
        <>
          <circle cx={a} cy={y} r="4" />
          <text x={a + 10} y={y + 4}>
            {text}
          </text>
        </>
      ) : (
        <>
          <line x1={a} y1={y} x2={b} y2={y} />
          <path d={`M${b} ${y} l${head} -4 v8 z`} />
          <text x={(a + b) / 2} y={y - 5} text-anchor="middle">
            {text}
          </text>
        </>
      )}
    </g>
  )
}
