// Why a command ends without having done its work: what to print and the exit code, which is one of those that
// rabbitmqctl uses. Thrown by every file of this folder and shown by cli.ts, which adds nothing to the text.

/** Exit codes as in sysexits.h, observed from rabbitmqctl (docs/observed.md §1.3 and §2). */
export const exitCodes = {
  failed: 1,
  usage: 64,
  data: 65,
  noUser: 67,
  unavailable: 69,
  software: 70,
  timedOut: 75,
  /** As a shell tells of a process that SIGINT ended. */
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

export class Failure extends Error {
  readonly exitCode: ExitCode
  /** All that goes to stderr, with its line ends; empty when everything has been said. */
  readonly text: string

  constructor(exitCode: ExitCode, text: string) {
    super(text.trim())
    this.name = 'Failure'
    this.exitCode = exitCode
    this.text = text === '' || text.endsWith('\n') ? text : `${text}\n`
  }
}

/** A refusal by a node, in rabbitmqctl's form. */
export function refused(reason: string): Failure {
  return new Failure(exitCodes.unavailable, `Error:\n${reason}\n`)
}

/** Words after a verb that make no sense together; ctl.ts adds how the verb is used. */
export class WrongWords extends Error {
  override readonly name = 'WrongWords'
  readonly exitCode: ExitCode

  constructor(complaint: string, exitCode: ExitCode = exitCodes.usage) {
    super(complaint)
    this.exitCode = exitCode
  }
}
