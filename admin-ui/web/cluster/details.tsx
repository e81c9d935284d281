// What is selected on the map, in full: a node's verbs as commands, a link's traffic by kind and what can be done to it, a queue's
// copies and what its mode means.

import { useEffect, useRef, useState } from 'preact/hooks'
import { act } from '../actions.ts'
import { Chart } from '../components/chart.tsx'
import { CommandLines } from '../components/copyable.tsx'
import { confirm } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { Pill } from '../components/pill.tsx'
import { bytes, bytesPerSecond, count, counted, nodeLabel, rate } from '../format.ts'
import { state } from '../live.ts'
import { href } from '../router.ts'
import type { LiveLink } from '../shapes.ts'
import { stateOf } from './map.tsx'
import { modeText } from './modes.tsx'
import { selected } from './selection.ts'
import { kinds, rateOf } from './traffic.ts'
import {
  cutLink,
  mendLink,
  nodeAction,
  silenceLink,
  slowLink,
  verbMeanings,
  verbsFor,
  verbTitles,
} from './verbs.ts'

export function Details() {
  const what = selected.value
  if (what === null) return null
  const title =
    what.kind === 'node'
      ? what.name
      : what.kind === 'link'
        ? `Link ${nodeLabel(what.a)} – ${nodeLabel(what.b)}`
        : `Queue ${what.name}`
  return (
    <section class="panel details" aria-label={title}>
      <div class="head">
        <h2>{title}</h2>
        <button
          type="button"
          class="small"
          onClick={() => {
            selected.value = null
          }}
        >
          Close
        </button>
      </div>
      {what.kind === 'node' && <NodeDetails name={what.name} />}
      {what.kind === 'link' && <LinkDetails key={`${what.a} ${what.b}`} a={what.a} b={what.b} />}
      {what.kind === 'queue' && <QueueDetails vhost={what.vhost} name={what.name} />}
    </section>
  )
}

function NodeDetails({ name }: { readonly name: string }) {
  const node = state.value?.nodes.find((one) => one.name === name)
  if (node === undefined) return <p class="soft">This node is no more.</p>
  return (
    <div class="stack">
      <p>
        <code>{node.url}</code> · runs with {node.island.map(nodeLabel).join(', ') || 'nobody'} · knows as its
        cluster: {node.cluster.map(nodeLabel).join(', ')}
      </p>
      {verbsFor(node.state).map((verb) => (
        <div key={verb} class="stack tight">
          <p>
            <b>{verbTitles[verb]}</b>. <span class="soft">{verbMeanings[verb]}</span>
          </p>
          <CommandLines action={nodeAction(name, verb)} />
        </div>
      ))}
    </div>
  )
}

interface History {
  readonly times: number[]
  readonly values: number[][]
}
const remembered = 120

function LinkDetails({ a, b }: { readonly a: string; readonly b: string }) {
  const links = state.value?.links ?? []
  const there = links.find(({ from, to }) => from === a && to === b)
  const back = links.find(({ from, to }) => from === b && to === a)
  const how = stateOf({ there, back })
  const history = useHistory(there, back)
  const cut = async () => {
    const yes = await confirm({
      title: `Cut the link between ${nodeLabel(a)} and ${nodeLabel(b)}?`,
      body: (
        <>
          <p>
            Both nodes notice at once. While a third node still sees both, this is a partial partition:
            RabbitMQ makes it a full one.
          </p>
          <CommandLines action={cutLink(a, b)} />
        </>
      ),
      yes: 'Cut link',
      danger: true,
    })
    if (yes) await act(cutLink(a, b))
  }
  return (
    <div class="columns">
      <div class="stack">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Kind</th>
              <th scope="col" class="right">
                {nodeLabel(a)} → {nodeLabel(b)}
              </th>
              <th scope="col" class="right">
                {nodeLabel(b)} → {nodeLabel(a)}
              </th>
            </tr>
          </thead>
          <tbody>
            {kinds.map((kind) => (
              <tr key={kind.title}>
                <td title={kind.meaning}>
                  <Swatch colour={kind.colour} /> {kind.title}
                </td>
                <td class="right">{bytesPerSecond(rateOf(there, kind))}</td>
                <td class="right">{bytesPerSecond(rateOf(back, kind))}</td>
              </tr>
            ))}
            <tr>
              <td>since the start</td>
              <td class="right">
                {bytes(there?.bytes)}, {counted(there?.bodies ?? 0, 'body', 'bodies')}
              </td>
              <td class="right">
                {bytes(back?.bytes)}, {counted(back?.bodies ?? 0, 'body', 'bodies')}
              </td>
            </tr>
          </tbody>
        </table>
        <Chart
          label={`bytes per second between ${nodeLabel(a)} and ${nodeLabel(b)}, by kind`}
          times={history.times}
          series={kinds.map(({ title, colour }, i) => ({ label: title, colour, values: history.values[i]! }))}
          format={bytesPerSecond}
        />
      </div>
      <div class="stack">
        <div class="row">
          <Pill state={how} tone={how === 'slow' ? 'wait' : undefined} />
          {how === 'cut' || how === 'silent' ? null : (
            <button type="button" class="small danger" onClick={cut}>
              Cut
            </button>
          )}
          {how === 'up' && (
            <button
              type="button"
              class="small"
              title="Nothing arrives and nobody is told: the nodes notice after the net tick"
              onClick={() => act(silenceLink(a, b))}
            >
              Silence
            </button>
          )}
          {how !== 'up' && (
            <button type="button" class="small primary" onClick={() => act(mendLink(a, b))}>
              Heal
            </button>
          )}
        </div>
        <SlowForm a={a} b={b} there={there} />
        <h3>From a terminal</h3>
        <CommandLines action={how === 'up' ? cutLink(a, b) : mendLink(a, b)} />
        {how === 'up' && <CommandLines action={slowLink(a, b, 20, 1_000_000)} />}
      </div>
    </div>
  )
}

function SlowForm({
  a,
  b,
  there,
}: {
  readonly a: string
  readonly b: string
  readonly there: LiveLink | undefined
}) {
  const [delay, setDelay] = useState(String(there?.delay_ms ?? 0))
  const limit = there?.bytes_per_second ?? null
  const [kilobytes, setKilobytes] = useState(limit === null ? '' : String(limit / 1000))
  const action = slowLink(a, b, Number(delay), kilobytes.trim() === '' ? null : Number(kilobytes) * 1000)
  return (
    <form
      class="fields slow"
      onSubmit={(event) => {
        event.preventDefault()
        void act(action)
      }}
    >
      <Field label="Delay each way, ms">
        <input
          type="number"
          min="0"
          max="3600000"
          required
          value={delay}
          onInput={(event) => setDelay(event.currentTarget.value)}
        />
      </Field>
      <Field label="At most, kB/s" hint="empty: as many as come">
        <input
          type="number"
          min="0.001"
          step="any"
          value={kilobytes}
          onInput={(event) => setKilobytes(event.currentTarget.value)}
        />
      </Field>
      <div class="wide row">
        <button type="submit">Slow this link</button>
      </div>
    </form>
  )
}

/** Both directions together, by kind, since the link was selected. */
function useHistory(there: LiveLink | undefined, back: LiveLink | undefined): History {
  const history = useRef<History>({ times: [], values: kinds.map(() => []) })
  const [, draw] = useState(0)
  const at = state.value?.at
  useEffect(() => {
    const { times, values } = history.current
    if (at === undefined || at <= (times.at(-1) ?? 0)) return
    times.push(at)
    for (const [i, kind] of kinds.entries()) values[i]!.push(rateOf(there, kind) + rateOf(back, kind))
    if (times.length > remembered) {
      times.shift()
      for (const of of values) of.shift()
    }
    draw(times.at(-1)!)
  }, [at])
  return history.current
}

export const Swatch = ({ colour }: { readonly colour: string }) => (
  <span class="swatch" style={{ background: `var(${colour})` }} />
)

function QueueDetails({ vhost, name }: { readonly vhost: string; readonly name: string }) {
  const found = state.value?.queues.filter((queue) => queue.vhost === vhost && queue.name === name) ?? []
  if (found.length === 0) return <p class="soft">This queue is no more, or the filter leaves it out.</p>
  return (
    <div class="stack">
      {found.map((queue) => (
        <div key={queue.side} class="stack tight">
          {found.length > 1 && <h3>As {nodeLabel(queue.side)} and its side see it</h3>}
          <div class="row">
            <Pill state={queue.state} />
            <span class="pill">{queue.mode}</span>
            <span>
              {counted(queue.messages, 'message')}, {counted(queue.consumers, 'consumer')}, in{' '}
              {rate(queue.publish_rate)}, out {rate(queue.deliver_rate)}
            </span>
            <a href={href('queues', [vhost, name])}>Open the queue</a>
          </div>
          <p>{modeText(queue)}</p>
          <p>
            Leader: <b>{nodeLabel(queue.leader)}</b>
            {queue.mirrors.map((mirror) => (
              <span key={mirror.node}>
                {' · '}
                {nodeLabel(mirror.node)}{' '}
                {mirror.synchronised ? (
                  <span class="good-text">synchronised</span>
                ) : (
                  <span class="error">lacks {count(mirror.missing)}</span>
                )}
              </span>
            ))}
            {' · '}policy: {queue.policy === null ? 'none' : <a href={href('policies')}>{queue.policy}</a>}
          </p>
        </div>
      ))}
    </div>
  )
}
