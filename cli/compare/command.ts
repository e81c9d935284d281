// `warren compare [FILE]`: runs a scenario on the targets asked for, shows how far it is, prints the comparison and writes the reports.
// Loaded by cli.ts only when that command runs; it decides nothing about a verdict.

import { writeFileSync } from 'node:fs'
import { agreementText } from '../../compare/agreement-text.ts'
import { toHtml } from '../../compare/html/page.ts'
import { openDifferences } from '../../compare/open.ts'
import { toJson, toJUnit } from '../../compare/reports/json.ts'
import { toMarkdown } from '../../compare/reports/markdown.ts'
import { legend, toText } from '../../compare/reports/text.ts'
import { allHold, compareVariants } from '../../compare/scenario/comparison.ts'
import type { Comparison, VariantRun } from '../../compare/scenario/result.ts'
import type { OpenTarget } from '../../compare/scenario/target.ts'
import type { Scenario, Variant } from '../../compare/scenario/types.ts'
import { modeNames, namedVariant } from '../../compare/scenario/variants.ts'
import { openEmulated } from '../../compare/targets/emulated-scenario.ts'
import { exitCodes, Failure } from '../failure.ts'
import { readScenario } from '../scenario-file.ts'
import { Bars } from './bars.ts'

/** What is run when no file is given: the textbook comparison of the three modes. */
const demonstration = 'library:leader-crash'

export interface CompareFlags {
  readonly seed: number
  readonly target: 'emulated' | 'rabbitmq' | 'both'
  /** Addresses of a running cluster, instead of one of its own. */
  readonly url?: readonly string[]
  readonly management?: readonly string[]
  /** What may be done to that cluster: VERB=COMMAND. */
  readonly command?: readonly string[]
  readonly yes?: boolean
  readonly variant?: readonly string[]
  /** Files to write; `-` is the standard output. */
  readonly json?: string | boolean
  readonly junit?: string
  readonly markdown?: string
  readonly html?: string
  /** Of the demonstration before it was a scenario of the library. */
  readonly messages?: string
  readonly scenario?: string
}

const usage = (text: string) => new Failure(exitCodes.usage, `warren: ${text}`)

/**
 * Without a file it is the demonstration. Returns the exit code: 0 when every assertion holds, 1 when one does not or a run
 * failed, 130 after Ctrl-C.
 */
export async function compareFile(file: string | undefined, flags: CompareFlags): Promise<number> {
  if ((flags.messages ?? flags.scenario) !== undefined)
    throw usage(
      `--messages and --scenario are no more: change a copy of examples/scenarios/leader-crash.yaml instead; without a fault it is library:textbook-costs.`,
    )
  const { scenario, readFile } = readScenario(file ?? demonstration)
  const chosen = withVariants(scenario, flags.variant, readFile)
  const targets = await targetsOf(flags, chosen)
  const bars = new Bars(process.stderr)
  let stopped = false
  const stop = () => {
    if (stopped) process.exit(exitCodes.interrupted)
    stopped = true
    // Also while it starts, in which it looks at nothing else.
    void targets.end()
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  try {
    const comparison = await compareVariants(chosen, {
      ...{ seed: flags.seed, targets: targets.open, readFile, stopped: () => stopped },
      progress: (variant, target, done) => bars.show(variant.name, target, done),
    })
    bars.clear()
    write(comparison, flags, file === undefined)
    if (stopped) return exitCodes.interrupted
    return allHold(comparison) ? 0 : exitCodes.failed
  } finally {
    bars.clear()
    await targets.end()
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

// ---- inside

function withVariants(
  scenario: Scenario,
  names: readonly string[] | undefined,
  readFile: (path: string) => string,
): Scenario {
  if (names === undefined) return scenario
  const { nodes, partitionHandling } = scenario.cluster
  const policies = scenario.shared ?? { policies: [], operatorPolicies: [] }
  const variants = names.map((name): Variant => {
    const variant =
      scenario.variants.find((one) => one.name === name) ??
      namedVariant(name, { nodes, partitionHandling, policies, readFile })
    if (variant !== null) return variant
    const known = [...scenario.variants.map((one) => one.name), ...modeNames]
    throw usage(`there is no variant '${name}'; they are ${[...new Set(known)].join(', ')}.`)
  })
  return { ...scenario, variants }
}

interface Targets {
  readonly open: readonly (readonly [VariantRun['target'], OpenTarget])[]
  /** Ends what Warren has started; whatever uses it fails. May be called twice. */
  end(): Promise<void>
}

async function targetsOf(flags: CompareFlags, scenario: Scenario): Promise<Targets> {
  const emulated = ['emulated', openEmulated] as const
  const { target, url } = flags
  if (url === undefined && (flags.management ?? flags.command) !== undefined)
    throw usage('--management and --command go with --url.')
  if (target === 'emulated') {
    if (url !== undefined) throw usage('--url goes with --target rabbitmq or both.')
    return { open: [emulated], end: async () => {} }
  }
  const { open, end } = url === undefined ? await ownClusters() : await givenCluster(url, flags, scenario)
  const real = ['rabbitmq', open] as const
  return { open: target === 'both' ? [emulated, real] : [real], end }
}

interface Opened {
  readonly open: OpenTarget
  end(): Promise<void>
}

async function ownClusters(): Promise<Opened> {
  const { OwnClusters } = await import('../../compare/targets/real-own.ts')
  const { assertInstalled } = await import('../../compare/targets/rabbitmq-own.ts')
  try {
    assertInstalled()
  } catch (error) {
    throw new Failure(exitCodes.unavailable, `warren: ${(error as Error).message}`)
  }
  const own = new OwnClusters()
  return { open: own.open, end: () => own.close() }
}

/** Faults only by the commands that are given, and after the user has said so. */
async function givenCluster(
  url: readonly string[],
  flags: CompareFlags,
  scenario: Scenario,
): Promise<Opened> {
  const { commandsOf, commandsFor, GivenCluster } = await import('../../compare/targets/real-given.ts')
  const commands = commandsOf(flags.command ?? [], usage)
  for (const { action } of scenario.faults) {
    const needed = commandsFor(action)
    if (needed === null) throw usage(`a cluster given by --url cannot be made to ${action.do}.`)
    const missing = needed.find((verb) => commands[verb] === undefined)
    if (missing !== undefined)
      throw usage(`the scenario has a fault '${action.do}': say how with --command '${missing}=COMMAND'.`)
  }
  let given: InstanceType<typeof GivenCluster>
  try {
    given = new GivenCluster({ urls: url, management: flags.management ?? [], commands })
  } catch (error) {
    throw usage((error as Error).message)
  }
  if (scenario.faults.length > 0 && flags.yes !== true) await confirmed(url)
  try {
    // Before the emulator runs, so that it is said at once.
    await given.reach(Math.max(...scenario.variants.map(({ nodes }) => nodes)))
  } catch (error) {
    throw new Failure(exitCodes.unavailable, `warren: ${(error as Error).message}`)
  }
  return { open: given.open, end: async () => {} }
}

/** Asks at a terminal; elsewhere --yes is the only way. */
async function confirmed(url: readonly string[]): Promise<void> {
  const refusal = usage('the scenario harms the cluster at --url: say --yes when that is meant.')
  if (!process.stdin.isTTY) throw refusal
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const places = url.map((one) => one.replace(/\/\/.*@/, '//')).join(', ')
  const answer = await terminal.question(`This scenario harms nodes or links of ${places}. Go on? [y/N] `)
  terminal.close()
  if (!/^y(es)?$/i.test(answer.trim())) throw refusal
}

function write(comparison: Comparison, flags: CompareFlags, explained: boolean): void {
  const json = flags.json === true ? '-' : flags.json
  const reports: [string | undefined | false, (comparison: Comparison) => string][] = [
    [json, toJson],
    [flags.junit, toJUnit],
    [flags.markdown, toMarkdown],
    [flags.html, toHtml],
  ]
  for (const [file, make] of reports)
    if (typeof file === 'string' && file !== '-') writeReport(file, make(comparison))
  const printed = reports.filter(([file]) => file === '-')
  if (printed.length === 0) {
    process.stdout.write(toText(comparison))
    if (explained) process.stdout.write(legend(comparison))
    if (flags.target === 'both') process.stdout.write(agreementText(comparison, openDifferences))
  }
  for (const [, make] of printed) process.stdout.write(make(comparison))
}

function writeReport(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (error) {
    throw new Failure(exitCodes.failed, `warren: ${file} cannot be written (${(error as Error).message}).`)
  }
}
