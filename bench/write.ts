// The page of results: what was measured, on which machine, how, and what it means in ratios. Called by run.ts for --write.
import { machineText } from './machine.ts'
import type { Options } from './options.ts'
import { median, numbers, pairedRatio, type Report, type Series } from './results.ts'
import { figure, ratioText } from './table.ts'
import { type Length, workloads } from './workloads.ts'

/** Markdown. */
export function resultsPage(report: Report, { length }: Options): string {
  const { machine, rabbitmq, commit, when, series, faults } = report
  const about = workloads(length).map(({ name, about: text }) => `- \`${name}\`: ${text}`)
  const micro = series.filter(({ unit }) => unit === 'ns')
  const others = series.filter(({ unit }) => unit !== 'ns')
  return `${[
    '# Measured',
    '',
    `${when.slice(0, 10)}${commit === null ? '' : `, commit ${commit}`}, on ${machineText(machine)}, loopback only; load average before the run: ${machine.loadBefore}.`,
    `Made by \`npm run bench -- --write bench/RESULTS.md\` or with \`--full\`; [README.md](README.md) says how to read it.`,
    '',
    ...(rabbitmq === null ? alone(others) : paired(others, rabbitmq)),
    '',
    ...(micro.length === 0 ? [] : inProcess(micro)),
    '## Method',
    '',
    ...method(report, length),
    '',
    ...about,
    ...(faults.length === 0 ? [] : ['', '## Failed', '', ...faults.map((fault) => `- ${fault}`)]),
  ].join('\n')}\n`
}

function paired(series: readonly Series[], version: string): string[] {
  const rows = series.map((s) => {
    const ratio = pairedRatio(s)
    return [
      s.workload,
      `${s.metric}, ${s.unit}`,
      cell(s.values),
      cell(s.rabbit),
      ratio === null ? '' : `**${ratioText(ratio)}**`,
    ]
  })
  return [
    `## Beside RabbitMQ ${version} on the same machine`,
    '',
    ...table(['workload', 'metric', 'Warren', `RabbitMQ ${version}`, 'ratio'], rows),
  ]
}

function method({ rounds, rabbitmq }: Report, { seconds, warmupSeconds }: Length): string[] {
  const beside = rabbitmq !== null
  return [
    `- ${rounds} rounds. The load generator and the ${beside ? 'brokers' : 'broker'} share the machine.`,
    `- In each round every workload runs for ${seconds} s after ${warmupSeconds} s of warm-up on a Warren started for the round.`,
    ...(beside
      ? [
          '- RabbitMQ, without plugins that cost time, does the same right before or after; who begins changes with every round.',
          '- A ratio is the median of the ratios within the rounds, Warren to RabbitMQ as they are measured: above 1 is better for',
          '  rates, below 1 for times and memory.',
        ]
      : []),
    '- All figures are medians over the rounds, with the lowest and the highest in brackets.',
    '- The load generator (`amqpload.c`) sends frames encoded beforehand and checks loss and order, over plain TCP.',
    "- Warren's disk is a model in memory: a persistent confirm says less than one of a broker that syncs a disk.",
    '- Latencies count from the moment a message was due to be published.',
    `- \`start\` is from spawning the process until every AMQP port accepts${beside ? '; of RabbitMQ from starting all nodes of an existing cluster at once' : ''}.`,
  ]
}

function inProcess(micro: readonly Series[]): string[] {
  const rows = micro.map((s) => [s.workload, s.metric, figure(median(s.values)), spread(s.values)])
  return [
    '## In one process',
    '',
    'Without sockets: nanoseconds for one, the median of several stretches of time and their spread.',
    '',
    ...table(['', 'what', 'ns', 'min..max'], rows),
    '',
  ]
}

function alone(series: readonly Series[]): string[] {
  const rows = series.map((s) => [s.workload, `${s.metric}, ${s.unit}`, cell(s.values)])
  return ['## Warren', '', ...table(['workload', 'metric', 'Warren'], rows)]
}

function cell(values: readonly (number | null)[]): string {
  return numbers(values).length === 0 ? '' : `${figure(median(values))} [${spread(values)}]`
}

function spread(values: readonly (number | null)[]): string {
  const known = numbers(values)
  return `${figure(Math.min(...known))}..${figure(Math.max(...known))}`
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(heading), line(heading.map(() => '---')), ...rows.map(line)]
}
