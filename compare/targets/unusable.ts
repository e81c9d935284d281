// Why a target cannot be used: one sentence for the user, who is not shown a stack. Thrown by targets, caught by the command.

export class Unusable extends Error {
  override readonly name = 'Unusable'
}
