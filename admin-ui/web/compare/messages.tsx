// Lost, repeated and misplaced messages by their numbers, with what led to it.

import { useState } from 'preact/hooks'
import { Section } from '../components/section.tsx'
import { count } from '../format.ts'
import type { Finding, FindingKind, VariantRun } from './shapes.ts'

const kinds: Readonly<Record<FindingKind, string>> = {
  'confirmed-lost': 'lost although confirmed',
  'unconfirmed-lost': 'lost, never confirmed',
  duplicate: 'delivered twice',
  'effect-twice': 'work done twice',
  'out-of-order': 'out of order',
  unexpected: 'unexpected',
  recovered: 'recovered',
  left: 'left in a queue',
}

const shownAtFirst = 20

export function Messages({ runs }: { readonly runs: readonly VariantRun[] }) {
  const total = runs.reduce((sum, { findings }) => sum + findings.length, 0)
  return (
    <Section title="Lost, repeated and misplaced messages" count={total}>
      {total === 0 && <p class="good-text">None: every message arrived once, in order.</p>}
      {runs.map((run) => (
        <OfRun key={run.variant} run={run} />
      ))}
    </Section>
  )
}

function OfRun({ run: { variant, findings } }: { readonly run: VariantRun }) {
  const [kind, setKind] = useState<FindingKind | ''>('')
  const [most, setMost] = useState(shownAtFirst)
  if (findings.length === 0) return null
  const counts = new Map<FindingKind, number>()
  for (const finding of findings) counts.set(finding.kind, (counts.get(finding.kind) ?? 0) + 1)
  const wanted = findings.filter((finding) => kind === '' || finding.kind === kind)
  return (
    <article class="stack">
      <div class="row">
        <h3>{variant}</h3>
        <select
          aria-label={`Which messages of ${variant}`}
          value={kind}
          onChange={(event) => {
            setKind(event.currentTarget.value as FindingKind | '')
            setMost(shownAtFirst)
          }}
        >
          <option value="">all ({count(findings.length)})</option>
          {[...counts].map(([one, number]) => (
            <option key={one} value={one}>
              {kinds[one]} ({count(number)})
            </option>
          ))}
        </select>
      </div>
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">Message</th>
            <th scope="col">Queue</th>
            <th scope="col">What</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {wanted.slice(0, most).map((finding) => (
            <Row key={`${finding.kind}${finding.queue}${finding.message}`} finding={finding} />
          ))}
        </tbody>
      </table>
      {wanted.length > most && (
        <button type="button" class="link" onClick={() => setMost(most + 100)}>
          Show more ({count(wanted.length)} in all)
        </button>
      )}
    </article>
  )
}

const Row = ({ finding: { kind, message, queue, cause } }: { readonly finding: Finding }) => (
  <tr>
    <td class="number">m{message}</td>
    <td>{queue}</td>
    <td>
      <span class={`pill ${kind === 'recovered' ? 'good' : kind.includes('lost') ? 'bad' : 'wait'}`}>
        {kinds[kind]}
      </span>
    </td>
    <td>{cause.join('; ') || <span class="soft">as those above</span>}</td>
  </tr>
)
