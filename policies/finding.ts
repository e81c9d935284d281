/**
 * What lint and the migration check say: one finding per mistake, in a sentence for people and as data for programs, and
 * the words by which both name policies and objects. Pure text; nobody judges anything here.
 */
import type { Policy } from './policy.ts'

/** `error`: it does not do what it says. `warning`: it can lose messages or surprise. `info`: worth knowing. */
export type Severity = 'error' | 'warning' | 'info'
export const severities: readonly Severity[] = ['error', 'warning', 'info']

export interface NamedPolicy {
  readonly kind: 'policy' | 'operator policy'
  readonly vhost: string
  readonly name: string
}

export interface NamedObject {
  readonly kind: 'queue' | 'exchange'
  readonly vhost: string
  readonly name: string
}

export interface Finding {
  /** Name of the rule that fired, such as `same-priority`. */
  readonly rule: string
  readonly severity: Severity
  readonly policies: readonly NamedPolicy[]
  /** The first of those concerned, by name; `objectCount` says how many there are. */
  readonly objects: readonly NamedObject[]
  readonly objectCount: number
  readonly sentence: string
  readonly whatToDo: string
}

/** How many objects a finding lists. */
export const objectsListed = 10
const objectsNamed = 3

/** A finding from whatever it is about; lists no more objects than `objectsListed`. */
export function finding(
  severity: Severity,
  about: { readonly policies?: readonly NamedPolicy[]; readonly objects?: readonly NamedObject[] },
  sentence: string,
  whatToDo: string,
): Omit<Finding, 'rule'> {
  const { policies = [], objects = [] } = about
  const first = firstByName(objects, objectsListed)
  return {
    severity,
    policies: policies.map(({ kind, vhost, name }) => ({ kind, vhost, name })),
    objects: first.map(({ kind, vhost, name }) => ({ kind, vhost, name })),
    objectCount: objects.length,
    sentence,
    whatToDo,
  }
}

export const named = (policy: Policy, operator = false): NamedPolicy => ({
  kind: operator ? 'operator policy' : 'policy',
  vhost: policy.vhost,
  name: policy.name,
})

/** `policy "ha"`, with its vhost unless that is `/`. */
export function policyName({ kind, vhost, name }: NamedPolicy): string {
  return `${kind} ${quoted(name)}${ofVhost(vhost)}`
}

/** `queue "a"`, `queues "a" and "b"`, `queues "a", "b", "c" and 97 more`; objects of both kinds are named one by one. */
export function objectNames(objects: readonly NamedObject[]): string {
  const shown = firstByName(objects, objectsNamed)
  const [first] = shown
  if (first === undefined) return 'nothing'
  const alike = objects.every(({ kind, vhost }) => kind === first.kind && vhost === first.vhost)
  const left = objects.length - shown.length
  const more = left === 0 ? [] : [`${left} more`]
  if (!alike)
    return listed([
      ...shown.map(({ kind, vhost, name }) => `${kind} ${quoted(name)}${ofVhost(vhost)}`),
      ...more,
    ])
  const kind = objects.length === 1 ? first.kind : `${first.kind}s`
  return `${kind} ${listed([...shown.map(({ name }) => quoted(name)), ...more])}${ofVhost(first.vhost)}`
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

/** As the beginning of a sentence. */
export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

export const quoted = (text: unknown): string => JSON.stringify(text) ?? String(text)

const ofVhost = (vhost: string) => (vhost === '/' ? '' : ` of vhost ${quoted(vhost)}`)

/** The first `count` by vhost, kind and name. There may be ten thousand, so they are not sorted for it. */
function firstByName<T extends NamedObject>(objects: readonly T[], count: number): T[] {
  const first: T[] = []
  for (const object of objects) {
    if (first.length === count && !isBefore(object, first[count - 1]!)) continue
    let at = first.length
    while (at > 0 && isBefore(object, first[at - 1]!)) at--
    first.splice(at, 0, object)
    if (first.length > count) first.pop()
  }
  return first
}

function isBefore(a: NamedObject, b: NamedObject): boolean {
  if (a.vhost !== b.vhost) return a.vhost < b.vhost
  return a.kind === b.kind ? a.name < b.name : a.kind < b.kind
}
