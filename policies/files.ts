/**
 * Policy files: a YAML or JSON list of policies and operator policies, as text. The command line reads them for the cluster's
 * start and `ctl export_policies` writes them; reading the disk is the caller's business. A file with one fault is refused
 * whole, and the message names the file, the line, the column, the policy, the key and the value.
 */
import { dump } from 'js-yaml'
import { entriesOf, type PolicyFile, type Refuse, readPolicies } from './file-entries.ts'
import { type FileKind, PolicyFileError, parseYaml } from './files-yaml.ts'

export { entriesOf, type PolicyFile } from './file-entries.ts'
export { PolicyFileError } from './files-yaml.ts'

const policyList: FileKind = { what: 'a list of policies', Refusal: PolicyFileError }

/**
 * The policies of a file. `text` is YAML, of which JSON is a part; `fileName` is only for messages.
 * Every entry has `name`, `pattern`, `definition` and may have `apply-to` (all), `priority` (0), `vhost` (/) and
 * `operator` (false). Unlike a PUT, a file may not hold keys of an entry that mean nothing. Throws PolicyFileError.
 */
export function parsePolicyFile(text: string, fileName: string): PolicyFile {
  const { value, placeOf } = parseYaml(text, fileName, policyList)
  const refuse: Refuse = (path, complaint) => {
    throw new PolicyFileError(fileName, placeOf(path), complaint)
  }
  return readPolicies(value, refuse)
}

/** The policies as a file that `parsePolicyFile` reads back equal. */
export function dumpPolicies(file: PolicyFile, form: 'yaml' | 'json' = 'yaml'): string {
  const entries = entriesOf(file)
  if (form === 'json') return `${JSON.stringify(entries, null, 2)}\n`
  return dump(entries, { noRefs: true, lineWidth: -1 })
}
