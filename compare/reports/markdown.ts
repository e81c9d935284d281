// A comparison as Markdown, for pull requests and wikis. Called by the command; equal comparisons give equal text.

import { runName, withUnit } from '../html/words.ts'
import { metrics } from '../scenario/assertion.ts'
import type { Comparison } from '../scenario/result.ts'
import { tableOf } from './text.ts'

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
const row = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`

export function toMarkdown(comparison: Comparison): string {
  const { scenario, seed, runs, weighed, failures } = comparison
  const lines = [
    `# ${scenario.name}`,
    '',
    ...(scenario.question === '' ? [] : [scenario.question, '']),
    `Seed ${seed}.`,
    '',
  ]
  if (runs.length > 0) {
    lines.push(
      row(['', ...runs.map((run) => runName(run, comparison))]),
      row(['---', ...runs.map(() => '---:')]),
    )
    for (const { title, rows } of tableOf(comparison))
      lines.push(row([`**${title}**`, ...runs.map(() => '')]), ...rows.map(row))
    lines.push('')
  }
  if (weighed.length > 0) {
    lines.push(
      '## Assertions',
      '',
      row(['', 'asserted', 'of', 'measured']),
      row(['---', '---', '---', '---:']),
    )
    for (const { assertion, variant, target, actual, holds } of weighed) {
      const unit = assertion.ratio === null ? metrics[assertion.left.metric]!.unit : 'ratio'
      const who = variant === null ? '' : runName({ variant, target }, comparison)
      lines.push(
        row([
          holds ? 'ok' : '**fails**',
          `\`${assertion.text}\``,
          who,
          actual === null ? '-' : withUnit(actual, unit),
        ]),
      )
    }
    lines.push('')
  }
  for (const { variant, target, reason } of failures)
    lines.push(`- ${runName({ variant, target }, comparison)} was not run to its end: ${reason}`)
  return `${lines.join('\n').trimEnd()}\n`
}
