// The queues as the chosen node sees them: where the leader is, which mirrors hold everything, what waits.

import { act } from './commands.ts'
import { button, byId, keyed, make, setClass, setText } from './dom.ts'
import { curlLine, segment } from './http.ts'
import { count } from './nodes.ts'
import type { QueueEntry, QueuePage } from './shapes.ts'
import { pill, Table } from './table.ts'

const tones: Readonly<Record<string, string>> = { running: 'good', down: 'bad', syncing: 'busy' }

let table: Table<QueueEntry>
/** Where requests about queues go: the API as the chosen node sees it. */
let api = '/api'

/** No state is how the API shows a queue that waits for its leader. */
const stateOf = (queue: QueueEntry) => queue.state ?? 'waiting'
const number = (value: number | undefined) => (value === undefined ? '–' : String(value))

export function startQueues(): void {
  table = new Table<QueueEntry>(
    byId<HTMLTableElement>('queues'),
    [
      {
        title: 'Queue',
        className: 'strong',
        text: ({ vhost, name }) => (vhost === '/' ? name : `${name} (${vhost})`),
      },
      { title: 'Leader', text: ({ node }) => node },
      { title: 'Mirrors', fill: mirrors },
      { title: 'State', fill: (cell, queue) => pill(cell, stateOf(queue), tones[stateOf(queue)] ?? 'wait') },
      { title: 'Ready', className: 'number', text: ({ messages_ready }) => number(messages_ready) },
      {
        title: 'Unacked',
        className: 'number',
        text: ({ messages_unacknowledged }) => number(messages_unacknowledged),
      },
      { title: 'Policy', text: ({ policy }) => policy ?? '' },
      { title: '', className: 'buttons', fill: syncButton },
    ],
    ({ vhost, name }) => `${vhost}\0${name}`,
  )
}

/** `prefix` is the API the queues came from; null queues: that node has no view just now, for this `reason`. */
export function showQueues(prefix: string, queues: QueuePage | null, reason: string): void {
  api = prefix
  const rows = queues?.items ?? []
  const total = queues?.total_count ?? 0
  const hint = rows.length < total ? `the first ${rows.length} of ${total}` : reason
  setText(byId('queue-count'), queues === null ? '– queues' : count(total, 'queue'))
  setText(byId('queues-hint'), hint)
  byId('no-queues').hidden = queues === null || total > 0
  table.show(rows)
}

function mirrors(cell: HTMLElement, { slave_nodes = [], synchronised_slave_nodes = [] }: QueueEntry): void {
  keyed(
    cell,
    slave_nodes,
    (name) => name,
    (name) => make('span', '', name),
    (element, name) => {
      const synced = synchronised_slave_nodes.includes(name)
      setClass(element, synced ? 'mirror' : 'mirror behind')
      element.title = synced ? 'synchronised' : 'not synchronised'
    },
  )
}

/** Offered while a mirror is behind its leader. */
function syncButton(cell: HTMLElement, queue: QueueEntry): void {
  const { vhost, name, slave_nodes = [], synchronised_slave_nodes = [] } = queue
  const behind = queue.state === 'running' && slave_nodes.length > synchronised_slave_nodes.length
  if (!behind) return cell.replaceChildren()
  if (cell.firstChild !== null) return
  const path = () => `${api}/queues/${segment(vhost)}/${segment(name)}/actions`
  const element = button('Synchronise', 'small', () => act('POST', path(), { action: 'sync' }))
  element.title = curlLine('POST', path(), { action: 'sync' })
  cell.append(element)
}
