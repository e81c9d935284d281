// What an exchange's routing table is to the rest of a node: bindings in, destinations out. Each exchange type is one
// file beside this one; `definitions` keeps one router per exchange and `node` and `channel` ask it. A router knows
// nothing of queues, vhosts or permissions, and must never keep anything about a message after `route` returns.
import type { Table } from '../amqp/fields.ts'

/** One binding. The destination is any object compared by identity: a queue record or another exchange. */
export interface Binding<D> {
  readonly destination: D
  readonly routingKey: string
  readonly arguments: Table
}

/** The routing table of one exchange. */
export interface Router<D> {
  /** Adds a binding. The caller never binds an equal (destination, key, arguments) twice. */
  bind(binding: Binding<D>): void
  /** Removes a binding: the same object that was bound. One that is not bound is ignored. */
  unbind(binding: Binding<D>): void
  /**
   * Appends every matching destination that `into` does not hold yet, each once, in an order that is the same for
   * equal histories of binds and unbinds. `headers` is read by headers exchanges only; null means an empty table.
   */
  route(routingKey: string, headers: Table | null, into: D[]): void
  /** Number of bindings. */
  readonly size: number
  /** Raised at each bind and unbind: a caller's own cache of results is good as long as this is unchanged. */
  readonly version: number
  /** True when `route` looks at the headers, so that nobody else decodes them. */
  readonly needsHeaders: boolean
  /**
   * Text of the PRECONDITION_FAILED (without that prefix) that a binding deserves, or null when it may be bound.
   * Absent where every binding is good.
   */
  validate?(routingKey: string, args: Table): string | null
}
