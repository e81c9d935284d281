// How nodes handle a partition, and the partition itself: groups are chosen on the cards, what the cut will mean is said here,
// and it is asked for once more before it is done.

import { useState } from 'preact/hooks'
import { act, succeeded } from '../actions.ts'
import { CommandLines } from '../components/copyable.tsx'
import { confirm, Dialog } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { ErrorLine } from '../components/toast.tsx'
import { counted, nodeLabel } from '../format.ts'
import { reasonOf } from '../http.ts'
import { state } from '../live.ts'
import { chosenGroups, groupNames, groups } from './selection.ts'
import { healAll, partition, partitionHandling } from './verbs.ts'

const handlings: Readonly<Record<string, string>> = {
  ignore:
    'Each side goes on alone, with leaders of its own, until one is restarted: changes of one side will be lost.',
  pause_minority:
    'Nodes that reach no more than half of the cluster pause, and drop their clients, until they reach it again.',
  autoheal:
    'Both sides go on; when the links are mended, all but the side with the most clients restart and forget.',
  pause_if_all_down: 'Nodes that reach none of the named nodes pause.',
}

export function PartitionHandling() {
  const [choosing, choose] = useState(false)
  const now = state.value?.partitionHandling ?? ''
  return (
    <>
      <label class="inline-label" title={handlings[now]}>
        Partition handling
        <select
          value={now}
          onChange={(event) => {
            const mode = event.currentTarget.value
            event.currentTarget.value = now
            if (mode === 'pause_if_all_down') choose(true)
            else void act(partitionHandling({ mode }))
          }}
        >
          {Object.keys(handlings).map((mode) => (
            <option key={mode}>{mode}</option>
          ))}
        </select>
      </label>
      {choosing && <PauseIfAllDown onClose={() => choose(false)} />}
    </>
  )
}

function PauseIfAllDown({ onClose }: { onClose(): void }) {
  const names = state.value?.nodes.map(({ name }) => name) ?? []
  const [chosen, setChosen] = useState<readonly string[]>(names.slice(0, 1))
  const [recover, setRecover] = useState('ignore')
  const [error, setError] = useState('')
  const action = partitionHandling({ mode: 'pause_if_all_down', nodes: chosen, recover })
  const submit = async () => {
    const answer = await act(action, { quiet: true })
    if (answer !== null && answer.status >= 400) setError(reasonOf(answer.body))
    else onClose()
  }
  return (
    <Dialog title="Pause when all of these are down" onClose={onClose} onSubmit={submit}>
      <p class="soft">{handlings['pause_if_all_down']}</p>
      <fieldset class="stack" aria-label="Nodes">
        {names.map((name) => (
          <label key={name} class="row">
            <input
              type="checkbox"
              checked={chosen.includes(name)}
              onChange={() =>
                setChosen(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name])
              }
            />
            {name}
          </label>
        ))}
      </fieldset>
      <Field label="When the links are mended">
        <select value={recover} onChange={(event) => setRecover(event.currentTarget.value)}>
          <option>ignore</option>
          <option>autoheal</option>
        </select>
      </Field>
      <ErrorLine text={error} />
      <CommandLines action={action} />
      <div class="row end">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class="primary">
          Set
        </button>
      </div>
    </Dialog>
  )
}

/** Begins and ends the choice of groups; mends what was cut. */
export function PartitionButtons() {
  const links = state.value?.links ?? []
  const hurt = links.some(({ state: how }) => how !== 'up')
  const several = (state.value?.nodes.length ?? 0) > 1
  return (
    <>
      <button
        type="button"
        disabled={!several}
        aria-pressed={groups.value !== null}
        onClick={() => {
          groups.value = groups.value === null ? new Map() : null
        }}
      >
        Partition …
      </button>
      <button type="button" class={hurt ? 'primary' : ''} disabled={!several} onClick={() => act(healAll)}>
        Heal all links
      </button>
    </>
  )
}

/** While groups are chosen. */
export function PartitionPlan() {
  if (groups.value === null) return null
  const nodes = state.value?.nodes ?? []
  const chosen = chosenGroups(nodes.map(({ name }) => name))
  const cut = async () => {
    const action = partition(chosen)
    const yes = await confirm({
      title: 'Cut the links between these groups?',
      body: (
        <>
          <Consequences chosen={chosen} />
          <h3>The same from a terminal</h3>
          <CommandLines action={action} />
        </>
      ),
      yes: 'Cut links',
      danger: true,
    })
    if (yes && succeeded(await act(action))) groups.value = null
  }
  return (
    <section class="panel plan" aria-label="Partition">
      <div class="head">
        <p>
          Choose a group on each card. <span class="soft">All links between groups will be cut.</span>
        </p>
        <div class="row">
          <button
            type="button"
            onClick={() => {
              groups.value = null
            }}
          >
            Cancel
          </button>
          <button type="button" class="primary" disabled={chosen.length < 2} onClick={cut}>
            Cut links …
          </button>
        </div>
      </div>
      {chosen.length > 1 && <Consequences chosen={chosen} />}
    </section>
  )
}

/** By the rule that holds; docs of RabbitMQ: a minority is no more than half. */
function Consequences({ chosen }: { readonly chosen: readonly (readonly string[])[] }) {
  const { nodes = [], partitionHandling: handling = '' } = state.value ?? {}
  return (
    <ul class="costs">
      {chosen.map((group, i) => {
        const members = nodes.filter(({ name }) => group.includes(name))
        const sum = (of: 'leaders' | 'connections') => members.reduce((total, node) => total + node[of], 0)
        const pauses = handling === 'pause_minority' && group.length * 2 <= nodes.length
        return (
          <li key={group[0]} class={pauses ? 'error' : undefined}>
            <b>{groupNames[i]}</b> ({group.map(nodeLabel).join(', ')}): {counted(sum('leaders'), 'leader')},{' '}
            {counted(sum('connections'), 'client connection')}.{' '}
            {pauses
              ? 'It is no majority: its nodes pause and drop their clients.'
              : 'Its side goes on: mirrors here of queues led elsewhere become leaders; other queues led elsewhere are out of reach.'}
          </li>
        )
      })}
      <li class="soft">
        {handling}: {handlings[handling]}
      </li>
    </ul>
  )
}
