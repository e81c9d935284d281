// The policies as the chosen node sees them, and the form that sets one. The server judges; its words are shown as they
// are.

import { act } from './commands.ts'
import { button, byId, setText } from './dom.ts'
import { type Answer, curlLine, reasonOf, segment } from './http.ts'
import type { PolicyEntry } from './shapes.ts'
import { Table } from './table.ts'

const presets: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['mirror everywhere', { 'ha-mode': 'all', 'ha-sync-mode': 'automatic' }],
  ['two copies', { 'ha-mode': 'exactly', 'ha-params': 2, 'ha-sync-mode': 'automatic' }],
  ['named nodes', { 'ha-mode': 'nodes', 'ha-params': ['rabbit@node1', 'rabbit@node2'] }],
  ['only synchronised mirrors may lead', { 'ha-mode': 'all', 'ha-promote-on-failure': 'when-synced' }],
  ['length limit', { 'max-length': 1000, overflow: 'reject-publish' }],
]

let table: Table<PolicyEntry>
let api = '/api'

const field = (name: string) => byId<HTMLInputElement>(`policy-${name}`)
const pathOf = (vhost: string, name: string) => `${api}/policies/${segment(vhost)}/${segment(name)}`
/** On one line, with a blank after colons and commas. */
const spaced = (value: unknown) =>
  JSON.stringify(value, null, 1)
    .replace(/\n\s*(?=[}\]])|(?<=[{[])\n\s*/g, '')
    .replace(/\n\s*/g, ' ')

export function startPolicies(): void {
  table = new Table<PolicyEntry>(
    byId<HTMLTableElement>('policies'),
    [
      {
        title: 'Policy',
        className: 'strong',
        text: ({ vhost, name }) => (vhost === '/' ? name : `${name} (${vhost})`),
      },
      { title: 'Pattern', className: 'code', text: ({ pattern }) => pattern },
      { title: 'Applies to', text: (policy) => policy['apply-to'] },
      { title: 'Priority', className: 'number', text: ({ priority }) => String(priority) },
      { title: 'Definition', className: 'code', text: ({ definition }) => spaced(definition) },
      { title: '', className: 'buttons', fill: buttons },
    ],
    // A changed policy gets a new row, so that its Edit button fills the form with what is shown.
    (policy) => JSON.stringify(policy),
  )
  byId('policy-form').addEventListener('submit', (event) => {
    event.preventDefault()
    void submit()
  })
  for (const [title, definition] of presets)
    byId('presets').append(
      button(title, 'small', () => {
        field('definition').value = spaced(definition)
      }),
    )
}

export function showPolicies(prefix: string, policies: readonly PolicyEntry[] | null): void {
  api = prefix
  byId('no-policies').hidden = policies === null || policies.length > 0
  table.show(policies ?? [])
}

function buttons(cell: HTMLElement, policy: PolicyEntry): void {
  if (cell.firstChild !== null) return
  const remove = button('Delete', 'small danger', () => act('DELETE', pathOf(policy.vhost, policy.name)))
  remove.title = curlLine('DELETE', pathOf(policy.vhost, policy.name))
  cell.append(
    button('Edit', 'small', () => edit(policy)),
    remove,
  )
}

function edit(policy: PolicyEntry): void {
  field('name').value = policy.name
  field('pattern').value = policy.pattern
  field('apply').value = policy['apply-to']
  field('priority').value = String(policy.priority)
  field('definition').value = spaced(policy.definition)
  tell('', '')
  field('definition').focus()
}

function tell(text: string, className: string): void {
  const result = byId('policy-result')
  result.className = className
  setText(result, text)
}

/** The server's words, without the empty line in their midst. */
const refusal = ({ status, body }: Answer) =>
  reasonOf(body).replace(/\n+/g, '\n') || `The server refuses with status ${status}.`

async function submit(): Promise<void> {
  let definition: unknown
  try {
    definition = JSON.parse(field('definition').value)
  } catch (error) {
    return tell(`The definition is not JSON: ${(error as Error).message}`, 'error')
  }
  const name = field('name').value
  const answer = await act('PUT', pathOf('/', name), {
    pattern: field('pattern').value,
    'apply-to': field('apply').value,
    priority: Number(field('priority').value),
    definition,
  })
  if (answer === null) return tell('', '')
  if (answer.status >= 400) return tell(refusal(answer), 'error')
  tell(answer.status === 201 ? `Policy ${name} is set.` : `Policy ${name} is changed.`, 'good-text')
}
