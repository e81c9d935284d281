// What went wrong while a frame was handled, in the protocol's terms: which reply to send, or that the socket just closes
// (docs/observed.md §5.2). Called by `connection` with whatever was thrown.

import { payloadSnippet } from './amqp/erlang.ts'
import { MalformedError } from './amqp/errors.ts'
import { WireError } from './amqp/frames.ts'
import { UnknownMethodError } from './amqp/methods.ts'
import { BrokerError, internalError, unexpectedFrame } from './errors.ts'

/** The error to report, or `drop` to close the socket without a word, or `bug` for a mistake of our own. */
export function protocolError(error: unknown): BrokerError | 'drop' | 'bug' {
  if (error instanceof BrokerError) return error
  if (error instanceof UnknownMethodError) return 'drop'
  if (error instanceof MalformedError)
    return error.text === '' ? internalError() : new BrokerError(501, error.text, 'connection')
  if (!(error instanceof WireError)) return 'bug'
  const wire = new BrokerError(error.code, error.text, 'connection')
  wire.method = error.method
  return wire
}

/** What Channel.Close and Connection.Close say; `method` is the one at fault: class << 16 | method. */
export const closeArguments = ({ code, text }: BrokerError, method: number) => ({
  replyCode: code,
  replyText: text,
  classId: method >>> 16,
  methodId: method & 0xffff,
})

/** 505 for a frame of a channel before the connection is open (docs/observed.md §17). */
export function outOfPlace(type: number, payload: Buffer): BrokerError {
  return unexpectedFrame(`type ${type}, ${payloadSnippet(payload)}`, 0)
}
