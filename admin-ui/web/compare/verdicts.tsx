// The figures of all variants side by side, each row with what it means.

import { bytes, count, span } from '../format.ts'
import type { VariantRun } from './shapes.ts'

/** In order, by what a reader asks first. */
const groups: readonly (readonly [title: string, names: readonly string[]])[] = [
  [
    'Messages',
    [
      ...['published', 'confirmed', 'nacked', 'returned', 'delivered', 'confirmed-lost', 'unconfirmed-lost'],
      ...['duplicates', 'redelivered', 'effects-twice', 'out-of-order', 'left', 'recovered', 'unexpected'],
    ],
  ],
  ['Time', ['unavailable', 'publish-unavailable', 'consume-unavailable', 'notice', 'promote', 'resume']],
  ['Latency', ['latency-p50', 'latency-p99', 'latency-max', 'confirm-p50', 'confirm-p99']],
  ['Cost', ['throughput', 'bodies-per-message', 'bytes-per-message', 'bodies', 'bytes', 'copies']],
]

/** More than none of these is bad news. */
const harms = [
  'confirmed-lost',
  'unconfirmed-lost',
  'duplicates',
  'effects-twice',
  'out-of-order',
  'unexpected',
]

export function Verdicts({ runs }: { readonly runs: readonly VariantRun[] }) {
  if (runs.length === 0) return null
  return (
    <section class="panel" aria-label="Verdicts">
      <h2>Verdicts</h2>
      <div class="scroll-x">
        <table class="plain verdicts">
          <thead>
            <tr>
              <th scope="col">
                <span class="visually-hidden">Figure</span>
              </th>
              {runs.map(({ variant }) => (
                <th key={variant} scope="col" class="right">
                  {variant}
                </th>
              ))}
            </tr>
          </thead>
          {groups.map(([title, names]) => (
            <tbody key={title}>
              <tr class="group">
                <th scope="rowgroup" colSpan={runs.length + 1}>
                  {title}
                </th>
              </tr>
              {names
                .filter((name) => runs.some(({ metrics: of }) => of[name] !== undefined))
                .map((name) => (
                  <tr key={name}>
                    <th scope="row">{name.replaceAll('-', ' ')}</th>
                    {runs.map((run) => (
                      <td key={run.variant} class={`right ${toneOf(name, run.metrics[name])}`}>
                        {figure(name, run.metrics[name])}
                      </td>
                    ))}
                  </tr>
                ))}
            </tbody>
          ))}
        </table>
      </div>
    </section>
  )
}

function toneOf(name: string, value: number | undefined): string {
  if (!harms.includes(name) || value === undefined) return ''
  return value > 0 ? 'bad-figure' : 'good-text'
}

const ratio = new Intl.NumberFormat('en', { maximumFractionDigits: 2, minimumFractionDigits: 2 })

/** What metrics in seconds have in their names. */
const times = ['unavailable', 'notice', 'promote', 'resume', 'latency-', 'confirm-']

/** As people write it, by the metric's unit; a dash for what is not known or makes no sense here. */
export function figure(name: string, value: number | undefined): string {
  if (value === undefined) return '–'
  if (name === 'throughput') return `${count(value)}/s`
  if (name.endsWith('-per-message') && !name.startsWith('bytes')) return ratio.format(value)
  if (name.startsWith('bytes')) return bytes(value)
  if (!times.some((word) => name.includes(word))) return count(value)
  return value === 0 ? '0 s' : value < 0.001 ? `${Math.round(value * 1e6)} µs` : span(value * 1000)
}
