/**
 * A change of policies as people send it, over HTTP or to the library: what to set, what to clear, or all there is to be. Read
 * whole or refused whole, in one sentence that names policy, key and value. Whether a vhost exists is the caller's to say.
 */
import { changeTo, type Policies, type PolicyChange, type PolicyName } from './change.ts'
import { type PolicyFile, readPolicies } from './file-entries.ts'
import { isRecord } from './policy.ts'

export class PolicyChangeError extends Error {
  override readonly name = 'PolicyChangeError'
}

const keys = ['set', 'clear', 'replace']

/**
 * `{"set": [policy, …], "clear": [{"vhost", "name"}, …]}`, or `{"replace": [policy, …]}` for all policies of a file. Policies are
 * those of a policy file; `"operator": true` makes an operator policy of one, in either list. Throws PolicyChangeError.
 */
export function readChange(body: unknown, now: Policies, vhosts: ReadonlySet<string>): PolicyChange {
  if (!isRecord(body))
    return refuse('The change must be an object with "set" and "clear", or with "replace".')
  const strange = Object.keys(body).find((key) => !keys.includes(key))
  if (strange !== undefined)
    return refuse(`A change of policies has "set", "clear" or "replace", not ${JSON.stringify(strange)}.`)
  if (!keys.some((key) => key in body)) return refuse('The change must have "set", "clear" or "replace".')
  if ('replace' in body && ('set' in body || 'clear' in body))
    return refuse('"replace" says what all policies are, and leaves nothing to "set" or "clear".')
  if ('replace' in body) return replaced(now, policiesIn('replace', body['replace'], vhosts))
  const { policies, operatorPolicies } = policiesIn('set', body['set'] ?? [], vhosts)
  const clear = namesIn(body['clear'] ?? [], now)
  return {
    set: policies,
    setOperator: operatorPolicies,
    clear: clear.filter(({ operator }) => !operator).map(nameOf),
    clearOperator: clear.filter(({ operator }) => operator).map(nameOf),
  }
}

/** What makes the policies of a cluster those of a file. */
export function replaced(now: Policies, file: PolicyFile): PolicyChange {
  const own = changeTo(now.policies, file.policies)
  const operators = changeTo(now.operatorPolicies, file.operatorPolicies)
  return { ...own, setOperator: operators.set ?? [], clearOperator: operators.clear ?? [] }
}

function policiesIn(key: string, list: unknown, vhosts: ReadonlySet<string>): PolicyFile {
  const read = readPolicies(list, (path, complaint) =>
    refuse(
      path.length === 0 ? `"${key}": ${complaint}.` : `${complaint[0]!.toUpperCase()}${complaint.slice(1)}.`,
    ),
  )
  for (const { vhost, name } of [...read.policies, ...read.operatorPolicies])
    if (!vhosts.has(vhost))
      refuse(`Policy ${JSON.stringify(name)}, vhost: there is no virtual host ${JSON.stringify(vhost)}.`)
  return read
}

interface Cleared extends PolicyName {
  readonly operator: boolean
}

function namesIn(list: unknown, now: Policies): Cleared[] {
  if (!Array.isArray(list)) return refuse('"clear" must be a list of {"vhost", "name"}.')
  return list.map((entry) => {
    const { vhost = '/', name, operator = false } = isRecord(entry) ? entry : {}
    if (typeof name !== 'string' || typeof vhost !== 'string' || typeof operator !== 'boolean')
      return refuse(`"clear" must be a list of {"vhost", "name"}, and ${JSON.stringify(entry)} is none.`)
    const known = (operator ? now.operatorPolicies : now.policies).some(
      (policy) => policy.vhost === vhost && policy.name === name,
    )
    if (known) return { vhost, name, operator }
    const kind = operator ? 'operator policy' : 'policy'
    return refuse(
      `There is no ${kind} ${JSON.stringify(name)} in virtual host ${JSON.stringify(vhost)} that could be cleared.`,
    )
  })
}

const nameOf = ({ vhost, name }: PolicyName): PolicyName => ({ vhost, name })

function refuse(sentence: string): never {
  throw new PolicyChangeError(sentence)
}
