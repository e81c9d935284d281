// A comparison as one HTML file that needs nothing else: no network, no scripts, light and dark, fit for paper. Called by the
// command for --html and by the admin page for a download; equal comparisons give equal bytes. It reads a `Comparison` and must
// never compute a verdict.

import { printScenario } from '../scenario/print.ts'
import type { Comparison } from '../scenario/result.ts'
import { findings } from './findings.ts'
import { latency, throughput } from './series.ts'
import { style } from './style.ts'
import { timeline, timelineLegend } from './timeline.ts'
import { holdings, traffic } from './traffic.ts'
import { assertionTable, partTable, verdictTable } from './verdicts.ts'
import { runName, safe, section } from './words.ts'

/** The whole file. */
export function toHtml(comparison: Comparison): string {
  const { scenario, runs } = comparison
  const byRun = (make: typeof findings) =>
    runs.map((run) => make(run, runName(run, comparison))).filter((part) => part !== '')
  const told = byRun(timeline)
  const sections: readonly (readonly [id: string, title: string, inside: readonly string[]])[] = [
    ['assertions', 'Assertions', [assertionTable(comparison)].filter((part) => part !== '')],
    ['verdicts', 'Verdicts', runs.length === 0 ? [] : [verdictTable(comparison), partTable(comparison)]],
    ['throughput', 'Throughput', throughput(comparison)],
    ['latency', 'Latency', latency(comparison)],
    ['timeline', 'Timeline', told.length === 0 ? [] : [timelineLegend, ...told]],
    ['messages', 'Lost, repeated and misplaced messages', byRun(findings)],
    ['links', 'Bytes over links', traffic(comparison)],
    ['copies', 'Copies when all is over', holdings(comparison)],
    ['scenario', 'The scenario', [`<pre>${safe(printScenario(scenario))}</pre>`]],
  ]
  const shown = sections.filter(([, , inside]) => inside.length > 0)
  const nav = shown.map(([id, title]) => `<a href="#${id}">${safe(title)}</a>`).join('')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${safe(scenario.name)} – Warren comparison</title>
<style>${style}</style>
</head>
<body>
${header(comparison)}
<nav>${nav}</nav>
${shown.map(([id, title, inside]) => section(id, title, inside)).join('\n')}
</body>
</html>
`
}

function header(comparison: Comparison): string {
  const { scenario, seed, weighed, runs, failures } = comparison
  const broken = weighed.filter(({ holds }) => !holds).length
  const targets = [
    ...new Set(runs.map(({ target }) => (target === 'rabbitmq' ? 'a real RabbitMQ' : 'emulated'))),
  ]
  const figures = [
    ...(weighed.length === 0
      ? []
      : [
          broken === 0
            ? `<div><b class="good">all ${weighed.length}</b>assertions hold</div>`
            : `<div><b class="bad">${broken} of ${weighed.length}</b>assertions do not hold</div>`,
        ]),
    `<div><b>${runs.length}</b>${runs.length === 1 ? 'run' : 'runs'}, ${targets.join(' and ') || 'none finished'}</div>`,
    `<div><b>${seed}</b>seed</div>`,
  ]
  const failed = failures.map(
    ({ reason, ...run }) =>
      `<p class="bad">${safe(runName(run, comparison))} could not be run to its end: ${safe(reason)}</p>`,
  )
  const restless = runs
    .filter(({ finished }) => !finished)
    .map(
      (run) =>
        `<p class="wait">${safe(runName(run, comparison))} had not come to rest when patience ended; it is judged as it stood.</p>`,
    )
  return `<header>
<h1>${safe(scenario.name)}</h1>
${scenario.question === '' ? '' : `<p class="question">${safe(scenario.question)}</p>`}
${scenario.about === '' ? '' : `<p class="soft">${safe(scenario.about)}</p>`}
<div class="figures">${figures.join('')}</div>
${[...failed, ...restless].join('\n')}
</header>`
}
