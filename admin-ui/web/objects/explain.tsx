// Why a queue or an exchange has the policy that it has: which one is in force, where each key comes from, and what was decided
// about every other policy.

import { Section } from '../components/section.tsx'
import { ErrorLine } from '../components/toast.tsx'
import { useLive } from '../live.ts'
import { href } from '../router.ts'
import { controlPath } from './control-path.ts'

interface Contender {
  readonly source: 'argument' | 'policy' | 'operator policy'
  readonly name: string
  readonly value: unknown
}

interface Explanation {
  readonly policy: string | null
  readonly operatorPolicy: string | null
  readonly policies: readonly Considered[]
  readonly operatorPolicies: readonly Considered[]
  readonly effective: readonly (Contender & {
    readonly key: string
    readonly over: readonly Contender[]
    readonly why: string | null
    readonly withoutEffect: string | null
  })[]
  readonly notes: readonly string[]
}

interface Considered {
  readonly name: string
  readonly verdict: 'won' | 'lost' | 'tied' | 'pattern' | 'apply-to' | 'keys'
  readonly text: string
}

interface ExplainProps {
  readonly kind: 'queue' | 'exchange'
  readonly vhost: string
  readonly name: string
}

export function Explain({ kind, vhost, name }: ExplainProps) {
  const path = kind === 'exchange' && name === '' ? 'amq.default' : name
  const { data, error } = useLive<Explanation>(controlPath('policies/explain', vhost, kind, path))
  return (
    <Section title="Policy in force">
      <ErrorLine text={error} />
      {data !== undefined && <Told explanation={data} kind={kind} vhost={vhost} name={name} />}
    </Section>
  )
}

function Told({ explanation, kind, vhost, name }: ExplainProps & { readonly explanation: Explanation }) {
  const { policy, operatorPolicy, effective, policies, operatorPolicies, notes } = explanation
  return (
    <>
      <p>
        This {kind} follows {policy === null ? 'no policy' : <PolicyLink vhost={vhost} name={policy} />}
        {kind === 'queue' && (
          <>
            {' '}
            and{' '}
            {operatorPolicy === null ? (
              'no operator policy'
            ) : (
              <PolicyLink vhost={vhost} name={operatorPolicy} operator />
            )}
          </>
        )}
        .{' '}
        <a href={href('policies', ['new'], { vhost, pattern: `^${escaped(name)}$`, 'apply-to': `${kind}s` })}>
          Set a policy for it
        </a>
      </p>
      {effective.length > 0 && (
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Key</th>
              <th scope="col">Value</th>
              <th scope="col">From</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {effective.map((row) => (
              <tr key={row.key}>
                <td>{row.key}</td>
                <td>
                  <code>{JSON.stringify(row.value)}</code>
                </td>
                <td>{origin(row)}</td>
                <td>
                  {row.over.length > 0 &&
                    `Over ${row.over.map((one) => `${JSON.stringify(one.value)} of ${origin(one)}`).join(' and ')}. ${row.why} `}
                  {row.withoutEffect}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {notes.map((note) => (
        <p key={note} class="soft">
          {note}
        </p>
      ))}
      <Decisions title="Policies, in the order in which they are considered" considered={policies} />
      <Decisions title="Operator policies" considered={operatorPolicies} />
    </>
  )
}

const origin = ({ source, name }: Contender) => `${source} ${name}`

/** As a pattern that matches just this name. */
export const escaped = (name: string) => name.replace(/[.*+?^$|()[\]{}\\]/g, '\\$&')

const words: Readonly<Record<Considered['verdict'], string>> = {
  won: 'in force',
  lost: 'lost',
  tied: 'tied',
  pattern: 'no match',
  'apply-to': 'no match',
  keys: 'kept away',
}

function Decisions({
  title,
  considered,
}: {
  readonly title: string
  readonly considered: readonly Considered[]
}) {
  if (considered.length === 0) return null
  return (
    <details>
      <summary>
        {title} ({considered.length})
      </summary>
      <table class="plain">
        <tbody>
          {considered.map(({ name, verdict, text }) => (
            <tr key={name}>
              <td>{name}</td>
              <td>
                <span class={`pill ${verdict === 'won' ? 'good' : verdict === 'tied' ? 'wait' : ''}`}>
                  {words[verdict]}
                </span>
              </td>
              <td>{text}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}

const PolicyLink = ({
  vhost,
  name,
  operator = false,
}: {
  readonly vhost: string
  readonly name: string
  readonly operator?: boolean
}) => (
  <>
    {operator ? 'operator policy ' : 'policy '}
    <a href={href('policies', [vhost, name], { operator: operator ? 'true' : undefined })}>{name}</a>
  </>
)
