// The verbs preview_policy, preview_clear_policy, preview_policies and explain: what policies would do, and why they hold. They
// ask the control API and change nothing. Exit codes: 0 nothing at risk, 1 findings, 64 wrong usage, 65 bad data.

import { type Command, InvalidArgumentError } from 'commander'
import type { Explanation } from '../policies/explain.ts'
import { entriesOf } from '../policies/file-entries.ts'
import type { Preview } from '../policies/preview.ts'
import type { PolicyFlags } from './ctl-policies.ts'
import { type Session, segment, unexpected } from './ctl-session.ts'
import type { Verb } from './ctl-verb.ts'
import { explanationText, surprises } from './explain-text.ts'
import { exitCodes, Failure, WrongWords } from './failure.ts'
import { previewText } from './preview-text.ts'

interface PreviewFlags {
  readonly operator?: boolean
}

const operator = (command: Command) => command.option('--operator', 'an operator policy', false)

export const previewVerbs: readonly Verb[] = [
  {
    usage: 'preview_policy <name> <pattern> <definition>',
    about: 'What set_policy would do: queues, leaders, mirrors, messages to synchronise, what is at risk',
    examples: [`preview_policy two '^orders' '{"ha-mode":"exactly","ha-params":2}' --apply-to queues`],
    run: previewPolicy,
    options: (command) =>
      operator(command)
        .option('--priority <number>', 'of the policies that match, the highest applies', number, 0)
        .option('--apply-to <what>', 'queues, exchanges or all', 'all'),
  },
  {
    usage: 'preview_clear_policy <name>',
    about: 'What clear_policy would do',
    examples: ['preview_clear_policy two'],
    run: (session, name: string, flags: PreviewFlags) =>
      preview(session, { clear: [{ vhost: session.vhost, name, operator: flags.operator === true }] }),
    options: operator,
  },
  {
    usage: 'preview_policies <file>',
    about: 'What it would do to have the policies of a YAML or JSON file, and no others',
    examples: ['preview_policies policies.yaml --formatter json'],
    run: async (session, file: string) => preview(session, { replace: await policiesOf(file) }),
  },
  {
    usage: 'explain <kind> <name>',
    about: 'Which policies a queue or an exchange follows, why, and where each key comes from',
    examples: ['explain queue orders', 'explain exchange amq.topic --formatter json'],
    run: explain,
  },
]

function previewPolicy(
  session: Session,
  name: string,
  pattern: string,
  text: string,
  { priority, applyTo, operator = false }: PolicyFlags & PreviewFlags,
): Promise<void> {
  const { vhost } = session
  const policy = {
    vhost,
    name,
    pattern,
    priority,
    'apply-to': applyTo,
    definition: parsed(name, text),
    operator,
  }
  return preview(session, { set: [policy] })
}

function parsed(name: string, definition: string): unknown {
  try {
    return JSON.parse(definition)
  } catch {
    throw bad(`Policy "${name}", definition: ${definition} is not JSON.`)
  }
}

/** Loaded only when it is asked for: reading YAML takes a library. */
async function policiesOf(file: string): Promise<unknown> {
  const { policiesFrom } = await import('./policies/source.ts')
  return entriesOf(policiesFrom(file, exitCodes.data))
}

async function preview(session: Session, change: object): Promise<void> {
  const answer = await session.control('POST', `/warren/policies/preview${await asked(session)}`, change)
  if (answer.status === 400) throw bad(reasonOf(answer.body))
  if (answer.status !== 200) throw unexpected('the preview', answer)
  const found = answer.body as Preview
  print(session, found, previewText(found))
  if (atRisk(found)) throw findings('The change puts something at risk.')
}

async function explain(session: Session, kind: string, name: string): Promise<void> {
  if (kind !== 'queue' && kind !== 'exchange')
    throw new WrongWords(`explain takes 'queue' or 'exchange', not '${kind}'.`)
  const path = `/warren/policies/explain/${segment(session.vhost)}/${kind}/${segment(name)}`
  const answer = await session.control('GET', path + (await asked(session)))
  if (answer.status === 404) throw bad(reasonOf(answer.body))
  if (answer.status !== 200) throw unexpected('the explanation', answer)
  const found = answer.body as Explanation
  print(session, found, explanationText(found))
  if (surprises(found)) throw findings('Not all of these policies do what they say.')
}

/** Through which node's view. */
const asked = async (session: Session) => `?node=${segment(await session.target())}`

function print({ flags }: Session, found: object, text: string): void {
  process.stdout.write(flags.formatter === 'json' ? `${JSON.stringify(found)}\n` : text)
}

const atRisk = ({ queues, losses }: Preview) =>
  queues.some(({ risks }) => risks.length > 0) ||
  losses.some(
    ({ before, after }) => after.unavailable > before.unavailable || after.messages > before.messages,
  )

const reasonOf = (body: unknown) => String((body as { reason?: unknown } | null)?.reason ?? 'It was refused.')

const bad = (reason: string) => new Failure(exitCodes.data, `Error:\n${reason}\n`)
const findings = (text: string) => new Failure(exitCodes.failed, text)

function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.')
  return value
}
