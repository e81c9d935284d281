import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Two at least: most tests wait more than they work. One broker that all share is asked by one after the other. */
const workers = process.env['AMQP_URL'] === undefined ? Math.max(2, availableParallelism() - 1) : 1

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: workers,
    // Tests that wait out a silence do so together (describe.concurrent).
    maxConcurrency: 64,
  },
})
