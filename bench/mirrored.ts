// Where the policy of the mirrored workloads lies: `warren start --policies` reads it, and rabbitmq.ts sets the same one.
import { fileURLToPath } from 'node:url'

export const mirrored: string = fileURLToPath(new URL('./mirrored.yaml', import.meta.url))
