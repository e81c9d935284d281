// The one vocabulary of errors: what a client did wrong, with the reply code and text RabbitMQ gives. Thrown anywhere
// in the core; only `connection` renders it as Channel.Close or Connection.Close and only `admin-ui` as an HTTP status.
// It must never stand for a mistake of our own: those are plain Errors.

export type Scope = 'channel' | 'connection'

/** A protocol error: `code` and `text` as in AMQP 0-9-1 §1.1 (constants), worded as RabbitMQ 3.10.8 words it. */
export class BrokerError extends Error {
  readonly code: number
  readonly text: string
  readonly scope: Scope
  /** Class and method id to report when it is not the method in hand: class << 16 | method. */
  method: number | null = null

  constructor(code: number, text: string, scope: Scope = 'channel') {
    super(text)
    this.code = code
    this.text = text
    this.scope = scope
  }
}

export type Resource = 'queue' | 'exchange'

const inVhost = (kind: Resource, name: string, vhost: string) => `${kind} '${name}' in vhost '${vhost}'`

/** 404 for a missing queue or exchange (docs/observed.md §5.3). */
export function notFound(kind: Resource, name: string, vhost: string): BrokerError {
  return new BrokerError(404, `NOT_FOUND - no ${inVhost(kind, name, vhost)}`)
}

/** 404 for an empty queue name on a channel that has declared none (docs/observed.md §5.2). */
export function noPreviousQueue(): BrokerError {
  return new BrokerError(404, 'NOT_FOUND - no previously declared queue')
}

/** 404 for a durable queue whose only node is away (docs/observed.md §2). */
export function homeNodeDown(name: string, vhost: string, node: string): BrokerError {
  return new BrokerError(
    404,
    `NOT_FOUND - home node '${node}' of durable queue '${name}' in vhost '${vhost}' is down or inaccessible`,
  )
}

/** 404 after an operation waited in vain for a queue's leader (docs/observed.md §4.6). */
export function operationTimedOut(name: string, vhost: string): BrokerError {
  return new BrokerError(
    404,
    `NOT_FOUND - failed to perform operation on queue '${name}' in vhost '${vhost}' due to timeout`,
  )
}

export function preconditionFailed(detail: string): BrokerError {
  return new BrokerError(406, `PRECONDITION_FAILED - ${detail}`)
}

export function accessRefused(detail: string): BrokerError {
  return new BrokerError(403, `ACCESS_REFUSED - ${detail}`)
}

/** 405: somebody else's exclusive queue (docs/observed.md §5.3). */
export function resourceLocked(name: string, vhost: string): BrokerError {
  return new BrokerError(
    405,
    `RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '${name}' in vhost '${vhost}'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration.`,
  )
}

export function notImplemented(detail: string): BrokerError {
  return new BrokerError(540, `NOT_IMPLEMENTED - ${detail}`, 'connection')
}

export function notAllowed(detail: string): BrokerError {
  return new BrokerError(530, `NOT_ALLOWED - ${detail}`, 'connection')
}

/** 530 for one channel too many; it names no method (docs/observed.md §5.1). */
export function tooManyChannels(open: number, max: number): BrokerError {
  const error = notAllowed(
    `number of channels opened (${open}) has reached the negotiated channel_max (${max})`,
  )
  error.method = 0
  return error
}

export function commandInvalid(detail: string): BrokerError {
  return new BrokerError(503, `COMMAND_INVALID - ${detail}`, 'connection')
}

export function channelError(detail: string): BrokerError {
  return new BrokerError(504, `CHANNEL_ERROR - ${detail}`, 'connection')
}

/** 505; `method` is the one in hand when the frame came, 0 for none (docs/observed.md §5.2). */
export function unexpectedFrame(detail: string, method: number): BrokerError {
  const error = new BrokerError(505, `UNEXPECTED_FRAME - ${detail}`, 'connection')
  error.method = method
  return error
}

export function internalError(): BrokerError {
  return new BrokerError(541, 'INTERNAL_ERROR', 'connection')
}

/** 320: the broker itself ends the connection, for instance because its node stops (docs/observed.md §2). */
export function connectionForced(reason: string): BrokerError {
  return new BrokerError(320, `CONNECTION_FORCED - ${reason}`, 'connection')
}

/** 403 for a failed login, to clients that can read it; the mechanism is named (docs/observed.md §5.1, §10). */
export function loginRefused(mechanism: string): BrokerError {
  return new BrokerError(
    403,
    `ACCESS_REFUSED - Login was refused using authentication mechanism ${mechanism}. For details see the broker logfile.`,
    'connection',
  )
}
