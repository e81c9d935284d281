// The editor of one policy: as a form or as a text, and beside it what the draft would do. Nothing is set before the button is
// pressed; then it is one step, with an undo.

import { useState } from 'preact/hooks'
import { EmptyState } from '../components/empty.tsx'
import { ErrorLine } from '../components/toast.tsx'
import { reasonOf, segment } from '../http.ts'
import { api, useLive } from '../live.ts'
import { go, href } from '../router.ts'
import { useCheck } from './check.ts'
import { Outcome } from './outcome.tsx'
import { PolicyForm } from './policy-form.tsx'
import { Presets } from './presets.tsx'
import type { Draft, PolicyEntry } from './shapes.ts'
import { TextPane } from './text-pane.tsx'
import { applyDraft } from './undo.ts'
import { policyYaml } from './yaml.ts'

/** A new policy; the address may say what it begins with. */
export function NewPolicy({ query }: { readonly query: URLSearchParams }) {
  const operator = query.get('operator') === 'true'
  const given: PolicyEntry = {
    vhost: query.get('vhost') ?? '/',
    name: query.get('name') ?? '',
    pattern: query.get('pattern') ?? (operator ? '.*' : '^'),
    'apply-to': query.get('apply-to') ?? (operator ? 'queues' : 'all'),
    priority: Number(query.get('priority') ?? 0),
    definition:
      definitionIn(query.get('definition')) ?? (operator ? { 'max-length': 100_000 } : { 'ha-mode': 'all' }),
    ...(operator && { operator }),
  }
  return <PolicyEditor policy={given} known={null} preset={query.get('preset')} />
}

function definitionIn(text: string | null): PolicyEntry['definition'] | null {
  try {
    return text === null ? null : (JSON.parse(text) as PolicyEntry['definition'])
  } catch {
    return null
  }
}

interface EditPolicyProps {
  readonly vhost: string
  readonly name: string
  readonly operator: boolean
}

export function EditPolicy({ vhost, name, operator }: EditPolicyProps) {
  const kind = operator ? 'operator-policies' : 'policies'
  const { data, error } = useLive<PolicyEntry>(`${api.value}/${kind}/${segment(vhost)}/${segment(name)}`)
  const [first, setFirst] = useState<PolicyEntry | null>(null)
  if (first === null && data !== undefined) setFirst(operator ? { ...data, operator } : data)
  if (first === null)
    return error === '' ? null : (
      <section class="panel">
        <EmptyState
          title={`There is no ${operator ? 'operator policy' : 'policy'} '${name}' in virtual host '${vhost}'`}
        >
          <p>
            It may have been cleared. <a href={href('policies')}>See all policies</a>
          </p>
        </EmptyState>
      </section>
    )
  return <PolicyEditor policy={first} known={{ vhost, name, operator }} preset={null} />
}

interface PolicyEditorProps {
  readonly policy: PolicyEntry
  /** The policy that is there and is changed; null for a new one. */
  readonly known: { readonly vhost: string; readonly name: string; readonly operator: boolean } | null
  readonly preset: string | null
}

function PolicyEditor({ policy: first, known, preset }: PolicyEditorProps) {
  const [policy, setPolicy] = useState(first)
  /** Null while the form is shown. */
  const [text, setText] = useState<string | null>(null)
  const [edition, setEdition] = useState(0)
  const begin = (given: string) => {
    setText(given)
    setEdition(edition + 1)
  }
  const [refusal, setRefusal] = useState('')
  const renamed = known !== null && (policy.name !== known.name || policy.vhost !== known.vhost)
  const draft: Draft =
    text === null ? { policy, ...(renamed && { clear: [known] }) } : { text, replace: false }
  const checked = useCheck(draft)
  const faults = checked.check?.faults ?? []
  const kind = policy.operator ? 'operator policy' : 'policy'
  const only = text !== null && checked.check?.policies.length === 1 ? checked.check.policies[0] : undefined
  const apply = async () => {
    const { name } = only ?? policy
    const several = text !== null && only === undefined
    const answer = await applyDraft({
      draft,
      text: several
        ? 'Policies of the text are set'
        : `${policy.operator ? 'Operator policy' : 'Policy'} ${name} is set`,
      ...(text === null && !renamed && { ctl: ctlOf(policy) }),
    })
    if (answer === null) return
    if (answer.status >= 400) return setRefusal(reasonOf(answer.body))
    go('policies')
  }
  const toForm = () => {
    if (only !== undefined) setPolicy({ ...only, vhost: only.vhost ?? '/' })
    setText(null)
  }
  return (
    <>
      <div class="head">
        <h2 class="page-title">
          <a href={href('policies')}>Policies</a> / {known === null ? `New ${kind}` : known.name}
        </h2>
        <div class="row">
          {known === null && <Presets operator={policy.operator === true} chosen={preset} onPreset={begin} />}
          <fieldset class="switch" aria-label="Edit as">
            <button
              type="button"
              aria-pressed={text === null}
              disabled={text !== null && only === undefined}
              title={text !== null && only === undefined ? 'The form holds one valid policy.' : undefined}
              onClick={toForm}
            >
              Form
            </button>
            <button
              type="button"
              aria-pressed={text !== null}
              onClick={() => text === null && setText(policyYaml(policy))}
            >
              Text
            </button>
          </fieldset>
        </div>
      </div>
      <div class="editor">
        <section class="panel stack" aria-label="The policy">
          {text === null ? (
            <PolicyForm policy={policy} faults={faults} onPolicy={setPolicy} />
          ) : (
            <TextPane label="Policy as text" text={text} edition={edition} faults={faults} onText={setText} />
          )}
          <ErrorLine text={refusal} />
          <div class="row end">
            <a class="button" href={href('policies')}>
              Cancel
            </a>
            <button
              type="button"
              class="primary"
              disabled={
                checked.pending || checked.error !== '' || faults.length > 0 || checked.check === undefined
              }
              onClick={apply}
            >
              Set {kind}
            </button>
          </div>
        </section>
        <section class="panel" aria-label="What it would do">
          <h2>What it would do</h2>
          <Outcome {...checked} />
        </section>
      </div>
    </>
  )
}

function ctlOf(policy: PolicyEntry): string[] {
  const { operator = false, vhost, name, pattern, priority, definition } = policy
  return [
    operator ? 'set_operator_policy' : 'set_policy',
    ...['-p', vhost, '--priority', String(priority), '--apply-to', policy['apply-to']],
    ...[name, pattern, JSON.stringify(definition)],
  ]
}
