/**
 * Finds the one policy that applies to a queue or an exchange. Asked by the definitions of a node whenever a
 * policy, a queue or an exchange comes, changes or goes; operator policies are matched by the same rule in a
 * call of their own. Two policies are never combined here.
 */
import { policyKey } from './keys.ts'
import { compilePattern } from './pattern.ts'
import type { Definition, Policy } from './policy.ts'

export interface PolicyTarget {
  readonly kind: 'queue' | 'exchange'
  readonly name: string
  readonly vhost: string
  /** Only classic queues are known so far; exchanges have none. */
  readonly queueType?: 'classic'
}

/**
 * The applicable policy with the highest priority, or null.
 *
 * Among equal priorities the name that sorts first wins. RabbitMQ's own order there is a fixed hash order of the
 * names (docs/observed.md §0.9), on which nobody can build; ours is merely the same on every run.
 */
export function matchPolicy(policies: Iterable<Policy>, target: PolicyTarget): Policy | null {
  let best: Policy | null = null
  for (const policy of policies) {
    if (best && !outranks(policy, best)) continue
    if (applies(policy, target)) best = policy
  }
  return best
}

/**
 * Whether classic queues may take a policy with this definition. One key meant for another queue type is enough
 * to keep the whole policy, or operator policy, away from them (docs/observed.md §1.4).
 */
export function suitsClassic(definition: Definition): boolean {
  return Object.keys(definition).every((key) => policyKey(key)?.classic !== false)
}

function outranks(policy: Policy, best: Policy): boolean {
  if (policy.priority !== best.priority) return policy.priority > best.priority
  return policy.name < best.name
}

function applies(policy: Policy, target: PolicyTarget): boolean {
  if (policy.vhost !== target.vhost) return false
  if (policy.applyTo !== 'all' && policy.applyTo !== `${target.kind}s`) return false
  if (target.kind === 'queue' && !suitsClassic(policy.definition)) return false
  return compilePattern(policy.pattern).test(target.name)
}
