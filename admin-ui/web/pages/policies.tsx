// Policies: user and operator policies with what lint says of them, and by address the editor: of a new policy, of one that is
// there, or of all of them as a text.

import type { ComponentChildren } from 'preact'
import { confirm } from '../components/dialog.tsx'
import { EmptyState } from '../components/empty.tsx'
import { FileButton } from '../components/file-button.tsx'
import { useRows } from '../components/rows.ts'
import { type Column, Table } from '../components/table.tsx'
import { toast } from '../components/toast.tsx'
import { download } from '../download.ts'
import { counted } from '../format.ts'
import { reasonOf, request } from '../http.ts'
import { api, useLive } from '../live.ts'
import { controlPath } from '../objects/control-path.ts'
import type { PageProps } from '../pages.ts'
import { EditPolicy, NewPolicy } from '../policies/editor.tsx'
import { fileDraft, PolicyFileEditor } from '../policies/file-editor.tsx'
import { Findings } from '../policies/findings.tsx'
import type { Check, Finding, PolicyEntry } from '../policies/shapes.ts'
import { applyDraft, undoable, undoNewest } from '../policies/undo.ts'
import { go, href } from '../router.ts'
import '../objects/objects.css'
import '../policies/policies.css'

export default function Policies({ parts, query }: PageProps) {
  const [first, name] = parts
  if (first === 'new' && name === undefined) return <NewPolicy key={query.toString()} query={query} />
  if (first === 'file' && name === undefined) return <PolicyFileEditor />
  if (first !== undefined && name !== undefined) {
    const operator = query.get('operator') === 'true'
    return <EditPolicy key={`${first}/${name}/${operator}`} vhost={first} name={name} operator={operator} />
  }
  return <PolicyLists />
}

function PolicyLists() {
  const own = useLive<PolicyEntry[]>(`${api.value}/policies`)
  const operators = useLive<PolicyEntry[]>(`${api.value}/operator-policies`)
  const findings = useLive<Finding[]>(controlPath('policies/lint')).data
  return (
    <>
      <UndoBar />
      <section class="panel" aria-label="User policies">
        <div class="head">
          <h2>User policies</h2>
          <div class="row">
            <FileButton
              label="Import …"
              accept=".yaml,.yml,.json"
              onText={(text) => {
                fileDraft.value = { text, replace: false }
                go('policies', ['file'])
              }}
            />
            <button type="button" onClick={() => download(controlPath('policies/file'), 'policies.yaml')}>
              Export YAML
            </button>
            <button
              type="button"
              onClick={() => {
                fileDraft.value = null
                go('policies', ['file'])
              }}
            >
              Edit all as text
            </button>
            <a class="button primary" href={href('policies', ['new'])}>
              Add a policy
            </a>
          </div>
        </div>
        <PolicyTable
          policies={own.data}
          error={own.error}
          empty={
            <EmptyState title="No policies are set">
              <p>
                Without a policy every queue lives on one node only. A policy with <code>ha-mode</code>{' '}
                mirrors queues on several nodes; others limit length and age.
              </p>
              <p>
                <a href={href('policies', ['new'], { preset: 'ha-all' })}>Start with ha-all</a>: every queue
                on every node. You see what it would do before it is set.
              </p>
            </EmptyState>
          }
        />
      </section>
      <section class="panel" aria-label="Operator policies">
        <div class="head">
          <h2>Operator policies</h2>
          <a class="button" href={href('policies', ['new'], { operator: 'true' })}>
            Add an operator policy
          </a>
        </div>
        <PolicyTable
          policies={operators.data?.map((policy) => ({ ...policy, operator: true }))}
          error={operators.error}
          empty={<p class="soft">No operator policies. They set limits that applications cannot exceed.</p>}
        />
      </section>
      <section class="panel" aria-label="What lint says">
        {findings === undefined ? <h3>Lint</h3> : <Findings findings={findings} />}
      </section>
    </>
  )
}

export function UndoBar() {
  const [newest] = undoable.value
  if (newest === undefined) return null
  return (
    <div class="row undo-bar">
      <span>{newest.text}.</span>
      <button type="button" onClick={undoNewest}>
        Undo
      </button>
      {undoable.value.length > 1 && (
        <span class="soft">{counted(undoable.value.length, 'change')} can be undone.</span>
      )}
    </div>
  )
}

interface PolicyTableProps {
  readonly policies: readonly PolicyEntry[] | undefined
  readonly error: string
  readonly empty: ComponentChildren
}

const addressOf = ({ vhost, name, operator }: PolicyEntry) =>
  href('policies', [vhost, name], { operator: operator ? 'true' : undefined })

function PolicyTable({ policies, error, empty }: PolicyTableProps) {
  const manyVhosts = new Set(policies?.map(({ vhost }) => vhost)).size > 1
  const columns: readonly Column<PolicyEntry>[] = [
    ...(manyVhosts
      ? [{ title: 'Virtual host', key: 'vhost', width: '120px', cell: ({ vhost }: PolicyEntry) => vhost }]
      : []),
    {
      title: 'Name',
      key: 'name',
      width: '20%',
      cell: (policy) => <a href={addressOf(policy)}>{policy.name}</a>,
      hover: ({ name }) => name,
    },
    {
      title: 'Pattern',
      key: 'pattern',
      class: 'code',
      cell: ({ pattern }) => pattern,
      hover: ({ pattern }) => pattern,
    },
    { title: 'Apply to', key: 'apply-to', width: '100px', cell: (policy) => policy['apply-to'] },
    {
      title: 'Definition',
      class: 'code',
      width: '34%',
      cell: ({ definition }) => definitionText(definition),
      hover: ({ definition }) => definitionText(definition),
    },
    { title: 'Priority', key: 'priority', width: '80px', right: true, cell: ({ priority }) => priority },
    {
      title: 'Actions',
      width: '80px',
      cell: (policy) => (
        <button
          type="button"
          class="small danger"
          aria-label={`Clear ${policy.name}`}
          onClick={() => clear(policy)}
        >
          Clear
        </button>
      ),
    },
  ]
  return (
    <Table
      label="policies"
      minWidth="820px"
      columns={columns}
      rows={useRows(policies, {}, error)}
      rowKey={({ vhost, name }) => `${vhost}/${name}`}
      filter={policies !== undefined && policies.length > 8 ? 'Filter by name' : null}
      empty={empty}
    />
  )
}

const definitionText = (definition: PolicyEntry['definition']) =>
  Object.entries(definition)
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')

/** Asks once, and says what it costs. */
async function clear({ vhost, name, operator = false }: PolicyEntry): Promise<void> {
  const draft = { clear: [{ vhost, name, operator }] }
  const kind = operator ? 'operator policy' : 'policy'
  const answer = await request('POST', controlPath('policies/check'), draft).catch(() => null)
  if (answer === null) return toast('The server does not answer.')
  if (answer.status >= 400) return toast(reasonOf(answer.body))
  const yes = await confirm({
    title: `Clear ${kind} ${name}?`,
    body: costOf(answer.body as Check),
    yes: `Clear ${kind}`,
    danger: true,
  })
  if (!yes) return
  const ctl = [operator ? 'clear_operator_policy' : 'clear_policy', '-p', vhost, name]
  const done = await applyDraft({
    draft,
    text: `${operator ? 'Operator policy' : 'Policy'} ${name} is cleared`,
    ctl,
  })
  if (done !== null && done.status >= 400) toast(reasonOf(done.body))
}

function costOf({ preview }: Check): string {
  const { queues, exchanges, mirrorsStopped, leaderMoves, messagesDropped } = preview!.totals
  if (queues + exchanges === 0) return 'No queue or exchange follows it now.'
  const parts = [
    ...(mirrorsStopped === 0 ? [] : [`${counted(mirrorsStopped, 'mirror')} stop`]),
    ...(leaderMoves === 0 ? [] : [`${counted(leaderMoves, 'leader')} move`]),
    ...(messagesDropped === 0 ? [] : [`${counted(messagesDropped, 'message')} are dropped`]),
  ]
  const more = parts.length === 0 ? '' : ` ${parts.join(', ')}.`
  return `${counted(queues, 'queue')} and ${counted(exchanges, 'exchange')} follow another policy then, or none.${more}`
}
