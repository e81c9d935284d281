// What a draft would do, beside the editor: whom it matches, where leaders and mirrors would be, what that costs, what each node's
// loss would cost, and what lint says. It shows what the server has worked out.

import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { bytes, count, counted, nodeLabel } from '../format.ts'
import { ReplicasDrawing } from '../objects/replicas-drawing.tsx'
import { href } from '../router.ts'
import type { Checked } from './check.ts'
import { Findings } from './findings.tsx'
import { Losses } from './losses.tsx'
import type { Check, Concerned, Preview } from './shapes.ts'

export function Outcome({ check, pending, error }: Checked) {
  if (error !== '') return <Note tone="bad">{error}</Note>
  if (check === undefined) return <p class="soft">Looking at the cluster …</p>
  if (check.faults.length > 0 || check.preview === null)
    return <Note tone="bad">Not valid yet. What it would do is shown as soon as it is.</Note>
  return (
    <div class={pending ? 'stack outcome pending' : 'stack outcome'} aria-busy={pending}>
      <Summary preview={check.preview} />
      <Matches check={check} />
      <PlacementsOf check={check} preview={check.preview} />
      <Costs preview={check.preview} />
      <Losses losses={check.preview.losses} />
      <Findings {...check.lint} />
    </div>
  )
}

const Note = ({
  tone,
  children,
}: {
  readonly tone: 'bad' | 'good'
  readonly children: ComponentChildren
}) => (
  <p class={`note ${tone}`} role="status">
    {children}
  </p>
)

function Summary({ preview: { totals, later } }: { readonly preview: Preview }) {
  const { queues, exchanges } = totals
  if (queues + exchanges + later.length === 0)
    return <Note tone="good">Nothing changes in the cluster as it is now.</Note>
  const parts = [
    ...some(queues, counted(queues, 'queue')),
    ...some(exchanges, counted(exchanges, 'exchange')),
    ...some(
      later.length,
      `${counted(later.length, 'queue')} that ${later.length === 1 ? 'is' : 'are'} down, later`,
    ),
  ]
  return <Note tone="good">Changes {parts.join(', ')}.</Note>
}

const some = (number: number, text: string) => (number === 0 ? [] : [text])

function Matches({ check: { concerned } }: { readonly check: Check }) {
  const [all, showAll] = useState(false)
  const { queues, exchanges, following, objects } = concerned
  const total = queues + exchanges
  const shown = all ? objects : objects.slice(0, 8)
  return (
    <section>
      <h3>Matches</h3>
      {total === 0 ? (
        <p class="soft">No queue and no exchange: it waits for names that match.</p>
      ) : (
        <>
          <p>
            {counted(queues, 'queue')} and {counted(exchanges, 'exchange')}
            {following < total && `, of which ${count(following)} would follow`}.
          </p>
          <ul class="matches">
            {shown.map((object) => (
              <Match key={`${object.kind}/${object.vhost}/${object.name}`} object={object} />
            ))}
          </ul>
          {shown.length < total && (
            <button type="button" class="link" disabled={all} onClick={() => showAll(true)}>
              {all ? `and ${count(total - shown.length)} more` : `Show more (${count(total)} in all)`}
            </button>
          )}
        </>
      )}
    </section>
  )
}

function Match({ object: { kind, vhost, name, follows, instead } }: { readonly object: Concerned }) {
  return (
    <li>
      <a href={href(kind === 'queue' ? 'queues' : 'exchanges', [vhost, name || 'amq.default'])}>
        {name || '(AMQP default)'}
      </a>{' '}
      {kind === 'exchange' && <span class="soft">exchange </span>}
      {follows === null && (
        <span class="pill wait">{instead === null ? 'leaves the policy' : `follows ${instead} instead`}</span>
      )}
    </li>
  )
}

/** So many queues are drawn at first. */
const drawnAtFirst = 5

function PlacementsOf({ check, preview }: { readonly check: Check; readonly preview: Preview }) {
  const [most, setMost] = useState(drawnAtFirst)
  const queues = check.concerned.objects.filter(({ kind, now }) => kind === 'queue' && now !== null)
  if (queues.length === 0) return null
  const changes = new Map(preview.queues.map((change) => [`${change.vhost}/${change.name}`, change]))
  return (
    <section>
      <h3>Leaders and mirrors</h3>
      {queues.slice(0, most).map(({ vhost, name, now }) => {
        const change = changes.get(`${vhost}/${name}`)
        const before = { leader: now!.leader, mirrors: now!.mirrors, chosen: null }
        const after = change?.placement?.to ?? []
        const lines =
          after.length === 0
            ? [{ label: 'stays', placement: before }]
            : [
                { label: 'now', placement: before },
                ...after.slice(0, 3).map((placement, i) => ({ label: i === 0 ? 'then' : 'or', placement })),
              ]
        return (
          <figure key={`${vhost}/${name}`} class="placement">
            <figcaption>
              {name} <span class="soft">{counted(now!.messages, 'message')}</span>
            </figcaption>
            <div class="scroll-x">
              <ReplicasDrawing nodes={check.nodes} lines={lines} always />
            </div>
          </figure>
        )
      })}
      {most < queues.length && (
        <button type="button" class="link" onClick={() => setMost(most + 20)}>
          Draw more ({counted(queues.length, 'queue')})
        </button>
      )}
      <NodeTotals preview={preview} />
    </section>
  )
}

function NodeTotals({ preview: { nodes } }: { readonly preview: Preview }) {
  if (
    !nodes.some(
      (node) =>
        node.mirrorsStarted + node.mirrorsStopped + node.mirrorsPossible > 0 ||
        node.leaders.from !== node.leaders.to,
    )
  )
    return null
  return (
    <table class="plain">
      <thead>
        <tr>
          <th scope="col">Node</th>
          <th scope="col" class="right">
            Leaders
          </th>
          <th scope="col" class="right">
            Mirrors that start
          </th>
          <th scope="col" class="right">
            Mirrors that stop
          </th>
          <th scope="col" class="right">
            By chance
          </th>
        </tr>
      </thead>
      <tbody>
        {nodes.map(({ node, leaders, mirrorsStarted, mirrorsStopped, mirrorsPossible }) => (
          <tr key={node}>
            <td>{nodeLabel(node)}</td>
            <td class="right">
              {leaders.from === leaders.to
                ? count(leaders.to)
                : `${count(leaders.from)} → ${count(leaders.to)}`}
            </td>
            <td class="right">{count(mirrorsStarted)}</td>
            <td class="right">{count(mirrorsStopped)}</td>
            <td class="right">{mirrorsPossible === 0 ? '' : `up to ${count(mirrorsPossible)}`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Costs({ preview: { totals, queues, bodiesPerSecond } }: { readonly preview: Preview }) {
  const { automatic, manual, leaderMoves, leadersWaiting, messagesDropped } = totals
  const lines = [
    ...some(
      automatic.messages,
      `${counted(automatic.messages, 'message')} (${bytes(automatic.bytes)}) are synchronised at once; their queues do nothing else meanwhile.`,
    ),
    ...some(
      manual.messages,
      `${counted(manual.messages, 'message')} (${bytes(manual.bytes)}) are not on the new mirrors until somebody synchronises them.`,
    ),
    ...some(leaderMoves, `${counted(leaderMoves, 'leader')} will move.`),
    ...some(
      leadersWaiting,
      `${counted(leadersWaiting, 'leader')} cannot move yet, for want of a synchronised mirror.`,
    ),
    ...some(messagesDropped, `${counted(messagesDropped, 'message')} will be dropped.`),
    ...(bodiesPerSecond.from === bodiesPerSecond.to
      ? []
      : [
          `Publishing sends ${count(bodiesPerSecond.to)} bodies per second over links instead of ${count(bodiesPerSecond.from)}.`,
        ]),
  ]
  const risks = new Map<string, { readonly text: string; readonly more: number }>()
  for (const { name, risks: of } of queues)
    for (const { kind, text } of of) {
      const known = risks.get(kind)
      risks.set(
        kind,
        known === undefined ? { text: `${name}: ${text}`, more: 0 } : { ...known, more: known.more + 1 },
      )
    }
  if (lines.length + risks.size === 0) return null
  return (
    <section>
      <h3>What it costs</h3>
      <ul class="bullets">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
        {[...risks].map(([kind, { text, more }]) => (
          <li key={kind} class="risk">
            {text}
            {more > 0 && <span class="soft"> The same for {counted(more, 'more queue')}.</span>}
          </li>
        ))}
      </ul>
    </section>
  )
}
