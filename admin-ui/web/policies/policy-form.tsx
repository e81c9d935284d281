// One policy as a form, in RabbitMQ's words. It holds nothing: the editor gives it the draft and is told of each change.

import { Field } from '../components/field.tsx'
import { useVhosts } from '../objects/vhosts.tsx'
import { DefinitionForm } from './definition-form.tsx'
import type { Fault, PolicyEntry } from './shapes.ts'

export interface PolicyFormProps {
  readonly policy: PolicyEntry
  readonly faults: readonly Fault[]
  onPolicy(policy: PolicyEntry): void
}

export function PolicyForm({ policy, faults, onPolicy }: PolicyFormProps) {
  const vhosts = useVhosts()
  const change = (part: Partial<PolicyEntry>) => onPolicy({ ...policy, ...part })
  const errorOf = (field: string) => faults.find((fault) => fault.field === field)?.text ?? ''
  return (
    <div class="stack">
      <div class="fields">
        <Field label="Virtual host" error={errorOf('vhost')}>
          <select value={policy.vhost} onChange={(event) => change({ vhost: event.currentTarget.value })}>
            {[...new Set([policy.vhost, ...vhosts])].map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </Field>
        <Field label="Name" error={errorOf('name')}>
          <input value={policy.name} onInput={(event) => change({ name: event.currentTarget.value })} />
        </Field>
        <Field
          label="Pattern"
          error={errorOf('pattern')}
          hint="A regular expression; ^ is the beginning, $ the end."
        >
          <input
            class="code"
            spellcheck={false}
            value={policy.pattern}
            onInput={(event) => change({ pattern: event.currentTarget.value })}
          />
        </Field>
        <Field label="Apply to" error={errorOf('apply-to')}>
          <select
            value={policy['apply-to']}
            onChange={(event) => change({ 'apply-to': event.currentTarget.value })}
          >
            <option value="all">Exchanges and queues</option>
            <option value="exchanges">Exchanges</option>
            <option value="queues">Queues</option>
          </select>
        </Field>
        <Field
          label="Priority"
          error={errorOf('priority')}
          hint="Of the policies that match, the highest is in force, and it alone."
        >
          <input
            type="number"
            step="any"
            value={policy.priority}
            onInput={({ currentTarget: { value } }) => change({ priority: value === '' ? 0 : Number(value) })}
          />
        </Field>
      </div>
      <DefinitionForm
        definition={policy.definition}
        operator={policy.operator === true}
        faults={faults.filter(({ field }) => field === 'definition')}
        onDefinition={(definition) => change({ definition })}
      />
    </div>
  )
}
