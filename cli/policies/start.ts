// The policies that `warren start` begins with and, with --watch, the edits of their file. An edit is applied as the difference
// from what the file said before, in one step; one that is wrong is reported with line and column and changes nothing.

import type { PolicyInput, RunningCluster } from '../../index.ts'
import { PolicyChangeError, replaced } from '../../policies/change-reading.ts'
import { entriesOf, type PolicyFile, PolicyFileError, parsePolicyFile } from '../../policies/files.ts'
import { exitCodes, Failure } from '../failure.ts'
import { headline } from '../preview-text.ts'
import { FileWatch } from './file-watch.ts'
import { isFile, policiesFrom } from './source.ts'

export interface StartPolicies {
  readonly policies: readonly PolicyInput[]
  /** Begins to watch, if that was asked for; what it returns ends it. */
  watch(running: RunningCluster): () => void
}

/** Throws Failure when the source cannot be used. */
export function startPolicies(source: string, watch: boolean): StartPolicies {
  if (watch && !isFile(source))
    throw new Failure(exitCodes.usage, `warren: --watch is for files, and ${source} is none.`)
  const file = policiesFrom(source, exitCodes.failed)
  const policies = entriesOf(file)
  if (!watch) return { policies, watch: () => () => {} }
  return { policies, watch: (running) => watchEdits(source, file, running) }
}

const say = (text: string) => void process.stdout.write(`${text}\n`)
const complain = (text: string) => void process.stderr.write(`warren: ${text}\n`)
const unchanged = 'The policies stay as they are.'

function watchEdits(source: string, first: PolicyFile, running: RunningCluster): () => void {
  let applied = first
  const edited = (text: string) => {
    try {
      const file = parsePolicyFile(text, source)
      const done = apply(applied, file, running)
      applied = file
      if (done !== '') say(`${source}: ${done}`)
    } catch (error) {
      if (error instanceof PolicyFileError) complain(`${error.message}. ${unchanged}`)
      else if (error instanceof PolicyChangeError) complain(`${source}: ${error.message} ${unchanged}`)
      else complain(`${source}: ${(error as Error).message}. ${unchanged}`)
    }
  }
  const watch = new FileWatch(source, edited, () => complain(`${source} is gone. ${unchanged}`))
  say(`Watching ${source}.`)
  return () => watch.stop()
}

/** Makes what one file said into what the other says; returns what was done and what follows from it, in words. */
function apply(before: PolicyFile, after: PolicyFile, running: RunningCluster): string {
  const { set = [], setOperator = [], clear = [], clearOperator = [] } = replaced(before, after)
  const set_ = entriesOf({ policies: set, operatorPolicies: setOperator })
  const now = running.policies.snapshot()
  // Somebody may have cleared one of them by other means.
  const there = (policies: PolicyFile['policies'], { vhost, name }: { vhost: string; name: string }) =>
    policies.some((policy) => policy.vhost === vhost && policy.name === name)
  const cleared = [
    ...clear.filter((policy) => there(now.policies, policy)),
    ...clearOperator
      .filter((policy) => there(now.operatorPolicies, policy))
      .map((policy) => ({ ...policy, operator: true })),
  ]
  if (set_.length + cleared.length === 0) return ''
  const change = { set: set_, clear: cleared }
  const preview = running.policies.preview(change)
  running.policies.apply(change)
  const names = (verb: string, list: readonly { readonly name: string }[]) =>
    list.length === 0 ? [] : [`${verb} ${list.map(({ name }) => JSON.stringify(name)).join(', ')}`]
  const done = [...names('set', set_), ...names('cleared', cleared)].join('; ')
  return `${done}.\n  ${headline(preview)}`
}
