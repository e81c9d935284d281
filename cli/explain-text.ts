// An explanation as text for people: which policy an object follows, what was decided about every other, and where each key comes
// from. Pure text in and out; called by ctl's verb explain.

import type { Explanation } from '../policies/explain.ts'
import type { Contender, KeySource } from '../policies/explain-keys.ts'
import type { Considered } from '../policies/explain-verdicts.ts'

export function explanationText(explanation: Explanation): string {
  const { kind, vhost, name, policy, operatorPolicy, policies, operatorPolicies, effective, notes } =
    explanation
  const lines = [
    `${kind} '${name}' in vhost '${vhost}' follows ${followed(policy, 'policy')} and ${followed(operatorPolicy, 'operator policy')}.`,
    ...section('Policies, in the order in which they are considered:', policies.map(verdict)),
    ...section('Operator policies:', operatorPolicies.map(verdict)),
    ...section('What holds:', effective.map(source)),
    ...section('Worth knowing:', notes),
  ]
  return `${lines.join('\n')}\n`
}

const followed = (name: string | null, kind: string) => (name === null ? `no ${kind}` : `${kind} "${name}"`)

const section = (title: string, lines: readonly string[]) =>
  lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]

const words: Readonly<Record<Considered['verdict'], string>> = {
  won: 'holds',
  lost: 'lost',
  tied: 'tied',
  pattern: 'no match',
  'apply-to': 'no match',
  keys: 'kept away',
}

const verdict = ({ name, verdict, text }: Considered) => `"${name}" ${words[verdict]}: ${text}`

function source({ key, value, over, why, withoutEffect, ...from }: KeySource): string {
  const beaten =
    over.length === 0
      ? ''
      : `, over ${over.map((other) => `${JSON.stringify(other.value)} of ${origin(other)}`).join(' and ')}. ${why}`
  const idle = withoutEffect === null ? '' : ` (without effect: ${withoutEffect})`
  return `${key} = ${JSON.stringify(value)}, from ${origin({ ...from, value })}${beaten}${idle}`
}

const origin = ({ source, name }: Contender) =>
  source === 'argument' ? `argument ${name}` : `${source} "${name}"`

/** Whether there is something that whoever set the policies may not have meant. */
export function surprises({ policies, operatorPolicies, effective, notes }: Explanation): boolean {
  const strange = [...policies, ...operatorPolicies].some(
    ({ verdict }) => verdict === 'keys' || verdict === 'tied',
  )
  return strange || notes.length > 0 || effective.some(({ withoutEffect }) => withoutEffect !== null)
}
