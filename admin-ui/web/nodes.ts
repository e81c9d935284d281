// The nodes: state and counters of each, kill, stop and start, and cutting the network into sides.

import { act } from './commands.ts'
import { button, byId, keyed, make, setClass, setText } from './dom.ts'
import { curlLine, segment } from './http.ts'
import type { NodeState } from './shapes.ts'

const tones: Readonly<Record<string, string>> = {
  running: 'good',
  waiting: 'wait',
  paused: 'wait',
  'app-stopped': 'wait',
  frozen: 'wait',
  starting: 'busy',
  stopping: 'busy',
}

const sides = ['A', 'B', 'C']
/** The side each node is to be on after the next cut. */
const sideOf = new Map<string, string>()
let shown: readonly NodeState[] = []

export function startNodes(): void {
  byId('cut').addEventListener('click', () => void act('PUT', '/warren/partition', { groups: groups() }))
  byId('heal').addEventListener('click', () => void act('DELETE', '/warren/partition'))
}

export function showNodes(nodes: readonly NodeState[]): void {
  shown = nodes
  const running = nodes.filter(({ state }) => state === 'running').length
  setText(byId('node-count'), `${running} of ${nodes.length} nodes running`)
  keyed(byId('nodes'), nodes, ({ name }) => name, card, update)
  showCut()
}

function groups(): string[][] {
  const chosen = sides.map((side) =>
    shown.filter(({ name }) => side === sideFor(name)).map(({ name }) => name),
  )
  return chosen.filter((group) => group.length > 0)
}

const sideFor = (name: string) => sideOf.get(name) ?? 'A'

function showCut(): void {
  const cut = byId<HTMLButtonElement>('cut')
  const parts = groups()
  cut.disabled = parts.length < 2
  const title = cut.disabled
    ? 'Put at least one node on another side first'
    : curlLine('PUT', '/warren/partition', { groups: parts })
  if (cut.title !== title) cut.title = title
  byId('heal').title = curlLine('DELETE', '/warren/partition')
  const short = (name: string) => name.replace(/^.*@/, '')
  setText(
    byId('cut-hint'),
    cut.disabled
      ? 'Choose sides to cut the network'
      : parts.map((part) => part.map(short).join(', ')).join(' | '),
  )
}

function card({ name }: NodeState): HTMLElement {
  const verb = (text: string, action: string, className: string) => {
    const path = `/warren/nodes/${segment(name)}/${action}`
    const element = button(text, `small ${className}`, () => act('POST', path))
    element.dataset['action'] = action
    element.title = curlLine('POST', path)
    element.setAttribute('aria-label', `${text} ${name}`)
    return element
  }
  const select = make('select')
  select.setAttribute('aria-label', `Side of ${name}`)
  for (const side of sides) select.append(new Option(side, side))
  select.value = sideFor(name)
  select.addEventListener('change', () => {
    sideOf.set(name, select.value)
    showCut()
  })
  return make(
    'article',
    'node',
    make('div', 'top', make('span', 'name', name), make('span', 'pill')),
    make('div', 'detail'),
    make('div', 'apart'),
    make(
      'div',
      'buttons',
      verb('Kill', 'kill', 'danger'),
      verb('Stop', 'stop', ''),
      verb('Start', 'start', ''),
      make('label', 'side', 'Side', select),
    ),
  )
}

function update(element: HTMLElement, node: NodeState): void {
  const tone = tones[node.state] ?? ''
  setClass(element, `node ${tone}`.trim())
  const state = element.querySelector('.pill')!
  setClass(state, `pill ${tone}`.trim())
  setText(state, node.state)
  const { port, leaders, mirrors, connections } = node
  setText(
    element.querySelector('.detail')!,
    `port ${port} · ${count(leaders, 'leader')} · ${count(mirrors, 'mirror')} · ${count(connections, 'connection')}`,
  )
  setText(element.querySelector('.apart')!, apart(node))
  const can = (action: string, possible: boolean) => {
    element.querySelector<HTMLButtonElement>(`[data-action=${action}]`)!.disabled = !possible
  }
  const down = node.state === 'stopped'
  can('kill', !down)
  can('stop', !down && !['stopping', 'frozen'].includes(node.state))
  can('start', down || ['paused', 'app-stopped'].includes(node.state))
}

/** With whom it runs, when that is not everybody who runs. */
function apart(node: NodeState): string {
  const running = shown.filter(({ state }) => state === 'running')
  if (node.state !== 'running' || node.island.length === running.length) return ''
  const others = node.island.filter((name) => name !== node.name)
  const company = others.length === 0 ? 'alone' : `with ${others.join(', ')} only`
  return node.partitions.length === 0
    ? `Runs ${company}`
    : `Runs ${company}; links are whole, the sides are not`
}

export const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`
