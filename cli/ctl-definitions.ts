// The verbs export_definitions and import_definitions: files of all there is but messages, in rabbitmqctl's words and with
// its exit codes (docs/observed.md §23). They speak the HTTP API; import asks nothing of the node but to take the file.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Command } from 'commander'
import { type Session, unexpected } from './ctl-session.ts'
import type { Verb } from './ctl-verb.ts'
import { exitCodes, Failure, refused, WrongWords } from './failure.ts'

type Row = Readonly<Record<string, unknown>>

export interface DefinitionsFlags {
  readonly format: string
}

const format = (command: Command) =>
  command.option('--format <form>', 'json, the only one that Warren writes and reads', 'json')

export const definitionsVerbs: readonly Verb[] = [
  {
    usage: 'export_definitions <file>',
    about:
      'Write users, vhosts, queues, exchanges, bindings, policies and so on to a JSON file; -: standard output',
    examples: ['export_definitions definitions.json', 'export_definitions - | grep ha-mode'],
    run: exportDefinitions,
    options: format,
  },
  {
    usage: 'import_definitions [file]',
    about: 'Take in such a file, from here or from a RabbitMQ 3.10; -, or none: standard input',
    examples: ['import_definitions definitions.json'],
    run: importDefinitions,
    options: format,
  },
]

function requireJson({ format: given }: DefinitionsFlags): void {
  if (given === 'json') return
  throw new WrongWords('Bad argument: Format should be json')
}

const data = (text: string) => new Failure(exitCodes.data, text)

/** What keeps a file from being read or written, as rabbitmqctl says it. */
function fileFailure(error: unknown, file: string): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EISDIR') return data(`Error:\nPath ${file} is a directory\n`)
  if (code === 'EACCES' || code === 'EPERM')
    return data(`Error:\nDoes not have permissions to read from or write to file ${file}\n`)
  return error
}

async function exportDefinitions(session: Session, file: string, flags: DefinitionsFlags): Promise<void> {
  requireJson(flags)
  if (file !== '-' && !existsSync(dirname(file)))
    throw data(`Error (argument validation): Bad argument: Directory ${dirname(file)} does not exist\n`)
  if (file !== '-') session.say(`Exporting definitions in JSON to a file at "${file}" ...`)
  const text = JSON.stringify(await definitions(session))
  if (file === '-') return session.print(text)
  try {
    writeFileSync(file, text)
  } catch (error) {
    throw fileFailure(error, file)
  }
}

/**
 * What rabbitmqctl writes: as HTTP has it, with descriptions, tags and limits of the vhosts and types of the queues. It
 * leaves out internal exchanges and writes operator policies in a form that it refuses itself; neither is copied.
 */
async function definitions(session: Session): Promise<Row> {
  const {
    product_name: _,
    product_version: __,
    ...all
  } = await session.get<Row & Record<string, Row[]>>('/definitions')
  const vhosts = await session.get<Row[]>('/vhosts')
  const limits = await session.get<{ vhost: string; value: Row }[]>('/vhost-limits')
  const details = vhosts.map(({ name, description, tags }) => ({
    limits: Object.entries(limits.find(({ vhost }) => vhost === name)?.value ?? {}),
    metadata: { description, tags },
    name,
  }))
  const queues = all['queues']!.map((queue) => {
    const { 'x-queue-type': type = 'classic' } = queue['arguments'] as Row
    return { ...queue, type }
  })
  const sorted = Object.entries({ ...all, vhosts: details, queues }).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(sorted)
}

async function importDefinitions(
  session: Session,
  file: string | undefined,
  flags: DefinitionsFlags,
): Promise<void> {
  requireJson(flags)
  const fromInput = file === undefined || file === '-'
  if (!fromInput && !existsSync(file))
    throw data(`Error (argument validation): Bad argument: File ${file} does not exist\n`)
  session.say(
    `Importing definitions in JSON from ${fromInput ? 'standard input' : `a file at "${file}"`} ...`,
  )
  const given = decoded(textOf(fromInput ? 0 : file))
  const answer = await session.api('POST', '/definitions', given)
  if (answer.status === 204) {
    session.say(
      'Successfully started definition import. This process is asynchronous and can take some time.',
    )
    const { definitionsOf, notEmulated } = await import('../policies/definitions-file.ts')
    const note = notEmulated(definitionsOf(given))
    if (note !== null) process.stderr.write(`${note}\n`)
    return
  }
  const { reason } = (answer.body ?? {}) as { reason?: unknown }
  if (answer.status !== 400 || reason === undefined) throw unexpected('the import', answer)
  throw refused(inElixir(reason))
}

function textOf(file: string | 0): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw fileFailure(error, String(file))
  }
}

function decoded(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    const why = (error as Error).message
    throw data(`Error:\nFailed to deserialise input (format: JSON) (error: ${why})\n`)
  }
}

/** A reason that is no text is an Erlang term; rabbitmqctl shows it as Elixir does. */
function inElixir(reason: unknown): string {
  if (typeof reason === 'string') return reason
  return term(reason, true)
}

const atoms = ['precondition_failed', 'command_invalid', 'none']

function term(value: unknown, atom: boolean): string {
  if (typeof value === 'string') return atom || atoms.includes(value) ? `:${value}` : JSON.stringify(value)
  if (!Array.isArray(value)) return JSON.stringify(value)
  if (value.every((part) => Number.isInteger(part)))
    return `'${Buffer.from(value).toString().replaceAll("'", "\\'")}'`
  return `{${value.map((part, i) => term(part, i === 0)).join(', ')}}`
}
