// The course of each run, one under the other on the same scales: messages per second, faults as lines, waits as bands, and below each
// what happened when.

import { count, span } from '../format.ts'
import type { VariantRun } from './shapes.ts'

const size = { width: 900, height: 150, left: 52, right: 10, top: 10, bottom: 24 }
const inner = { width: size.width - size.left - size.right, height: size.height - size.top - size.bottom }

const lines = [
  ['published', 'Published', '--series-1'],
  ['confirmed', 'Confirmed', '--series-3'],
  ['delivered', 'Delivered', '--series-2'],
] as const

export function Courses({ runs }: { readonly runs: readonly VariantRun[] }) {
  if (runs.length === 0) return null
  const seconds = Math.max(
    1,
    ...runs.map(({ series }) => series.delivered.length),
    ...runs.map(({ series }) => series.published.length),
  )
  const most = Math.max(1, ...runs.flatMap(({ series }) => lines.flatMap(([key]) => series[key])))
  return (
    <section class="panel stack" aria-label="Course">
      <div class="head">
        <h2>Messages per second</h2>
        <ul class="legend">
          {lines.map(([key, label, colour]) => (
            <li key={key}>
              <i style={{ background: `var(${colour})` }} />
              {label}
            </li>
          ))}
          <li>
            <i class="fault-mark" />
            Fault
          </li>
          <li>
            <i class="gap-mark" />
            Somebody waits
          </li>
        </ul>
      </div>
      {runs.map((run) => (
        <Course key={run.variant} run={run} seconds={seconds} most={most} />
      ))}
    </section>
  )
}

interface CourseProps {
  readonly run: VariantRun
  readonly seconds: number
  readonly most: number
}

function Course({ run, seconds, most }: CourseProps) {
  const x = (second: number) => size.left + (second / seconds) * inner.width
  const y = (value: number) => size.top + (1 - value / most) * inner.height
  const faults = run.timeline.filter(({ who }) => who === 'fault')
  return (
    <article class="stack">
      <h3>{run.variant}</h3>
      <svg
        class="course"
        viewBox={`0 0 ${size.width} ${size.height}`}
        role="img"
        aria-label={`${run.variant}: messages per second over ${seconds} s`}
      >
        {run.gaps.map((gap) => (
          <rect
            key={`${gap.client}${gap.operation}${gap.fromMs}`}
            class="gap"
            x={x(gap.fromMs / 1000)}
            y={size.top}
            width={Math.max(1, x(Math.min(seconds, gap.toMs / 1000)) - x(gap.fromMs / 1000))}
            height={inner.height}
          >
            <title>
              {gap.client} waits {span(gap.toMs - gap.fromMs)} to {gap.operation}
            </title>
          </rect>
        ))}
        {[0, most / 2, most].map((value) => (
          <g key={value}>
            <line class="grid" x1={size.left} x2={size.width - size.right} y1={y(value)} y2={y(value)} />
            <text x={size.left - 6} y={y(value) + 4} text-anchor="end">
              {count(value)}
            </text>
          </g>
        ))}
        {ticks(seconds).map((second) => (
          // The last stays inside.
          <text
            key={second}
            x={x(second)}
            y={size.height - 8}
            text-anchor={x(second) > size.width - 24 ? 'end' : 'middle'}
          >
            {second} s
          </text>
        ))}
        {faults.map(({ atMs, text, where }) => (
          <line
            key={`${atMs}${text}`}
            class="fault"
            x1={x(atMs / 1000)}
            x2={x(atMs / 1000)}
            y1={size.top}
            y2={size.top + inner.height}
          >
            <title>
              {(atMs / 1000).toFixed(1)} s: {text} {where}
            </title>
          </line>
        ))}
        {lines.map(([key, , colour]) => (
          <polyline
            key={key}
            fill="none"
            style={{ stroke: `var(${colour})` }}
            stroke-width="1.6"
            points={run.series[key].map((value, i) => `${x(i + 0.5)},${y(value)}`).join(' ')}
          />
        ))}
      </svg>
      <details>
        <summary>What happened ({count(run.timeline.length)})</summary>
        <ol class="moments">
          {run.timeline.slice(0, 200).map((moment, i) => (
            // Two moments may be equal in all.
            <li key={`${i} ${moment.atMs}`} class={moment.who}>
              <span class="number soft">{(moment.atMs / 1000).toFixed(3)} s</span>
              <span>{moment.where}</span>
              <span>{moment.text}</span>
            </li>
          ))}
        </ol>
        {run.timeline.length > 200 && <p class="soft">The download has the rest.</p>}
      </details>
    </article>
  )
}

function ticks(seconds: number): number[] {
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600].find((one) => seconds / one <= 10) ?? 7200
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, i) => i * step)
}
