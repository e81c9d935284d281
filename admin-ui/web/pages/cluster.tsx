// The start page: the cluster as a living thing. Nodes, the links between them and what crosses them, the queues on the nodes that
// hold them, and the faults that can be tried on all of it. What is selected is shown in full below the map.

import { useEffect, useState } from 'preact/hooks'
import { Details, Swatch } from '../cluster/details.tsx'
import { ClusterMap } from '../cluster/map.tsx'
import { Modes } from '../cluster/modes.tsx'
import { PartitionButtons, PartitionHandling, PartitionPlan } from '../cluster/partition.tsx'
import { groups, selected } from '../cluster/selection.ts'
import { kinds } from '../cluster/traffic.ts'
import { Copyable } from '../components/copyable.tsx'
import { EmptyState } from '../components/empty.tsx'
import { count } from '../format.ts'
import { state, useSelection } from '../live.ts'
import './cluster.css'

/** How many queues and clients are shown one by one. */
const most = { queues: 200, clients: 100 }

export default function ClusterPage() {
  const [match, setMatch] = useState('')
  useSelection({ ...most, match })
  useEffect(
    () => () => {
      groups.value = null
      selected.value = null
    },
    [],
  )
  const now = state.value
  if (now === null) return null
  const { totals, nodes } = now
  const first = nodes.find(({ state: how }) => how === 'running')
  return (
    <>
      <section class="panel" aria-label="Cluster">
        <div class="head">
          <h2>Cluster</h2>
          <div class="row">
            {totals.queues > 0 && (
              <input
                type="search"
                placeholder="Filter queues by name"
                aria-label="Filter queues by name"
                value={match}
                onInput={(event) => setMatch(event.currentTarget.value)}
              />
            )}
            {totals.selected > most.queues && (
              <span class="hint">
                {count(most.queues)} of {count(totals.selected)} queues shown
              </span>
            )}
            <PartitionHandling />
            <PartitionButtons />
          </div>
        </div>
        <PartitionPlan />
        <ClusterMap />
        <p class="hint legend">
          {nodes.length > 1 && (
            <>
              On the links, by kind:
              {kinds.map(({ title, colour, meaning }) => (
                <span key={title} title={meaning}>
                  <Swatch colour={colour} /> {title}
                </span>
              ))}
            </>
          )}
        </p>
      </section>
      <Details />
      {totals.queues === 0 && first !== undefined && (
        <section class="panel">
          <EmptyState title="No queue has been declared yet">
            <p>
              Point your application at one of the nodes,{' '}
              <code>{first.url.replace('//', '//guest:guest@')}</code>, and its queues appear on the cards
              above. Or let Warren make some load:
            </p>
            <Copyable text={`warren perf --uri ${first.url} --queue orders -z 60`} />
          </EmptyState>
        </section>
      )}
      <Modes />
    </>
  )
}
