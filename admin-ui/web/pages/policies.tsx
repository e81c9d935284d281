// The policies as the chosen node sees them, and the form that sets one. The server judges; its words are shown as they are.

import { useState } from 'preact/hooks'
import { act, succeeded } from '../actions.ts'
import { confirm } from '../components/dialog.tsx'
import { EmptyState } from '../components/empty.tsx'
import { Field } from '../components/field.tsx'
import { useRows } from '../components/rows.ts'
import { type Column, Table } from '../components/table.tsx'
import { ErrorLine, toast } from '../components/toast.tsx'
import { reasonOf, segment } from '../http.ts'
import { api, useLive } from '../live.ts'
import type { PolicyEntry } from '../shapes.ts'

const fresh: PolicyEntry = {
  vhost: '/',
  name: '',
  pattern: '^',
  'apply-to': 'all',
  priority: 0,
  definition: { 'ha-mode': 'all' },
}

const pathOf = ({ vhost, name }: PolicyEntry) => `${api.value}/policies/${segment(vhost)}/${segment(name)}`

export default function PoliciesPage() {
  const { data, error } = useLive<PolicyEntry[]>(`${api.value}/policies`)
  const [edited, edit] = useState(fresh)
  const columns: readonly Column<PolicyEntry>[] = [
    { title: 'Virtual host', key: 'vhost', width: '120px', cell: ({ vhost }) => vhost },
    { title: 'Name', key: 'name', class: 'strong', cell: ({ name }) => name },
    { title: 'Pattern', key: 'pattern', class: 'code', cell: ({ pattern }) => pattern },
    { title: 'Apply to', key: 'apply-to', width: '100px', cell: (row) => row['apply-to'] },
    { title: 'Priority', key: 'priority', width: '80px', right: true, cell: ({ priority }) => priority },
    { title: 'Definition', class: 'code', cell: ({ definition }) => JSON.stringify(definition) },
    {
      title: '',
      width: '150px',
      right: true,
      cell: (row) => (
        <>
          <button type="button" class="small" onClick={() => edit(row)}>
            Edit
          </button>
          <button type="button" class="small danger" onClick={() => remove(row)}>
            Delete
          </button>
        </>
      ),
    },
  ]
  return (
    <>
      <section class="panel" aria-label="Policies">
        <Table
          label="policies"
          columns={columns}
          rows={useRows(data, {}, error)}
          rowKey={({ vhost, name }) => `${vhost}/${name}`}
          empty={
            <EmptyState title="No policy is set">
              <p>Every queue lives on one node only. Set a policy below to mirror queues on several nodes.</p>
            </EmptyState>
          }
        />
      </section>
      <PolicyForm key={`${edited.vhost}/${edited.name}`} policy={edited} />
    </>
  )
}

async function remove(policy: PolicyEntry): Promise<void> {
  const yes = await confirm({
    title: `Delete policy ${policy.name}?`,
    body: 'Mirrors that only this policy keeps are dropped at once.',
    yes: 'Delete',
    danger: true,
  })
  if (yes)
    await act({
      method: 'DELETE',
      path: pathOf(policy),
      ctl: ['clear_policy', '-p', policy.vhost, policy.name],
    })
}

function PolicyForm({ policy }: { readonly policy: PolicyEntry }) {
  const [name, setName] = useState(policy.name)
  const [pattern, setPattern] = useState(policy.pattern)
  const [applyTo, setApplyTo] = useState(policy['apply-to'])
  const [priority, setPriority] = useState(String(policy.priority))
  const [definition, setDefinition] = useState(JSON.stringify(policy.definition))
  const [error, setError] = useState('')
  const submit = async () => {
    let decoded: unknown
    try {
      decoded = JSON.parse(definition)
    } catch (problem) {
      return setError(`The definition is not JSON: ${(problem as Error).message}`)
    }
    const body = { pattern, 'apply-to': applyTo, priority: Number(priority), definition: decoded }
    const ctl = ['set_policy', '-p', policy.vhost, name, pattern, definition]
    ctl.push('--priority', priority, '--apply-to', applyTo)
    const answer = await act({ method: 'PUT', path: pathOf({ ...policy, name }), body, ctl }, { quiet: true })
    setError(answer === null || answer.status < 400 ? '' : reasonOf(answer.body))
    if (succeeded(answer)) toast(`Policy ${name} is set.`, { good: true })
  }
  return (
    <form
      class="panel stack"
      aria-label="Set a policy"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <h2>Set a policy</h2>
      <div class="fields">
        <Field label="Name">
          <input required value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </Field>
        <Field label="Pattern">
          <input class="code" value={pattern} onInput={(event) => setPattern(event.currentTarget.value)} />
        </Field>
        <Field label="Apply to">
          <select value={applyTo} onChange={(event) => setApplyTo(event.currentTarget.value)}>
            <option>all</option>
            <option>queues</option>
            <option>exchanges</option>
          </select>
        </Field>
        <Field label="Priority">
          <input
            type="number"
            step="any"
            value={priority}
            onInput={(event) => setPriority(event.currentTarget.value)}
          />
        </Field>
        <Field label="Definition" wide>
          <textarea
            class="code"
            rows={3}
            spellcheck={false}
            value={definition}
            onInput={(event) => setDefinition(event.currentTarget.value)}
          />
        </Field>
      </div>
      <ErrorLine text={error} />
      <div class="row">
        <button type="submit" class="primary">
          Set policy
        </button>
      </div>
    </form>
  )
}
