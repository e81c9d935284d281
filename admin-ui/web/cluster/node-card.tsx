// One node: its state, what it carries, who is connected to it, and the verbs that can be done to it.

import { Pill } from '../components/pill.tsx'
import { bytes, count, counted, nodeLabel } from '../format.ts'
import { state as cluster, nodes } from '../live.ts'
import { href } from '../router.ts'
import type { LiveClient, LiveQueue, NodeState } from '../shapes.ts'
import { doToNode } from './cost.tsx'
import { groupNames, groupOf, groups, isSelected, selected, toggle } from './selection.ts'
import { verbMeanings, verbsFor, verbTitles } from './verbs.ts'

const mostChips = 18
const mostClients = 4

export interface CardProps {
  readonly node: NodeState
  readonly queues: readonly LiveQueue[]
  readonly clients: readonly LiveClient[]
}

export function NodeCard({ node, queues, clients }: CardProps) {
  const { name, state, port, connections, leaders, mirrors, island, partitions } = node
  const what = { kind: 'node', name } as const
  // In a partition both sides may hold a queue of the same name: each card shows its own side's.
  const mine = queues.filter(({ side }) => island.length === 0 || island.includes(side))
  const holds = mine.flatMap((queue) => {
    const role = roleOn(name, queue)
    return role === null ? [] : [{ queue, role }]
  })
  return (
    <article class={`node ${state}`} data-node={name} aria-label={name}>
      <div class="head">
        <button type="button" class="link name" aria-pressed={isSelected(what)} onClick={() => toggle(what)}>
          {name}
        </button>
        {groups.value === null ? <Pill state={state} /> : <GroupChoice name={name} />}
      </div>
      <dl class="figures">
        <Figure title="Port" value={port === 0 ? '–' : String(port)} />
        <Figure title="Clients" value={count(connections)} />
        <Figure title="Leaders" value={count(leaders)} />
        <Figure title="Mirrors" value={count(mirrors)} />
        <Figure
          title="Memory"
          value={state === 'running' ? bytes(cluster.value?.memory) : '–'}
          hover="Of the process in which all nodes run"
        />
      </dl>
      {partitions.length > 0 && (
        <p class="error">
          Partitioned from {partitions.map(nodeLabel).join(', ')}: each side goes its own way.
        </p>
      )}
      {partitions.length === 0 && cutOff(node) && (
        <p class="error">
          {island.length === 1
            ? 'Runs alone'
            : `Runs with ${island
                .filter((one) => one !== name)
                .map(nodeLabel)
                .join(', ')} only`}
          : it does not see the others.
        </p>
      )}
      {state === 'paused' && (
        <p class="wait-text">Paused by the partition handling: it cannot reach enough nodes.</p>
      )}
      {state === 'waiting' && <p class="wait-text">Waits for the node that stopped last. Start that one.</p>}
      <Clients all={clients.filter((client) => client.node === name)} connections={connections} />
      {holds.length > 0 && (
        <ul class="chips" aria-label={`Queues on ${name}`}>
          {holds.slice(0, mostChips).map(({ queue, role }) => (
            <li key={`${queue.vhost}/${queue.name}`}>
              <Chip queue={queue} role={role} node={name} />
            </li>
          ))}
          {leaders + mirrors > Math.min(holds.length, mostChips) && (
            <li>
              <a class="chip more" href={href('queues')}>
                + {count(leaders + mirrors - Math.min(holds.length, mostChips))} more
              </a>
            </li>
          )}
        </ul>
      )}
      <div class="row verbs">
        {verbsFor(state).map((verb) => (
          <button
            key={verb}
            type="button"
            class={verb === 'kill' ? 'small danger' : 'small'}
            title={verbMeanings[verb]}
            aria-label={`${verbTitles[verb]} ${name}`}
            onClick={() => doToNode(name, verb)}
          >
            {verbTitles[verb]}
          </button>
        ))}
      </div>
    </article>
  )
}

/** Others that it knows run on another side. */
const cutOff = ({ island, cluster }: NodeState): boolean =>
  island.length > 0 &&
  (nodes.value ?? []).some(
    ({ name, state }) => state === 'running' && cluster.includes(name) && !island.includes(name),
  )

function roleOn(node: string, { leader, mirrors }: LiveQueue): keyof typeof roleWords | null {
  if (leader === node) return 'leader'
  const mirror = mirrors.find((one) => one.node === node)
  if (mirror === undefined) return null
  return mirror.synchronised ? 'mirror' : 'behind'
}

const Figure = ({
  title,
  value,
  hover,
}: {
  readonly title: string
  readonly value: string
  readonly hover?: string
}) => (
  <div title={hover}>
    <dt>{title}</dt>
    <dd>{value}</dd>
  </div>
)

function Clients({
  all,
  connections,
}: {
  readonly all: readonly LiveClient[]
  readonly connections: number
}) {
  if (connections === 0) return null
  const more = connections - Math.min(all.length, mostClients)
  return (
    <ul class="chips clients" aria-label="Clients">
      {all.slice(0, mostClients).map((client) => (
        <li key={client.id}>
          <a
            class="chip client"
            href={href('connections', [client.name])}
            title={`${client.name}, user ${client.user}, ${counted(client.channels, 'channel')}`}
          >
            {client.given_name || client.product || client.name.split(' ')[0]}
          </a>
        </li>
      ))}
      {more > 0 && (
        <li>
          <a class="chip more" href={href('connections')}>
            + {count(more)} {all.length === 0 ? 'clients' : 'more'}
          </a>
        </li>
      )}
    </ul>
  )
}

const roleWords = {
  leader: 'leader',
  mirror: 'synchronised mirror',
  behind: 'mirror that lacks messages',
} as const

function Chip({
  queue,
  role,
  node,
}: {
  readonly queue: LiveQueue
  readonly role: keyof typeof roleWords
  readonly node: string
}) {
  const { vhost, name, state, mode, messages, mirrors } = queue
  const what = { kind: 'queue', vhost, name } as const
  const missing = mirrors.find((mirror) => mirror.node === node)?.missing ?? 0
  const down = state === 'down' || state === 'waiting'
  const figure =
    role === 'behind'
      ? missing > 0
        ? `−${count(missing)}`
        : '…'
      : role === 'leader' && !down
        ? count(messages)
        : ''
  const dimmed = selected.value?.kind === 'queue' && !isSelected(what)
  return (
    <button
      type="button"
      class={`chip ${role} ${down ? 'down' : ''} ${dimmed ? 'dimmed' : ''}`}
      aria-pressed={isSelected(what)}
      data-queue={name}
      title={`${name}: ${roleWords[role]}, ${mode} queue, ${down ? state : counted(messages, 'message')}${missing > 0 ? `, ${counted(missing, 'message')} missing here` : ''}`}
      onClick={() => toggle(what)}
    >
      <span class="chip-name">{name === '' ? '(no name)' : name}</span>
      {figure !== '' && <span class="number">{figure}</span>}
      {down && <span>{state}</span>}
    </button>
  )
}

function GroupChoice({ name }: { readonly name: string }) {
  return (
    <fieldset class="group-choice" aria-label={`Group of ${name}`}>
      {groupNames.map((title, group) => (
        <label key={title}>
          <input
            type="radio"
            name={`group ${name}`}
            checked={groupOf(name) === group}
            onChange={() => {
              groups.value = new Map(groups.value).set(name, group)
            }}
          />
          {title}
        </label>
      ))}
    </fieldset>
  )
}
