// Runs a synchronous task with a limit of time, endless loops included: the engine itself breaks it off. Used around whole
// worlds, replays and attempts of the shrinker, since each call costs a watchdog thread.

import { Script } from 'node:vm'
import { Broken } from './drive.ts'

const script = new Script('globalThis[Symbol.for("warren.fuzz.task")]()')
const slot = Symbol.for('warren.fuzz.task')

/** The task's result; throws what it throws, or Broken when it takes longer than `ms` of real time. */
export function withinTime<T>(ms: number, task: () => T): T {
  const space = globalThis as Record<symbol, unknown>
  let result: T | undefined
  space[slot] = () => {
    result = task()
  }
  try {
    script.runInThisContext({ timeout: ms })
    return result as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    throw new Broken(`no end within ${ms} ms`)
  } finally {
    delete space[slot]
  }
}
