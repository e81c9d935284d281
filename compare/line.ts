// The seam between a client and whatever broker it talks to: a line carries bytes both ways, a target dials lines and can
// have its nodes killed and started. Interfaces only; `targets/` fulfils them, `client` and `run` use them.

/** A sender with more than this under way, in bytes, waits for `drained`. */
export const roomBytes = 65_536

/** A client's side of an open connection. */
export interface LineEnd {
  /** Bytes from the broker, in any portions. */
  received(bytes: Buffer): void
  /** The connection is gone, without a word or after the last one. Called once. */
  broken(): void
  /** What was sent has been taken, so that a sender who waited goes on. */
  drained?(): void
}

export interface Line {
  /** Bytes for the broker; ignored once the line is broken. */
  send(bytes: Buffer): void
  /** Drops the connection from the client's side; `broken` is not called. */
  hangUp(): void
  /** Bytes sent that the broker has not taken yet; absent where the line cannot know. */
  readonly backlog?: number
}

/** What clients say who they are, and where they want to work. */
export interface Login {
  readonly user: string
  readonly password: string
  readonly vhost: string
}

/** Where clients find a broker. */
export interface Network {
  /** By default guest in the default vhost. */
  readonly login?: Login
  /** A new connection to `node`; null when it is refused, because the node does not run. */
  dial(node: string, end: LineEnd): Line | null
}

/** Time as a client knows it: virtual milliseconds, and a chance of its own. */
export interface Clock {
  readonly now: number
  /** Runs `task` in `delayMs`. */
  after(delayMs: number, task: () => void): void
  /** The random stream `name`, uniform in [0, 1). */
  chance(name: string): () => number
}
