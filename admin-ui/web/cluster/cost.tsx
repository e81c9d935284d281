// Asks once before a node goes, and says what that will cost, by the server's own reckoning; a node whose loss costs nothing
// is not asked about.

import { act } from '../actions.ts'
import { CommandLines } from '../components/copyable.tsx'
import { confirm } from '../components/dialog.tsx'
import { toast } from '../components/toast.tsx'
import { count, counted, nodeLabel } from '../format.ts'
import { get, LoginNeeded, segment } from '../http.ts'
import { type NodeVerb, nodeAction, verbMeanings, verbTitles } from './verbs.ts'

interface QueueCost {
  readonly vhost: string
  readonly name: string
  readonly outcome: string
  readonly heir: string | null
  readonly messages: number
}

interface Cost {
  readonly pauses: readonly string[]
  readonly connections: number
  readonly leaders: number
  readonly unavailable: number
  readonly messages: number
  readonly mirrors: number
  readonly left_alone: number
  readonly queues: readonly QueueCost[]
  readonly more: number
}

/** Does it, after asking when it costs something. */
export async function doToNode(name: string, verb: NodeVerb): Promise<void> {
  if (verb === 'start' || verb === 'thaw') return void (await act(nodeAction(name, verb)))
  let cost: Cost
  try {
    cost = await get<Cost>(`/warren/nodes/${segment(name)}/cost?how=${verb === 'stop' ? 'stop' : 'kill'}`)
  } catch (error) {
    if (!(error instanceof LoginNeeded)) toast((error as Error).message)
    return
  }
  const free = cost.connections === 0 && cost.queues.length === 0 && cost.pauses.length === 0
  const yes =
    free ||
    (await confirm({
      title: `${verbTitles[verb]} ${name}?`,
      body: <CostText name={name} verb={verb} cost={cost} />,
      yes: `${verbTitles[verb]} ${nodeLabel(name)}`,
      danger: true,
    }))
  if (yes) await act(nodeAction(name, verb))
}

function CostText({
  name,
  verb,
  cost,
}: {
  readonly name: string
  readonly verb: NodeVerb
  readonly cost: Cost
}) {
  return (
    <>
      <p>{verbMeanings[verb]}</p>
      {verb === 'freeze' && <p>If it lasts until the others notice, it will cost as much as a kill:</p>}
      <ul class="costs">
        {sentences(cost).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {cost.queues.length > 0 && (
        <ul class="costs queues">
          {cost.queues.slice(0, 8).map((queue) => (
            <li key={`${queue.vhost}/${queue.name}`} class={queue.messages > 0 ? 'error' : undefined}>
              <b>{queue.vhost === '/' ? queue.name : `${queue.name} (${queue.vhost})`}</b>: {fate(queue)}
            </li>
          ))}
          {cost.queues.length + cost.more > 8 && (
            <li class="soft">and {count(cost.queues.length + cost.more - 8)} more queues</li>
          )}
        </ul>
      )}
      <h3>The same from a terminal</h3>
      <CommandLines action={nodeAction(name, verb)} />
    </>
  )
}

function sentences({
  connections,
  leaders,
  unavailable,
  messages,
  mirrors,
  left_alone,
  pauses,
}: Cost): string[] {
  const said = [
    connections > 0 && `${counted(connections, 'client connection')} will be lost.`,
    leaders > 0 &&
      `It leads ${counted(leaders, 'queue')}${mirrors > 0 ? ` and mirrors ${count(mirrors)}` : ''}.`,
    leaders === 0 && mirrors > 0 && `It leads no queue and mirrors ${count(mirrors)}.`,
    unavailable > 0 && `${counted(unavailable, 'queue')} will be out of reach until it is back.`,
    left_alone > 0 && `${counted(left_alone, 'queue')} will be left with one copy.`,
    pauses.length > 0 && `${pauses.join(', ')} will pause as well, as the partition handling says.`,
    messages > 0
      ? `${counted(messages, 'message')} will be lost for good.`
      : 'No message will be lost for good.',
  ]
  return said.filter((one): one is string => one !== false)
}

function fate({ outcome, heir, messages }: QueueCost): string {
  const lost = messages === 0 ? '' : `${counted(messages, 'message')} lost`
  switch (outcome) {
    case 'promote':
      return `${nodeLabel(heir ?? '')} will lead${lost === '' ? '' : `; ${lost}, as it is not synchronised`}`
    case 'down':
      return `down until the node is back${lost === '' ? '' : `; ${lost}`}`
    case 'wait':
      return `waits for the node: no mirror may lead${lost === '' ? '' : `; ${lost}`}`
    case 'delete':
      return `gone for good${lost === '' ? '' : `; ${lost}`}`
    case 'paused':
      return 'out of reach while its nodes pause'
    default:
      return lost
  }
}
