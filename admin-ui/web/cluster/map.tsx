// The cluster as a living thing: a card a node, and between them the links with what crosses them at this moment. Cards are laid out
// by the style file and measured; lines are drawn behind them in SVG, and their labels are buttons.

import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { bytesPerSecond, nodeLabel, span } from '../format.ts'
import { state } from '../live.ts'
import type { LiveLink } from '../shapes.ts'
import { type Box, firstRow, lineBetween } from './geometry.ts'
import { NodeCard } from './node-card.tsx'
import { isSelected, toggle } from './selection.ts'
import { kinds, rateOf, totalOf } from './traffic.ts'

export function ClusterMap() {
  const area = useRef<HTMLDivElement>(null)
  const [boxes, setBoxes] = useState<readonly Box[]>([])
  const { nodes = [], links = [], clients = [], queues = [] } = state.value ?? {}
  const split = firstRow(nodes.length)
  useLayoutEffect(() => {
    const element = area.current!
    const measure = () => {
      const cards = [...element.querySelectorAll<HTMLElement>('.node')]
      const found = cards.map(
        ({ offsetLeft: x, offsetTop: y, offsetWidth: width, offsetHeight: height }) => ({
          x,
          y,
          width,
          height,
        }),
      )
      setBoxes((had) => (JSON.stringify(had) === JSON.stringify(found) ? had : found))
    }
    measure()
    const resized = new ResizeObserver(measure)
    for (const card of element.querySelectorAll('.node')) resized.observe(card)
    resized.observe(element)
    return () => resized.disconnect()
  }, [nodes.length])
  const find = (from: string, to: string) => links.find((link) => link.from === from && link.to === to)
  const pairs = nodes.flatMap((a, i) =>
    nodes.slice(i + 1).map((b, j) => ({ a: a.name, b: b.name, i, j: i + 1 + j })),
  )
  const card = (index: number) => {
    const node = nodes[index]!
    return <NodeCard key={node.name} node={node} clients={clients} queues={queues} />
  }
  return (
    <div class={`map ${split > 2 ? 'arched' : ''}`} ref={area}>
      <svg class="lines" aria-hidden="true">
        {boxes.length === nodes.length &&
          pairs.map(({ a, b, i, j }) => (
            <Wire
              key={`${a} ${b}`}
              path={lineBetween(boxes, i, j).path}
              alive={[i, j].every((one) => nodes[one]!.state !== 'stopped')}
              there={find(a, b)}
              back={find(b, a)}
            />
          ))}
      </svg>
      <div class="map-row">{nodes.slice(0, split).map((_, i) => card(i))}</div>
      {nodes.length > split && <div class="map-row">{nodes.slice(split).map((_, i) => card(split + i))}</div>}
      {boxes.length === nodes.length &&
        pairs.map(({ a, b, i, j }) => {
          const { x, y } = lineBetween(boxes, i, j)
          return <LinkLabel key={`${a} ${b}`} a={a} b={b} there={find(a, b)} back={find(b, a)} x={x} y={y} />
        })}
    </div>
  )
}

interface Both {
  readonly there: LiveLink | undefined
  readonly back: LiveLink | undefined
}

/** What a person should know first of the two directions. */
export function stateOf({ there, back }: Both): 'up' | 'slow' | 'silent' | 'cut' {
  const all = [there, back].filter((link) => link !== undefined)
  if (all.some((link) => link.state === 'cut')) return 'cut'
  if (all.some((link) => link.state === 'silent')) return 'silent'
  return all.some((link) => link.delay_ms > 0 || link.bytes_per_second !== null) ? 'slow' : 'up'
}

function Wire({ path, alive, ...both }: Both & { readonly path: string; readonly alive: boolean }) {
  const moving = totalOf(both.there) + totalOf(both.back)
  // From a thin line to one of 7 px at 100 MB/s.
  const width = 1.5 + Math.min(5.5, Math.max(0, Math.log10(1 + moving / 1000)) * 1.1)
  return <path d={path} class={`wire ${alive ? stateOf(both) : 'idle'}`} stroke-width={width} />
}

function LinkLabel({
  a,
  b,
  x,
  y,
  ...both
}: Both & { readonly a: string; readonly b: string; readonly x: number; readonly y: number }) {
  const { there, back } = both
  const how = stateOf(both)
  const total = totalOf(there) + totalOf(back)
  const what = { kind: 'link', a, b } as const
  const parts = kinds.map((kind) => ({ kind, rate: rateOf(there, kind) + rateOf(back, kind) }))
  return (
    <button
      type="button"
      class={`link-label ${how}`}
      data-link={`${a} ${b}`}
      aria-pressed={isSelected(what)}
      aria-label={`Link ${nodeLabel(a)} to ${nodeLabel(b)}: ${how}, ${bytesPerSecond(total)}`}
      title={`${nodeLabel(a)} → ${nodeLabel(b)} ${bytesPerSecond(totalOf(there))}, ${nodeLabel(b)} → ${nodeLabel(a)} ${bytesPerSecond(totalOf(back))}`}
      style={{ left: `${x}px`, top: `${y}px` }}
      onClick={() => toggle(what)}
    >
      <span>{how === 'up' || how === 'slow' ? bytesPerSecond(total) : how}</span>
      {how === 'slow' && <small>{slowness(both)}</small>}
      {total > 0 && (
        <svg class="bar-of-kinds" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
          {parts.map(({ kind, rate }, i) => {
            const before = parts.slice(0, i).reduce((sum, part) => sum + part.rate, 0)
            return (
              <rect
                key={kind.title}
                x={(100 * before) / total}
                width={(100 * rate) / total}
                height="4"
                style={{ fill: `var(${kind.colour})` }}
              />
            )
          })}
        </svg>
      )}
    </button>
  )
}

function slowness({ there, back }: Both): string {
  const delay = Math.max(there?.delay_ms ?? 0, back?.delay_ms ?? 0)
  const limit = Math.min(there?.bytes_per_second ?? Infinity, back?.bytes_per_second ?? Infinity)
  return [delay > 0 && `+${span(delay)}`, limit < Infinity && `≤ ${bytesPerSecond(limit)}`]
    .filter(Boolean)
    .join(' ')
}
