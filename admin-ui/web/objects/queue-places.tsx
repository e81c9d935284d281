// Who leads a queue and who mirrors it, what each mirror lacks, and the ways to change that: synchronise, move.

import { useState } from 'preact/hooks'
import { type Action, act, succeeded } from '../actions.ts'
import { CommandLines } from '../components/copyable.tsx'
import { Dialog } from '../components/dialog.tsx'
import { Pill } from '../components/pill.tsx'
import { Section } from '../components/section.tsx'
import { ErrorLine, toast } from '../components/toast.tsx'
import { count, counted } from '../format.ts'
import { segment } from '../http.ts'
import { api, nodes, view } from '../live.ts'
import { href } from '../router.ts'
import { escaped } from './explain.tsx'
import { type DrawnNode, ReplicasDrawing } from './replicas-drawing.tsx'
import type { QueuePlaces as Places, QueueEntry, Table } from './shapes.ts'

export interface QueuePlacesProps {
  readonly vhost: string
  readonly name: string
  readonly places: Places
  readonly entry: QueueEntry | undefined
}

const drawnNodes = (): DrawnNode[] =>
  (nodes.value ?? []).map(({ name, state }) => ({ name, running: state === 'running' }))

export function QueuePlaces({ vhost, name, places, entry }: QueuePlacesProps) {
  const [moving, setMoving] = useState(false)
  const { leader, mirrors, messages } = places
  const behind = mirrors.filter(({ synced }) => !synced)
  const syncing = entry?.state === 'syncing'
  const sync = (action: 'sync' | 'cancel_sync') =>
    act({
      method: 'POST',
      path: `${api.value}/queues/${segment(vhost)}/${segment(name)}/actions`,
      body: { action },
      ctl: [action === 'sync' ? 'sync_queue' : 'cancel_sync_queue', '-p', vhost, name],
    })
  return (
    <Section title="Leader and mirrors">
      <div class="scroll-x">
        <ReplicasDrawing
          nodes={drawnNodes()}
          lines={[{ label: 'now', placement: leader === null ? null : { leader, mirrors, chosen: null } }]}
        />
      </div>
      {leader === null ? (
        <p class="error">{nobodyLeads(places)}</p>
      ) : (
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Node</th>
              <th scope="col">Role</th>
              <th scope="col">State</th>
              <th scope="col" class="right">
                Messages missing
              </th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <td>{leader}</td>
              <td>leader</td>
              <td>
                <Pill state={entry?.state ?? places.state} />
              </td>
              <td class="right">0</td>
            </tr>
            {mirrors.map((mirror) => (
              <tr key={mirror.node}>
                <td>{mirror.node}</td>
                <td>mirror</td>
                <td>
                  <Pill
                    state={mirror.synced ? 'synchronised' : syncing ? 'syncing' : 'unsynchronised'}
                    {...(!mirror.synced && !syncing && { tone: 'bad' })}
                  />
                </td>
                <td class="right">{count(mirror.synced ? 0 : (mirror.missing ?? messages))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {leader !== null && mirrors.length === 0 && (
        <p class="soft">No mirrors: this is the only copy. A policy with ha-mode adds mirrors.</p>
      )}
      <div class="row">
        {syncing ? (
          <button type="button" onClick={() => sync('cancel_sync')}>
            Cancel synchronisation
          </button>
        ) : (
          <button type="button" disabled={behind.length === 0} onClick={() => sync('sync')}>
            Synchronise
          </button>
        )}
        <button type="button" disabled={leader === null} onClick={() => setMoving(true)}>
          Move …
        </button>
        {behind.length > 0 && !syncing && (
          <span class="soft">
            Synchronising sends the whole queue to {counted(behind.length, 'mirror')}; it does nothing else
            meanwhile.
          </span>
        )}
        {syncing && <span class="soft">{counted(entry?.sync_messages ?? 0, 'message')} sent so far.</span>}
      </div>
      {moving && leader !== null && (
        <MoveDialog {...{ vhost, name, leader, mirrors }} entry={entry} onClose={() => setMoving(false)} />
      )}
    </Section>
  )
}

function nobodyLeads({ state, home, mirrors }: Places): string {
  if (state === 'down')
    return `The queue is down: ${home} had the only copy and does not run. Start ${home}, and it is back with what was on its disk.`
  const those = mirrors.map(({ node }) => node).join(', ')
  return `Nobody leads the queue: its leader ${home} is away and no mirror may be promoted${those && ` (${those})`}. Start ${home}.`
}

interface MoveProps {
  readonly vhost: string
  readonly name: string
  readonly leader: string
  readonly mirrors: Places['mirrors']
  readonly entry: QueueEntry | undefined
  onClose(): void
}

/** Two ways, as RabbitMQ has them: a policy that names the nodes, and a rebalance, which picks the least loaded of the mirrors. */
function MoveDialog({ vhost, name, leader, mirrors, entry, onClose }: MoveProps) {
  const running = drawnNodes().filter((node) => node.running && node.name !== leader)
  const [to, setTo] = useState(running[0]?.name ?? '')
  const [error, setError] = useState('')
  const definition: Table = {
    ...entry?.effective_policy_definition,
    'ha-mode': 'nodes',
    'ha-params': [to],
    'ha-sync-mode': 'automatic',
  }
  const rebalance: Action = {
    method: 'POST',
    path: '/warren/rebalance',
    body: {
      node: view.value === '' ? leader : view.value,
      vhost: `^${escaped(vhost)}$`,
      queue: `^${escaped(name)}$`,
    },
  }
  const balance = async () => {
    const answer = await act(rebalance, { quiet: true })
    if (!succeeded(answer)) return setError('The queue could not be moved.')
    toast('The leader was asked to move to the mirror whose node leads fewest queues.', { good: true })
    onClose()
  }
  return (
    <Dialog title={`Move ${name}`} onClose={onClose}>
      <section class="stack">
        <h3>To a node of your choice, by policy</h3>
        <p>
          A policy with <code>ha-mode: nodes</code> starts a mirror there, fills it, and hands the lead over.
          The policy editor shows what that costs before you set it. Clear the policy afterwards, and the
          queue stays where it is.
        </p>
        {running.length === 0 ? (
          <p class="soft">No other node runs.</p>
        ) : (
          <div class="row">
            <label class="inline-label">
              Move to
              <select value={to} onChange={(event) => setTo(event.currentTarget.value)}>
                {running.map((node) => (
                  <option key={node.name}>{node.name}</option>
                ))}
              </select>
            </label>
            <a
              class="button primary"
              href={href('policies', ['new'], {
                vhost,
                name: `move-${name}`,
                pattern: `^${escaped(name)}$`,
                'apply-to': 'queues',
                priority: '100',
                definition: JSON.stringify(definition),
              })}
            >
              Open the policy editor
            </a>
          </div>
        )}
      </section>
      <section class="stack">
        <h3>To one of its mirrors, by rebalancing</h3>
        <p>
          The leader moves to the synchronised mirror whose node leads fewest queues. It stays when its own
          node leads fewest{mirrors.length === 0 && ', and without mirrors there is nowhere to go'}.
        </p>
        <CommandLines action={rebalance} />
        <ErrorLine text={error} />
      </section>
      <div class="row end">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" disabled={!mirrors.some(({ synced }) => synced)} onClick={balance}>
          Rebalance this queue
        </button>
      </div>
    </Dialog>
  )
}
