// The verbs export_policies and lint_policies: the policies of a running cluster as a file that reads back, and what is wrong
// with them. Words and judgement are the policies room's; these ask over HTTP and print.

import type { Command } from 'commander'
import { type Finding, type Severity, severities } from '../policies/finding.ts'
import type { Policy } from '../policies/policy.ts'
import { type Session, unexpected } from './ctl-session.ts'
import type { Verb } from './ctl-verb.ts'
import { oneOf } from './options.ts'
import { atLeast, report } from './policies/findings.ts'

export const policyFileVerbs: readonly Verb[] = [
  {
    usage: 'export_policies',
    about: 'Print policies and operator policies as a policy file: of all virtual hosts, or of that of -p',
    examples: ['export_policies > policies.yaml', 'export_policies -p / --formatter json'],
    run: exportPolicies,
    formatters: ['yaml', 'json'],
  },
  {
    usage: 'lint_policies',
    about: 'Say what is wrong, risky or surprising about the policies',
    examples: ['lint_policies', 'lint_policies --at-least warning --formatter json'],
    run: lintPolicies,
    options: (command: Command) =>
      command.option(
        '--at-least <severity>',
        'leave out what is less: info, warning or error',
        oneOf(...severities),
        'info',
      ),
  },
]

interface ListedPolicy {
  readonly vhost: string
  readonly name: string
  readonly pattern: string
  readonly 'apply-to': Policy['applyTo']
  readonly definition: Policy['definition']
  readonly priority: number
}

async function exportPolicies(session: Session): Promise<void> {
  const { formatter, onlyVhost } = session.flags
  const of = async (path: string): Promise<Policy[]> =>
    (await session.get<ListedPolicy[]>(path))
      .filter(({ vhost }) => onlyVhost === undefined || vhost === onlyVhost)
      .map(({ 'apply-to': applyTo, ...policy }) => ({ ...policy, applyTo }))
  const file = { policies: await of('/policies'), operatorPolicies: await of('/operator-policies') }
  // Loaded only here: writing YAML takes a library.
  const { dumpPolicies } = await import('../policies/files.ts')
  process.stdout.write(dumpPolicies(file, formatter === 'json' ? 'json' : 'yaml'))
}

async function lintPolicies(session: Session, flags: { readonly atLeast: Severity }): Promise<void> {
  const node = await session.target()
  const answer = await session.control('GET', `/warren/policies/lint?node=${encodeURIComponent(node)}`)
  if (answer.status !== 200) throw unexpected('lint', answer)
  const findings = atLeast(answer.body as Finding[], flags.atLeast)
  session.say(`Looking at the policies as ${node} sees them ...`)
  report(findings, session.flags.formatter === 'json', 'Nothing found.')
}
