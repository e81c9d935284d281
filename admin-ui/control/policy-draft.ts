// A change of policies as somebody is still writing it: one policy as a form's fields, or any number as the text of a policy file.
// Called by `policy-editing`; it says what is wrong and where, and never throws for a fault of the policies themselves.

import { entriesOf } from '../../policies/file-entries.ts'
import { policyKeys } from '../../policies/keys.ts'
import { fieldFaults, isRecord, operatorKeys } from '../../policies/policy.ts'
import { badRequest } from '../http-error.ts'

export interface DraftFault {
  /** The field of a form; `text` for a file. */
  readonly field: 'name' | 'vhost' | 'pattern' | 'apply-to' | 'priority' | 'definition' | 'text'
  /** The key of the definition, where one is at fault. */
  readonly key: string | null
  /** What RabbitMQ would answer to a PUT of a form's fields; for a text what a policy file's reader says. */
  readonly text: string
  /** Counted from 1; null for a form. */
  readonly place: { readonly line: number; readonly column: number } | null
}

export interface Draft {
  readonly faults: readonly DraftFault[]
  /** As `readChange` takes it; only without faults. */
  readonly change: unknown
}

const keys = ['policy', 'text', 'replace', 'set', 'clear']

/** `{"policy": {…}, "clear": […]}`, `{"text": "…", "replace": false}`, or a change with `set` and `clear`. Throws 400 for another body. */
export async function draftOf(body: unknown, vhosts: ReadonlySet<string>): Promise<Draft> {
  if (!isRecord(body)) throw badRequest('The body must be an object with "policy", "text", "set" or "clear".')
  const strange = Object.keys(body).find((key) => !keys.includes(key))
  if (strange !== undefined)
    throw badRequest(
      `The body has "policy" and "clear", "text" and "replace", or "set" and "clear", not "${strange}".`,
    )
  const { policy, text, replace = false, ...change } = body
  if (text !== undefined) return textDraft(text, replace, vhosts)
  if (replace !== false)
    throw badRequest('"replace" goes with "text": it says that the text is all policies.')
  return policy === undefined ? { faults: [], change } : formDraft(policy, change, vhosts)
}

/** A form in RabbitMQ's words: each of its fields at once. */
function formDraft(policy: unknown, change: object, vhosts: ReadonlySet<string>): Draft {
  if (!isRecord(policy)) throw badRequest('"policy" must be an object.')
  const { name, vhost = '/', pattern, definition, priority = 0, 'apply-to': applyTo = 'all' } = policy
  const operator = policy['operator'] === true
  if (!isRecord(definition)) throw badRequest('"definition" must be an object.')
  const faults: DraftFault[] = []
  const add = (field: DraftFault['field'], text: string, key: string | null = null) =>
    faults.push({ field, key, text, place: null })
  if (typeof name !== 'string' || name === '') add('name', 'A policy needs a name.')
  if (typeof vhost !== 'string' || !vhosts.has(vhost))
    add('vhost', `There is no virtual host '${String(vhost)}'.`)
  const rows = operator ? operatorKeys : policyKeys
  for (const { field, key, text } of fieldFaults({ pattern, definition, priority, applyTo }, rows))
    add(field, text, key)
  return { faults, change: { ...change, set: [{ ...policy, vhost }] } }
}

async function textDraft(text: unknown, replace: unknown, vhosts: ReadonlySet<string>): Promise<Draft> {
  if (typeof text !== 'string') throw badRequest('"text" must be the text of a policy file.')
  if (typeof replace !== 'boolean') throw badRequest('"replace" must be true or false.')
  // Loaded only here: reading YAML takes a library.
  const { PolicyFileError, parsePolicyFile } = await import('../../policies/files.ts')
  try {
    const file = parsePolicyFile(text, fileName)
    const strange = [...file.policies, ...file.operatorPolicies].find(({ vhost }) => !vhosts.has(vhost))
    if (strange !== undefined)
      return refused(`policy "${strange.name}", vhost: there is no virtual host "${strange.vhost}"`, null)
    const entries = entriesOf(file)
    return { faults: [], change: replace ? { replace: entries } : { set: entries } }
  } catch (error) {
    if (!(error instanceof PolicyFileError)) throw error
    const { line, column, message } = error
    return refused(message.slice(`${fileName}:${line}:${column}: `.length), { line, column })
  }
}

const fileName = 'policies'

const refused = (text: string, place: DraftFault['place']): Draft => ({
  faults: [{ field: 'text', key: null, text, place }],
  change: null,
})
