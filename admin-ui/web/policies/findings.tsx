// What lint says: one sentence each, worst first, and what to do about it.

import type { Finding } from './shapes.ts'

const tones = { error: 'bad', warning: 'wait', info: 'busy' } as const

export interface FindingsProps {
  readonly findings: readonly (Finding & { readonly isNew?: boolean })[]
  /** Those that a change would end. */
  readonly mended?: readonly Finding[]
}

export function Findings({ findings, mended = [] }: FindingsProps) {
  return (
    <section>
      <h3>Lint</h3>
      {findings.length + mended.length === 0 && <p class="soft">Nothing found.</p>}
      <ul class="findings">
        {findings.map((finding) => (
          <li key={`${finding.rule}/${finding.sentence}`}>
            <span class={`pill ${tones[finding.severity]}`}>{finding.severity}</span>
            <div>
              <p>
                {finding.sentence}
                {finding.isNew && <span class="soft"> (new)</span>}
              </p>
              <p class="hint">{finding.whatToDo}</p>
            </div>
          </li>
        ))}
        {mended.map((finding) => (
          <li key={`${finding.rule}/${finding.sentence}`}>
            <span class="pill good">mended</span>
            <p class="soft">{finding.sentence}</p>
          </li>
        ))}
      </ul>
    </section>
  )
}
