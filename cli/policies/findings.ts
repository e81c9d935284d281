// Findings of lint and of the migration check as text for people. Used by `warren policies` and by `ctl lint_policies`; the
// words are the policies room's, here they are only laid out.

import { type Finding, type Severity, severities } from '../../policies/finding.ts'
import { exitCodes, Failure } from '../failure.ts'

/** One paragraph per finding: how bad and which rule, the sentence, what to do. */
export function findingsText(findings: readonly Finding[]): string {
  return findings
    .map(
      ({ severity, rule, sentence, whatToDo }) =>
        `${severity.padEnd(7)}  ${rule}\n  ${sentence}\n  -> ${whatToDo}\n\n`,
    )
    .join('')
}

/** `2 errors, 1 warning`; kinds that there are none of are left out. */
export function countsText(findings: readonly Finding[]): string {
  const counts = severities.map((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length
    const noun = severity === 'info' ? 'for information' : count === 1 ? severity : `${severity}s`
    return count === 0 ? '' : `${count} ${noun}`
  })
  return counts.filter((text) => text !== '').join(', ')
}

/** Those at least as bad as `least`. */
export function atLeast(findings: readonly Finding[], least: Severity): Finding[] {
  const worst = severities.slice(0, severities.indexOf(least) + 1)
  return findings.filter(({ severity }) => worst.includes(severity))
}

/** Prints findings as text or JSON. Throws Failure with exit code 1 when there are any. */
export function report(findings: readonly Finding[], json: boolean, clean: string): void {
  if (json) process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`)
  else process.stdout.write(findings.length === 0 ? `${clean}\n` : findingsText(findings))
  if (findings.length > 0) throw new Failure(exitCodes.failed, json ? '' : `${countsText(findings)}.`)
}
