// Where a queue's leader and mirrors are, drawn on the cluster's nodes: now, or now and afterwards. A mirror that lacks messages is
// hatched and says how many, one that chance decides on is dashed. It shows what it is given and works nothing out.

import { useId } from 'preact/hooks'
import { count, nodeLabel } from '../format.ts'
import type { Mirror } from './shapes.ts'

/** As previews tell it. */
export interface Placement {
  readonly leader: string
  readonly mirrors: readonly Mirror[]
  readonly chosen: { readonly count: number; readonly of: readonly string[]; readonly synced: boolean } | null
}

export interface DrawnNode {
  readonly name: string
  readonly running: boolean
}

export interface ReplicasDrawingProps {
  readonly nodes: readonly DrawnNode[]
  /** One line each, from the top. */
  readonly lines: readonly { readonly label: string; readonly placement: Placement | null }[]
  /** Labels also where there is one line only. */
  readonly always?: boolean
}

type Role = 'leader' | 'mirror' | 'behind' | 'possible' | 'none'

const size = { width: 128, gap: 10, head: 22, line: 30, label: 44 }

export function ReplicasDrawing({ nodes, lines, always = false }: ReplicasDrawingProps) {
  const hatch = useId()
  const labelled = always || lines.length > 1 ? size.label : 0
  const width = labelled + nodes.length * (size.width + size.gap)
  const height = size.head + lines.length * size.line + 4
  return (
    <svg
      class="replicas"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      role="img"
      aria-label={lines.map((line) => inWords(line)).join('; ')}
    >
      <defs>
        <pattern id={hatch} width="6" height="6" patternTransform="rotate(45)" patternUnits="userSpaceOnUse">
          <rect width="6" height="6" class="hatch-ground" />
          <line x1="0" y1="0" x2="0" y2="6" class="hatch-line" />
        </pattern>
      </defs>
      {nodes.map((node, i) => {
        const x = labelled + i * (size.width + size.gap)
        return (
          <g key={node.name} class={node.running ? 'node' : 'node off'}>
            <rect x={x + 0.5} y={0.5} width={size.width} height={height - 1} rx="6" />
            <text x={x + size.width / 2} y={15} text-anchor="middle">
              {nodeLabel(node.name)}
              {!node.running && ' (not running)'}
            </text>
          </g>
        )
      })}
      {lines.map(({ label, placement }, row) => {
        const y = size.head + row * size.line
        return (
          <g key={label}>
            {labelled > 0 && (
              <text class="line-label" x="0" y={y + 18}>
                {label}
              </text>
            )}
            {nodes.map((node, i) => (
              <Replica
                key={node.name}
                x={labelled + i * (size.width + size.gap) + 8}
                y={y}
                role={roleOf(placement, node.name)}
                missing={missingOn(placement, node.name)}
                fill={`url(#${hatch})`}
              />
            ))}
          </g>
        )
      })}
    </svg>
  )
}

function roleOf(placement: Placement | null, node: string): Role {
  if (placement === null) return 'none'
  if (placement.leader === node) return 'leader'
  const mirror = placement.mirrors.find((one) => one.node === node)
  if (mirror !== undefined) return mirror.synced ? 'mirror' : 'behind'
  return placement.chosen?.of.includes(node) ? 'possible' : 'none'
}

function missingOn(placement: Placement | null, node: string): number | undefined {
  return placement?.mirrors.find((one) => one.node === node)?.missing
}

const words: Readonly<Record<Role, string>> = {
  leader: 'leader',
  mirror: 'mirror',
  behind: 'mirror',
  possible: 'mirror?',
  none: '',
}

interface ReplicaProps {
  readonly x: number
  readonly y: number
  readonly role: Role
  readonly missing: number | undefined
  readonly fill: string
}

function Replica({ x, y, role, missing, fill }: ReplicaProps) {
  if (role === 'none') return null
  const lacks = role === 'behind' && missing !== undefined && missing > 0 ? `, lacks ${count(missing)}` : ''
  return (
    <g class={`replica ${role}`}>
      <rect
        x={x}
        y={y + 2}
        width={size.width - 16}
        height={size.line - 8}
        rx="4"
        {...(role === 'behind' && { style: { fill } })}
      />
      <text x={x + (size.width - 16) / 2} y={y + 17} text-anchor="middle">
        {words[role]}
        {lacks}
      </text>
    </g>
  )
}

function inWords({ label, placement }: ReplicasDrawingProps['lines'][number]): string {
  if (placement === null) return `${label}: nobody leads`
  const { leader, mirrors, chosen } = placement
  const known = mirrors.map(({ node, synced }) => `${node}${synced ? '' : ' (unsynchronised)'}`)
  if (chosen !== null) known.push(`${chosen.count} of ${chosen.of.join(', ')}`)
  return `${label}: leader ${leader}, mirrors ${known.join(', ') || 'none'}`
}
