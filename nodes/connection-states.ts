// The states of a connection and what each accepts, in one table. An event that is not in a state's row is the peer's
// protocol error. `connection` acts; this file only says what comes next.

import { METHOD } from './amqp/methods.ts'

export type ConnectionState =
  /** Waits for the eight bytes of the protocol header. */
  | 'header'
  /** connection.start sent. */
  | 'starting'
  /** connection.tune sent. */
  | 'tuning'
  /** Tuned: waits for connection.open. */
  | 'opening'
  | 'running'
  /** We sent connection.close and wait for close-ok. */
  | 'closing'
  /** Login failed and the client cannot read why: silence, then the end (docs/observed.md §5.1). */
  | 'silent'
  | 'closed'

export type ConnectionEvent = 'header' | 'startOk' | 'tuneOk' | 'open' | 'close' | 'closeOk'

export const transitions: Readonly<
  Record<ConnectionState, Partial<Record<ConnectionEvent, ConnectionState>>>
> = {
  header: { header: 'starting' },
  starting: { startOk: 'tuning' },
  tuning: { tuneOk: 'opening' },
  opening: { open: 'running' },
  running: { close: 'closed' },
  closing: { close: 'closed', closeOk: 'closed' },
  silent: {},
  closed: {},
}

/** The event that a method of channel 0 is; undefined for any other. */
export function eventOf(id: number): ConnectionEvent | undefined {
  if (id === METHOD.connectionStartOk) return 'startOk'
  if (id === METHOD.connectionTuneOk) return 'tuneOk'
  if (id === METHOD.connectionOpen) return 'open'
  return id === METHOD.connectionClose ? 'close' : undefined
}
