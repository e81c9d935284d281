// `warren calibrate`: its options and examples. What it does is calibrate.ts.

import type { Command } from 'commander'
import { wholeNumber } from './options.ts'

export function addCalibrate(program: Command): void {
  program
    .command('calibrate')
    .description(
      'Measure what work costs a real RabbitMQ cluster of three nodes; scenarios predict with the file.',
    )
    .option('--out <file>', 'where to write the result; standard output by default')
    .option(
      '--url <amqp-url...>',
      'a running cluster, one address for each of three nodes; by default one is started',
    )
    .option(
      '--management <http-url...>',
      'its HTTP API, in the same order; by default port 15672 of the same hosts',
    )
    .option(
      '--rounds <count>',
      'how often each workload is measured (default: 3, with --check 5)',
      wholeNumber(1, 100),
    )
    .option('--seconds <count>', 'how long each time', wholeNumber(1, 60), 2)
    .option('--check', 'measure other workloads and say how good their predictions are, in Markdown', false)
    .option(
      '--costs <file>',
      'the calibration that --check predicts with; default: the one that comes with Warren',
      'default',
    )
    .addHelpText(
      'after',
      `
Examples:
  warren calibrate --out costs.yaml     starts a cluster, takes about four minutes; then cluster: { costs: costs.yaml }
  warren calibrate --check              how good the file that comes with Warren is here`,
    )
    .action(async (flags) => (await import('./calibrate.ts')).runCalibrate(flags))
}
