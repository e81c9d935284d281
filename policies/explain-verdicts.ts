/**
 * What is decided about each policy of a vhost when an object looks for its own: the rule of `matchPolicy`, told one policy
 * at a time. Asked by `explain`; it must never find another winner than `matchPolicy` does.
 */
import { compilePattern } from './pattern.ts'
import type { Policy } from './policy.ts'
import { strangeKeys } from './queue-types.ts'
import { inOrder } from './ranking.ts'

export type Verdict = 'won' | 'lost' | 'tied' | 'pattern' | 'apply-to' | 'keys'

export interface Considered {
  readonly vhost: string
  readonly name: string
  readonly pattern: string
  readonly applyTo: Policy['applyTo']
  readonly priority: number
  readonly verdict: Verdict
  /** The policy that it lost to or is tied with. */
  readonly to: string | null
  /** With `keys`: those that keep it away. */
  readonly keys: readonly string[]
  /** One sentence. */
  readonly text: string
}

export interface ExplainedObject {
  readonly kind: 'queue' | 'exchange'
  readonly vhost: string
  readonly name: string
  /** Of the queue or the exchange. */
  readonly type: string
}

/** In the order in which they are considered: by falling priority, then by name. */
export function verdictsOf(policies: Iterable<Policy>, object: ExplainedObject): Considered[] {
  let won: Policy | null = null
  return inOrder([...policies].filter(({ vhost }) => vhost === object.vhost)).map((policy) => {
    const decided = decide(policy, object, won)
    if (decided.verdict === 'won') won = policy
    const { vhost, name, pattern, applyTo, priority } = policy
    return { vhost, name, pattern, applyTo, priority, to: null, keys: [], ...decided }
  })
}

type Decision = Pick<Considered, 'verdict' | 'text'> & Partial<Considered>

function decide(policy: Policy, { kind, name, type }: ExplainedObject, won: Policy | null): Decision {
  const { pattern, applyTo, priority, definition } = policy
  if (applyTo !== 'all' && applyTo !== `${kind}s`)
    return {
      verdict: 'apply-to',
      text: `It applies to ${applyTo} only, and this is ${article(kind)} ${kind}.`,
    }
  if (!compilePattern(pattern).test(name))
    return { verdict: 'pattern', text: `Its pattern ${quoted(pattern)} does not match ${quoted(name)}.` }
  const keys = kind === 'queue' ? strangeKeys(type, definition) : []
  if (keys.length > 0)
    return {
      verdict: 'keys',
      keys,
      text: `It holds ${keys.map(quoted).join(', ')}, which ${type} queues do not know: so they do not follow it at all.`,
    }
  if (won === null)
    return {
      verdict: 'won',
      text: `It matches, and of those that match its priority ${priority} is the highest.`,
    }
  if (won.priority !== priority)
    return {
      verdict: 'lost',
      to: won.name,
      text: `It matches, but its priority ${priority} is lower than the ${won.priority} of ${quoted(won.name)}.`,
    }
  return {
    verdict: 'tied',
    to: won.name,
    text:
      `It matches with the priority ${priority} of ${quoted(won.name)} too. RabbitMQ leaves it undefined which of them holds; ` +
      `Warren takes ${quoted(won.name)}, the name that sorts first, so that every run is the same.`,
  }
}

const quoted = (text: string) => JSON.stringify(text)
const article = (noun: string) => (noun === 'exchange' ? 'an' : 'a')
