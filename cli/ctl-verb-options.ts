// Options that several tables of verbs share.

import { type Command, InvalidArgumentError } from 'commander'

export const headers = (command: Command) => command.option('--no-table-headers', 'leave out the header line')

/** A listing whose columns may be chosen. */
export const columns = (known: readonly string[]) => (command: Command) =>
  headers(command).addHelpText('after', `\nColumns: ${known.join(', ')}`)

export function integer(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(text)
}
