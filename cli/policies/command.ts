// `warren policies`: policy files and definitions looked at without a cluster: lint, the way to quorum queues, the presets and
// the schema. Called by cli.ts with the words after `policies`; exit codes 0 clean, 1 findings, 64 usage, 65 bad data.

import { existsSync, realpathSync, writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { presets } from '../../admin-ui/presets.ts'
import { afterChange } from '../../policies/change.ts'
import { DefinitionsError, definitionsOf } from '../../policies/definitions-file.ts'
import { snapshotOfDefinitions } from '../../policies/definitions-snapshot.ts'
import { schemaText } from '../../policies/file-schema.ts'
import { type Severity, severities } from '../../policies/finding.ts'
import { lint, lintRules, snapshotOfPolicies } from '../../policies/lint.ts'
import { migrate } from '../../policies/migrate.ts'
import { isRecord } from '../../policies/policy.ts'
import type { Snapshot } from '../../policies/snapshot.ts'
import { exitCodes, Failure } from '../failure.ts'
import { oneOf } from '../options.ts'
import { readText } from '../read-text.ts'
import { atLeast, countsText, findingsText, report } from './findings.ts'
import { policiesFrom, presetNamed } from './source.ts'

interface LintFlags {
  readonly definitions?: string
  readonly vhost?: string
  readonly atLeast: Severity
  readonly json: boolean
}

interface MigrateFlags {
  readonly out?: string
  readonly vhost?: string
  readonly json: boolean
}

/** Does what `words` say. Throws Failure; a CommanderError for wrong words, or when help was all there was to print. */
export async function policies(words: readonly string[]): Promise<void> {
  const program = new Command('warren policies')
    .description('Looks at policy files and at definitions of a RabbitMQ 3.10, without a cluster.')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'warren policies: ')) })
    .addHelpText('after', examples)
  const vhostOption = [
    '--vhost <name>',
    'the virtual host of definitions of one vhost, whose entries name none',
  ] as const
  program
    .command('lint')
    .description('Say what is wrong, risky or surprising about policies')
    .argument('[file]', 'YAML or JSON list of policies, or preset:NAME')
    .option(
      '--definitions <file>',
      'definitions.json with the queues, exchanges and policies there are already',
    )
    .option(...vhostOption)
    .option(
      '--at-least <severity>',
      'leave out what is less: info, warning or error',
      oneOf(...severities),
      'info',
    )
    .option('--json', 'print the findings as JSON', false)
    .addHelpText('after', `\nExamples:\n${lintExamples}`)
    .action(lintFile)
  program
    .command('migrate')
    .description(
      'List what stands between mirrored queues and quorum queues, and write the definitions that would do it',
    )
    .argument('<definitions>', 'definitions.json')
    .option('--out <file>', 'where to write the new definitions; -: standard output')
    .option(...vhostOption)
    .option('--json', 'print the findings as JSON', false)
    .addHelpText('after', `\nExamples:\n${migrateExamples}`)
    .action(migrateFile)
  program
    .command('presets')
    .description('List the policy files that come with Warren, or print one')
    .argument('[name]', 'of a preset')
    .addHelpText('after', `\nExamples:\n${presetExamples}`)
    .action(showPresets)
  program.command('rules').description('List what lint looks for').action(showRules)
  program
    .command('schema')
    .description('Print the JSON Schema of policy files, for editors')
    .action(() => void process.stdout.write(schemaText()))
  await program.parseAsync([...words], { from: 'user' })
}

function lintFile(file: string | undefined, { definitions, vhost, atLeast: least, json }: LintFlags): void {
  if (file === undefined && definitions === undefined)
    throw new Failure(
      exitCodes.usage,
      'warren policies: lint needs a policy file, --definitions FILE, or both.',
    )
  const base =
    definitions === undefined ? snapshotOfPolicies(nothing) : readDefinitions(definitions, vhost).snapshot
  const own = file === undefined ? nothing : policiesFrom(file, exitCodes.data)
  const { policies, operatorPolicies } = afterChange(base, {
    set: own.policies,
    setOperator: own.operatorPolicies,
  })
  const findings = atLeast(lint({ ...base, policies, operatorPolicies }), least)
  report(findings, json, `Nothing found in ${policies.length + operatorPolicies.length} policies.`)
}

const nothing = { policies: [], operatorPolicies: [] }

interface ReadDefinitions {
  readonly json: Readonly<Record<string, unknown>>
  readonly snapshot: Snapshot
}

/** Throws Failure 65 in one sentence that names file, object, key and value. */
function readDefinitions(file: string, vhost: string | undefined): ReadDefinitions {
  const text = readText(file, 'definitions file', exitCodes.data)
  const bad = (why: string) => new Failure(exitCodes.data, `warren: ${file}: ${why}`)
  let json: unknown
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw bad(`not JSON: ${(error as Error).message}`)
  }
  if (!isRecord(json)) throw bad('definitions are a JSON object.')
  try {
    return { json, snapshot: snapshotOfDefinitions(definitionsOf(json, vhost ?? null)) }
  } catch (error) {
    // An export of one vhost has entries that name none, and no list of vhosts.
    const hint =
      vhost === undefined && json['vhosts'] === undefined
        ? ' (of one virtual host? name it with --vhost)'
        : ''
    if (error instanceof DefinitionsError) throw bad(`${error.message}${hint}`)
    throw error
  }
}

function migrateFile(file: string, { out, vhost, json: asJson }: MigrateFlags): void {
  if (
    out !== undefined &&
    out !== '-' &&
    existsSync(out) &&
    existsSync(file) &&
    realpathSync(out) === realpathSync(file)
  )
    throw new Failure(exitCodes.usage, 'warren policies: --out is the file that is read; name another.')
  const { json } = readDefinitions(file, vhost)
  const { findings, moved, staying, definitions } = migrate(json, vhost ?? null)
  const text = `${JSON.stringify(definitions, null, 2)}\n`
  if (out !== undefined && out !== '-') write(out, text)
  const summary = [
    `${moved.length + staying.length} mirrored ${moved.length + staying.length === 1 ? 'queue' : 'queues'}: ` +
      `${moved.length} can become quorum queues, ${staying.length} cannot.`,
    ...(findings.length > 0 ? [`${countsText(findings)}.`] : []),
    ...(out !== undefined && out !== '-' ? [`The new definitions are in ${out}.`] : []),
  ].join('\n')
  // What goes to a pipe is the definitions alone.
  const told = out === '-' ? process.stderr : process.stdout
  if (out === '-') process.stdout.write(text)
  told.write(asJson ? `${JSON.stringify(findings, null, 2)}\n` : `${findingsText(findings)}${summary}\n`)
  if (findings.length > 0) throw new Failure(exitCodes.failed, '')
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (error) {
    throw new Failure(exitCodes.data, `warren: ${file} cannot be written: ${(error as Error).message}`)
  }
}

function showRules(): void {
  const width = Math.max(...lintRules.map(({ rule }) => rule.length))
  for (const { rule, about } of lintRules) process.stdout.write(`${rule.padEnd(width)}  ${about}\n`)
}

function showPresets(name: string | undefined): void {
  if (name !== undefined) return void process.stdout.write(presetNamed(name, exitCodes.usage).text)
  const all = presets()
  const width = Math.max(...all.map((preset) => preset.name.length))
  for (const preset of all) process.stdout.write(`${preset.name.padEnd(width)}  ${preset.about}\n`)
}

const lintExamples = `  warren policies lint policies.yaml
  warren policies lint policies.yaml --definitions definitions.json
                                      against the queues and exchanges that a RabbitMQ has
  warren policies lint --definitions definitions.json --at-least warning`

const migrateExamples = `  warren policies migrate definitions.json --out quorum.json
  warren policies migrate definitions.json --json
  warren policies migrate shop.json --vhost shop --out -`

const presetExamples = `  warren policies presets             then: warren start --policies preset:ha-all
  warren policies presets ha-all > policies.yaml`

const examples = `
Examples:
${lintExamples}
${migrateExamples}
${presetExamples}
  warren policies rules               what lint looks for
  warren policies schema > policy-file.schema.json

Exit codes: 0 nothing found, 1 findings, 64 wrong usage, 65 a file that cannot be read or used.`
