// Policies: checking one, finding the one that applies among a hundred, and what follows from it. Measured by micro.ts.
import { queueSettings } from '../policies/effective.ts'
import { matchPolicy } from '../policies/match.ts'
import { nextStep } from '../policies/placement.ts'
import { parsePolicy } from '../policies/policy.ts'
import { keep, type Micro } from './micro.ts'

const body = {
  pattern: '^orders\\.',
  priority: 3,
  'apply-to': 'queues',
  definition: { 'ha-mode': 'exactly', 'ha-params': 2 },
}
const hundred = Array.from({ length: 100 }, (_, i) =>
  parsePolicy('/', `p${i}`, {
    pattern: `^team${i}\\.(in|out)\\.`,
    priority: i % 7,
    definition: { 'max-length': i + 1 },
  }),
)
const policy = parsePolicy('/', 'ha', body)
const settings = queueSettings({}, policy, null)
const nodes = ['a', 'b', 'c', 'd', 'e']

/** Something done once a call, a hundred times. */
const each = (name: string, once: (i: number) => number): Micro => ({
  name,
  prepare: () => ({
    run: () => {
      for (let i = 0; i < 100; i++) keep(once(i))
    },
    each: 100,
  }),
})

export const policies: readonly Micro[] = [
  each('check a policy', () => parsePolicy('/', 'ha', body).priority),
  each(
    'find the policy of a queue among 100',
    (i) => matchPolicy(hundred, { kind: 'queue', vhost: '/', name: `team${i}.out.x` })?.priority ?? 0,
  ),
  each('settings of a queue', (i) => queueSettings({ 'x-max-length': i }, policy, null).maxLength ?? 0),
  each('next step of a placement', (i) => {
    const step = nextStep(settings, { leader: nodes[i % 5]!, mirrors: [] }, nodes, () => 0.5)
    return step?.do.length ?? 0
  }),
]
