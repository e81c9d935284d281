// What happened, when and where: faults, what the nodes noticed, promotions, synchronisations, losses and their causes; the
// journey of one message; and the cluster's clock, which can be stopped to look closely.

import { useMemo, useState } from 'preact/hooks'
import { EmptyState } from '../components/empty.tsx'
import { useRows } from '../components/rows.ts'
import { type Column, Table } from '../components/table.tsx'
import { clockTime, nodeLabel, withNodeLabels } from '../format.ts'
import { events, state } from '../live.ts'
import type { PageProps } from '../pages.ts'
import { causeOf, eventGroups, groupOf, sentence, toneOf } from '../sentences.ts'
import type { TraceEvent } from '../shapes.ts'
import { ClockControls } from '../timeline/clock.tsx'
import { JourneyPanel } from '../timeline/journey.tsx'
import { Lanes } from '../timeline/lanes.tsx'
import './timeline.css'

interface Row extends TraceEvent {
  readonly text: string
  readonly cause: string
}

const columns: readonly Column<Row>[] = [
  { title: 'Time', key: 'number', width: '104px', class: 'code', cell: ({ at }) => clockTime(at) },
  { title: 'Where', key: 'node', width: '70px', cell: ({ node }) => nodeLabel(node) },
  {
    title: 'What happened',
    cell: ({ text, kind }) => <span class={`event ${toneOf(kind)}`}>{text}</span>,
    hover: ({ text }) => text,
  },
  {
    title: 'Why',
    width: '40%',
    cell: ({ cause }) => <span class="soft">{cause}</span>,
    hover: ({ cause }) => cause,
  },
]

export default function TimelinePage({ query }: PageProps) {
  const [hidden, hide] = useState<ReadonlySet<string>>(new Set())
  const [where, setWhere] = useState('')
  const chosen = Number(query.get('event') ?? -1)
  const nodes = state.value?.nodes ?? []
  const all = events.value
  const rows = useMemo(
    () =>
      all
        .map((event, i) => ({
          ...event,
          text: withNodeLabels(sentence(event)),
          cause: withNodeLabels(causeOf(all, i)),
        }))
        .filter(({ kind, node, subject }) => {
          if (hidden.has(groupOf(kind))) return false
          return where === '' || node === where || subject.includes(where)
        }),
    [all, hidden, where],
  )
  const toggle = (group: string) => {
    const next = new Set(hidden)
    if (!next.delete(group)) next.add(group)
    hide(next)
  }
  return (
    <>
      <section class="panel stack" aria-label="When and where">
        <div class="head">
          <h2>Timeline</h2>
          <ClockControls />
        </div>
        <Lanes events={rows} nodes={nodes} now={state.value?.at ?? 0} chosen={chosen} />
      </section>
      <section class="panel" aria-label="Events">
        <Table
          label="events"
          columns={columns}
          rows={useRows(rows, {
            text: ({ text, cause }) => `${text} ${cause}`,
            sort: { key: 'number', descending: true },
          })}
          rowKey={({ number }) => String(number)}
          rowClass={({ number }) => (number === chosen ? 'chosen' : '')}
          filter="Filter by words"
          tools={
            <>
              <fieldset class="row" aria-label="Kinds of events">
                {eventGroups.map((group) => (
                  <label key={group} class="row check">
                    <input type="checkbox" checked={!hidden.has(group)} onChange={() => toggle(group)} />
                    {group}
                  </label>
                ))}
              </fieldset>
              <select
                aria-label="Node"
                value={where}
                onChange={(event) => setWhere(event.currentTarget.value)}
              >
                <option value="">all nodes</option>
                {nodes.map(({ name }) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            </>
          }
          empty={
            <EmptyState
              title={all.length === 0 ? 'Nothing has happened yet' : 'Nothing of these kinds has happened'}
            >
              <p>
                {all.length === 0
                  ? 'Declare a queue, or kill a node on the Cluster page.'
                  : 'Choose more kinds of events, or all nodes.'}
              </p>
            </EmptyState>
          }
        />
      </section>
      <section class="panel stack" aria-label="A message's journey">
        <h2>A message's journey</h2>
        <JourneyPanel query={query} />
      </section>
    </>
  )
}
