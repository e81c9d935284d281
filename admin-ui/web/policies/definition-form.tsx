// A policy's definition as a form: one row for each key, with the input that suits its values and its help. The table of keys says
// what there is; whether a value will do is the server's to say.

import { type PolicyKey, policyKey, policyKeys } from '../../../policies/keys.ts'
import { nodes } from '../live.ts'
import { valueText } from './policy-text.ts'
import type { Definition, Fault } from './shapes.ts'

export interface DefinitionFormProps {
  readonly definition: Definition
  readonly operator: boolean
  readonly faults: readonly Fault[]
  onDefinition(definition: Definition): void
}

const groups: readonly (readonly [title: string, of: (row: PolicyKey) => boolean])[] = [
  ['High availability', ({ key }) => key.startsWith('ha-')],
  ['Limits', ({ key, operator }) => operator || key === 'overflow'],
  ['Dead letters', ({ key }) => key.startsWith('dead-letter')],
  ['Exchanges', ({ appliesTo }) => appliesTo === 'exchanges'],
  ['Other', () => true],
]

const groupOf = (row: PolicyKey) => groups.find(([, of]) => of(row))![0]

export function DefinitionForm({ definition, operator, faults, onDefinition }: DefinitionFormProps) {
  const set = (key: string, value: unknown) =>
    onDefinition(key === 'ha-mode' ? withMode(definition, value) : { ...definition, [key]: value })
  const without = (key: string) => {
    const { [key]: _gone, ...rest } = definition
    onDefinition(rest)
  }
  const free = policyKeys.filter((row) => !(row.key in definition) && (!operator || row.operator))
  const whole = faults.filter(({ key }) => key === null || !(key in definition))
  return (
    <fieldset class="stack definition">
      <legend>Definition</legend>
      {Object.entries(definition).map(([key, value]) => {
        const row = policyKey(key)
        const fault = faults.find((one) => one.key === key)
        const id = `definition-${key}`
        return (
          <div key={key} class="definition-row">
            <label for={id}>{key}</label>
            <ValueInput
              id={id}
              row={row}
              value={value}
              definition={definition}
              onValue={(to) => set(key, to)}
            />
            <button type="button" class="small" aria-label={`Remove ${key}`} onClick={() => without(key)}>
              Remove
            </button>
            <p class={fault === undefined ? 'hint' : 'error'}>
              {fault?.text ?? row?.help ?? 'RabbitMQ 3.10 does not know this key.'}
            </p>
          </div>
        )
      })}
      <label class="inline-label">
        Add key
        <select
          value=""
          onChange={({ currentTarget }) => {
            const row = policyKey(currentTarget.value)
            currentTarget.value = ''
            if (row !== undefined) set(row.key, usualValue(row, definition))
          }}
        >
          <option value="">choose …</option>
          {groups.map(([title]) => {
            const rows = free.filter((row) => groupOf(row) === title)
            return rows.length === 0 ? null : (
              <optgroup key={title} label={title}>
                {rows.map((row) => (
                  <option key={row.key} value={row.key}>
                    {row.key} ({valueText(row)})
                  </option>
                ))}
              </optgroup>
            )
          })}
        </select>
      </label>
      {whole.map(({ text }) => (
        <p key={text} class="error" role="alert">
          {text}
        </p>
      ))}
    </fieldset>
  )
}

/** Another mode takes other parameters, or none: those of the mode before would be wrong. */
function withMode(definition: Definition, mode: unknown): Definition {
  const entries = Object.entries({ ...definition, 'ha-mode': mode }).filter(([key]) => key !== 'ha-params')
  if (mode === 'all') return Object.fromEntries(entries)
  const at = entries.findIndex(([key]) => key === 'ha-mode') + 1
  entries.splice(at, 0, ['ha-params', mode === 'exactly' ? 2 : runningNodes()])
  return Object.fromEntries(entries)
}

/** What a key begins with: something that would be accepted, where there is an obvious one. */
function usualValue({ value, key }: PolicyKey, definition: Definition): unknown {
  switch (value.type) {
    case 'choice':
      return key === 'ha-sync-mode' ? 'automatic' : value.of[0]
    case 'integer':
      return Math.max(value.least, key === 'message-ttl' || key === 'expires' ? 60_000 : 1000)
    case 'copies':
      return definition['ha-mode'] === 'nodes' ? runningNodes() : 2
    case 'text':
      return ''
  }
}

const runningNodes = () =>
  (nodes.value ?? []).filter(({ state }) => state === 'running').map(({ name }) => name)

interface ValueInputProps {
  readonly id: string
  /** Undefined for a key that is not known. */
  readonly row: PolicyKey | undefined
  readonly value: unknown
  readonly definition: Definition
  onValue(value: unknown): void
}

function ValueInput({ id, row, value, definition, onValue }: ValueInputProps) {
  if (row?.value.type === 'choice') {
    const { of } = row.value
    return (
      <select
        id={id}
        value={String(value)}
        onChange={(event) => onValue(of[event.currentTarget.selectedIndex])}
      >
        {of.map((one) => (
          <option key={one}>{one}</option>
        ))}
        {!of.some((one) => one === value) && <option>{String(value)}</option>}
      </select>
    )
  }
  if (row?.value.type === 'copies' && definition['ha-mode'] === 'nodes')
    return <NodesInput id={id} value={value} onValue={onValue} />
  if (row?.value.type === 'text')
    return (
      <input
        id={id}
        value={typeof value === 'string' ? value : JSON.stringify(value)}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
    )
  return (
    <input
      id={id}
      class="code"
      value={typeof value === 'string' ? value : JSON.stringify(value)}
      onInput={(event) => onValue(numberOrText(event.currentTarget.value))}
    />
  )
}

/** What is no number goes out as it is, for the server to judge. */
const numberOrText = (text: string): unknown => (/^-?\d{1,15}$/.test(text.trim()) ? Number(text) : text)

interface NodesInputProps {
  readonly id: string
  readonly value: unknown
  onValue(value: readonly string[]): void
}

/** The nodes there are, and those that the policy names although they are not there. */
function NodesInput({ id, value, onValue }: NodesInputProps) {
  const chosen: readonly string[] = Array.isArray(value) ? value.map(String) : []
  const known = (nodes.value ?? []).map(({ name }) => name)
  const all = [...known, ...chosen.filter((name) => !known.includes(name))]
  return (
    <fieldset id={id} class="row" aria-label="Nodes">
      {all.map((name) => (
        <label key={name} class="inline-label">
          <input
            type="checkbox"
            checked={chosen.includes(name)}
            onChange={(event) =>
              onValue(event.currentTarget.checked ? [...chosen, name] : chosen.filter((one) => one !== name))
            }
          />
          {name}
        </label>
      ))}
    </fieldset>
  )
}
