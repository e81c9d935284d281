// The machine a run was made on, as text: it is part of every number. Called by run.ts once a run.
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'

export interface Machine {
  readonly processor: string
  /** Those this process may use. */
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  readonly node: string
  /** Processes that wanted a core in the minute before the run. */
  readonly loadBefore: number
}

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    loadBefore: Math.round(loadavg()[0]! * 10) / 10,
  }
}

export function machineText({ processor, cores, memoryGiB, system, node }: Machine): string {
  return `${cores} × ${processor}, ${memoryGiB} GiB, ${system}, Node.js ${node}`
}

/** What /proc tells of a process; null where there is no /proc or no such process. */
export interface ProcessUse {
  readonly residentBytes: number
  /** User and system time, its own. */
  readonly cpuSeconds: number
}

/** Clock ticks a second: 100 on every Linux that Node.js runs on. */
const ticks = 100

export function useOf(pid: number | undefined): ProcessUse | null {
  if (pid === undefined || !existsSync(`/proc/${pid}/stat`)) return null
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    // The name in parentheses may hold blanks; user and system time are fields 14 and 15.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    if (kilobytes === undefined) return null
    return {
      residentBytes: Number(kilobytes) * 1024,
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticks,
    }
  } catch {
    return null
  }
}

/** Several processes as one. */
export function useOfAll(pids: readonly number[]): ProcessUse | null {
  const uses = pids.map(useOf).filter((use) => use !== null)
  if (uses.length === 0) return null
  return {
    residentBytes: uses.reduce((sum, use) => sum + use.residentBytes, 0),
    cpuSeconds: uses.reduce((sum, use) => sum + use.cpuSeconds, 0),
  }
}
