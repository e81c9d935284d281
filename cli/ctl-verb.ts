// What a verb of `warren ctl` is: one row of the tables in ctl-verbs and ctl-verbs-cluster. It holds nothing and does nothing.

import type { Command } from 'commander'
import type { Formatter, Session } from './ctl-session.ts'

export interface Verb {
  /** Name and arguments as commander writes them. */
  readonly usage: string
  readonly alias?: string
  readonly about: string
  readonly examples: readonly string[]
  /** Its arguments are those of `usage`, then the verb's own options; commander has checked them. */
  readonly run: (session: Session, ...given: never[]) => Promise<void>
  readonly options?: (command: Command) => Command
  /** What --formatter may be, the usual one first; table and json when absent. */
  readonly formatters?: readonly Formatter[]
  /** It is about the cluster as a whole and needs no node that runs. */
  readonly fromOutside?: true
}
