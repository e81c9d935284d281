// Series over time, drawn by uPlot, which is loaded when the first chart is shown. Values are per second or counts; a gap is null.

import { useEffect, useRef } from 'preact/hooks'
import type uPlot from 'uplot'
import { clockTime } from '../format.ts'
import { isDark } from '../theme.ts'

export interface Series {
  readonly label: string
  /** A token of tokens.css: `--series-1`. */
  readonly colour: string
  readonly values: readonly (number | null)[]
}

export interface ChartProps {
  readonly label: string
  /** In ms since the epoch, ascending; as many as each series has values. */
  readonly times: readonly number[]
  readonly series: readonly Series[]
  /** In px. */
  readonly height?: number
  /** How a value is written: format.ts has what is needed. */
  format(value: number): string
}

export function Chart({ label, times, series, height = 160, format }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const data = [times.map((time) => time / 1000), ...series.map(({ values }) => values)] as uPlot.AlignedData
  const latest = useRef(data)
  latest.current = data
  const shape = `${series.map(({ label, colour }) => label + colour).join()} ${isDark()} ${height}`
  useEffect(() => {
    const element = place.current!
    let gone = false
    void load().then((Plot) => {
      if (gone) return
      plot.current = new Plot(options(element, series, height, format), latest.current, element)
    })
    const resized = new ResizeObserver(() =>
      plot.current?.setSize({ width: Math.max(100, element.clientWidth), height }),
    )
    resized.observe(element)
    return () => {
      gone = true
      resized.disconnect()
      plot.current?.destroy()
      plot.current = null
    }
  }, [shape])
  useEffect(() => plot.current?.setData(data))
  return <div ref={place} class="chart" role="img" aria-label={`Chart: ${label}`} />
}

const leastSeconds = 30

/** Of the samples' own times: to a single one uPlot adds a day. Up to now while there is none. */
function spanOf(times: ArrayLike<number>): [number, number] {
  const end = times[times.length - 1] ?? Date.now() / 1000
  return [Math.min(times[0] ?? end, end - leastSeconds), end]
}

const load = async () => {
  const [{ default: Plot }] = await Promise.all([import('uplot'), import('uplot/dist/uPlot.min.css')])
  return Plot
}

function options(
  element: HTMLElement,
  series: readonly Series[],
  height: number,
  format: (value: number) => string,
): uPlot.Options {
  // A canvas knows no custom properties: what they stand for now is asked of an element that has them as its colour.
  const probe = document.createElement('i')
  element.append(probe)
  const colour = (token: string) => {
    probe.style.color = `var(${token})`
    return getComputedStyle(probe).color
  }
  const axis = {
    stroke: colour('--soft'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1, size: 4 },
    font: '11px system-ui, sans-serif',
  }
  const result: uPlot.Options = {
    width: Math.max(100, element.clientWidth),
    height,
    cursor: { y: false, points: { size: 6 } },
    legend: { live: false },
    scales: {
      // Half a minute at least, so that a young series is no zoom into milliseconds.
      x: { range: ({ data: [times] }) => spanOf(times) },
      y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.1)] },
    },
    axes: [
      {
        ...axis,
        space: 80,
        values: (_plot, seconds) => seconds.map((at) => clockTime(at * 1000).slice(0, 8)),
      },
      { ...axis, size: 64, values: (_plot, values) => values.map((value) => format(value)) },
    ],
    series: [
      {},
      ...series.map(({ label, colour: token }) => ({
        label,
        stroke: colour(token),
        width: 1.6,
        points: { show: false },
      })),
    ],
  }
  probe.remove()
  return result
}
