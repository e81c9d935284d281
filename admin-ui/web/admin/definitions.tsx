// Definitions in and out: RabbitMQ's definitions.json of the whole cluster or of one virtual host, kept as a file and taken in again.

import { useState } from 'preact/hooks'
import { act, succeeded } from '../actions.ts'
import { FileButton } from '../components/file-button.tsx'
import { Section } from '../components/section.tsx'
import { ErrorLine } from '../components/toast.tsx'
import { download } from '../download.ts'
import { count } from '../format.ts'
import { reasonOf, segment } from '../http.ts'
import { api } from '../live.ts'
import { useVhosts } from '../objects/vhosts.tsx'

/** What such a file may hold, and what it is called. */
const kinds = [
  'users',
  'vhosts',
  'permissions',
  'policies',
  'queues',
  'exchanges',
  'bindings',
  'parameters',
] as const

export function Definitions() {
  const vhosts = useVhosts()
  const [vhost, setVhost] = useState('')
  const path = `${api.value}/definitions${vhost === '' ? '' : `/${segment(vhost)}`}`
  return (
    <>
      <Section title="Export definitions">
        <p class="soft">
          Users, virtual hosts, permissions, policies, queues, exchanges and bindings; no messages. A RabbitMQ
          takes the file in as it is.
        </p>
        <div class="row">
          <VhostChoice vhosts={vhosts} vhost={vhost} onVhost={setVhost} />
          <button
            type="button"
            class="primary"
            onClick={() =>
              download(
                path,
                vhost === '' ? 'definitions.json' : `definitions-${vhost.replace(/\W/g, '_')}.json`,
              )
            }
          >
            Download definitions
          </button>
        </div>
      </Section>
      <Import path={path} vhost={vhost} />
    </>
  )
}

interface VhostChoiceProps {
  readonly vhosts: readonly string[]
  readonly vhost: string
  onVhost(vhost: string): void
}

const VhostChoice = ({ vhosts, vhost, onVhost }: VhostChoiceProps) => (
  <label class="inline-label">
    Virtual host
    <select value={vhost} onChange={(event) => onVhost(event.currentTarget.value)}>
      <option value="">All</option>
      {vhosts.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  </label>
)

interface Chosen {
  readonly fileName: string
  readonly body: unknown
}

function Import({ path, vhost }: { readonly path: string; readonly vhost: string }) {
  const [chosen, choose] = useState<Chosen | null>(null)
  const [refusal, setRefusal] = useState('')
  const [done, setDone] = useState('')
  const read = (text: string, fileName: string) => {
    setDone('')
    setRefusal('')
    try {
      choose({ fileName, body: JSON.parse(text) })
    } catch (error) {
      choose(null)
      setRefusal(`${fileName} is not JSON: ${(error as Error).message}`)
    }
  }
  const take = async () => {
    const answer = await act({ method: 'POST', path, body: chosen!.body }, { quiet: true })
    if (answer === null) return
    if (!succeeded(answer)) return setRefusal(reasonOf((answer as { readonly body: unknown }).body))
    setRefusal('')
    setDone(`The definitions of ${chosen!.fileName} are in the cluster now.`)
    choose(null)
  }
  return (
    <Section title="Import definitions">
      <p class="soft">
        What the file names is added or replaced{vhost !== '' && ` in virtual host ${vhost}`}; nothing else is
        removed. With one fault in it nothing is changed.
      </p>
      <div class="row">
        <FileButton label="Choose a file …" accept=".json" onText={read} />
        {chosen !== null && (
          <button type="button" class="primary" onClick={take}>
            Import {chosen.fileName}
          </button>
        )}
      </div>
      {chosen !== null && <Contents body={chosen.body} />}
      <ErrorLine text={refusal} />
      {done !== '' && (
        <p class="good-text" role="status">
          {done}
        </p>
      )}
    </Section>
  )
}

function Contents({ body }: { readonly body: unknown }) {
  const lists = (typeof body === 'object' && body !== null ? body : {}) as Readonly<Record<string, unknown>>
  const found = kinds.flatMap((kind) => {
    const list = lists[kind]
    return Array.isArray(list) ? [`${count(list.length)} ${kind}`] : []
  })
  return (
    <p>{found.length === 0 ? 'The file holds no definitions.' : `The file holds ${found.join(', ')}.`}</p>
  )
}
