// The journey of one message: which queue, which of its last messages, and the diagram of what became of it. The choice is in the
// address, so that it can be shown to somebody else.

import { useEffect, useState } from 'preact/hooks'
import { Copyable } from '../components/copyable.tsx'
import { EmptyState } from '../components/empty.tsx'
import { ErrorLine } from '../components/toast.tsx'
import { clockTime } from '../format.ts'
import { get, LoginNeeded, segment } from '../http.ts'
import { useLive } from '../live.ts'
import { href, replace } from '../router.ts'
import { SequenceDiagram } from './diagram.tsx'
import { diagramOf, type Journey } from './sequence.ts'

interface Recorded {
  readonly number: number
  readonly at: number
  readonly node: string
  readonly queue: string
  readonly vhost: string
  readonly id: number
}

interface Answer {
  readonly next: number
  readonly records: readonly Recorded[]
}

/** How far back, in records of all queues; and how many messages of a queue to choose from. */
const back = 4000
const shown = 40
/** More than any number of a record. */
const end = 999_999_999_999_999

export function JourneyPanel({ query }: { readonly query: URLSearchParams }) {
  const [latest, error, look] = useLatest()
  const [vhost, queue, id] = [query.get('vhost') ?? '/', query.get('queue') ?? '', query.get('id') ?? '']
  if (error.startsWith('Messages are not traced'))
    return (
      <EmptyState title="Messages are not traced">
        <p>
          Recording each step of each message costs some speed, so it is off unless it is asked for. Start
          Warren with it to see a message's journey:
        </p>
        <Copyable text="warren start --trace messages" />
      </EmptyState>
    )
  if (error !== '') return <ErrorLine text={error} />
  if (latest === null) return <p class="soft">loading …</p>
  if (latest.length === 0)
    return (
      <EmptyState title="No message has been published lately">
        <p>Publish one to any queue, then look again.</p>
        <button type="button" onClick={look}>
          Look again
        </button>
      </EmptyState>
    )
  const queues = [...new Set(latest.map((one) => `${segment(one.vhost)}/${segment(one.queue)}`))].sort()
  const key = `${segment(vhost)}/${segment(queue)}`
  const here = latest
    .filter((one) => one.vhost === vhost && one.queue === queue)
    .slice(-shown)
    .reverse()
  const choose = (pair: string) => {
    const [to = '', name = ''] = pair.split('/').map(decodeURIComponent)
    replace('timeline', [], { vhost: to, queue: name })
  }
  return (
    <div class="stack">
      <div class="row">
        <label class="inline-label">
          Queue
          <select
            aria-label="Queue"
            value={queue === '' ? '' : key}
            onChange={(event) => choose(event.currentTarget.value)}
          >
            <option value="">choose …</option>
            {queue !== '' && !queues.includes(key) && <option value={key}>{queue}</option>}
            {queues.map((pair) => (
              <option key={pair} value={pair}>
                {pair.split('/').map(decodeURIComponent)[1]}
              </option>
            ))}
          </select>
        </label>
        {queue !== '' && (
          <label class="inline-label">
            Message
            <select
              aria-label="Message"
              value={id}
              onChange={(event) => replace('timeline', [], { vhost, queue, id: event.currentTarget.value })}
            >
              <option value="">choose …</option>
              {id !== '' && !here.some((one) => String(one.id) === id) && <option value={id}>{id}</option>}
              {here.map((one) => (
                <option key={one.number} value={String(one.id)}>
                  {one.id}, published {clockTime(one.at)}
                </option>
              ))}
            </select>
          </label>
        )}
        <button type="button" onClick={look}>
          Latest messages
        </button>
      </div>
      {queue !== '' && id !== '' ? (
        <OneJourney vhost={vhost} queue={queue} id={id} />
      ) : (
        <p class="soft">
          Choose a queue and one of its last messages: its way through the cluster is drawn step by step.
          Queues of these messages can also be opened from the <a href={href('queues')}>Queues</a> page.
        </p>
      )}
    </div>
  )
}

function OneJourney({
  vhost,
  queue,
  id,
}: {
  readonly vhost: string
  readonly queue: string
  readonly id: string
}) {
  const { data, error } = useLive<Journey>(
    `/warren/messages/${segment(vhost)}/${segment(queue)}/${segment(id)}`,
  )
  if (data === undefined) return error === '' ? <p class="soft">loading …</p> : <ErrorLine text={error} />
  return (
    <>
      <SequenceDiagram diagram={diagramOf(data)} label={`Journey of message ${id} of ${queue}`} />
      <p class="hint">
        Solid: recorded at the queue's leader. Dashed: follows from where the leader and its mirrors are now.
        Times are counted from the publish.
      </p>
    </>
  )
}

/** The last published messages; a reason when there are none to be had; and how to look again. */
function useLatest(): [readonly Recorded[] | null, string, () => void] {
  const [latest, setLatest] = useState<readonly Recorded[] | null>(null)
  const [error, setError] = useState('')
  const [looks, setLooks] = useState(0)
  useEffect(() => {
    const abort = new AbortController()
    const look = async () => {
      const { next } = await get<Answer>(`/warren/messages?since=${end}`, abort.signal)
      const since = Math.max(0, next - back)
      const { records } = await get<Answer>(`/warren/messages?step=published&since=${since}`, abort.signal)
      setLatest(records)
      setError('')
    }
    look().catch((problem: Error) => {
      if (!abort.signal.aborted && !(problem instanceof LoginNeeded)) setError(problem.message)
    })
    return () => abort.abort()
  }, [looks])
  return [latest, error, () => setLooks(looks + 1)]
}
