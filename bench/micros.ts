// All micro benches by the name of their workload. Read by bench.ts and by the command line.
import type { Micro } from './micro.ts'
import { codec } from './micro-codec.ts'
import { policies } from './micro-policies.ts'
import { manyPolicies } from './micro-policies-many.ts'
import { queues } from './micro-queue.ts'
import { routing } from './micro-routing.ts'

export const micros: Readonly<Record<string, readonly Micro[]>> = {
  codec,
  routing,
  queue: queues,
  policies: [...policies, ...manyPolicies],
}
