// What an exchange's routing table is to the rest of a node: bindings in, destinations out. Each exchange type is one
// file beside this one; `definitions` keeps one router per exchange and `node` and `channel` ask it. A router knows
// nothing of queues, vhosts or permissions, and but for the recent history keeps nothing of a message it has routed.
import type { Table } from '../amqp/fields.ts'
import type { Message } from '../message.ts'

/** One binding. The destination is any object compared by identity: a queue record or another exchange. */
export interface Binding<D> {
  readonly destination: D
  readonly routingKey: string
  readonly arguments: Table
}

/** A message with all the keys it was published with. */
export interface Routed {
  readonly message: Message
  /** Keys from CC and BCC, which route in addition. */
  readonly furtherKeys: readonly string[]
}

/** One message on its way, for types whose routes depend on more than a key and headers. */
export interface Occasion extends Routed {
  /** Uniform in [0, 1). */
  readonly chance: () => number
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
  route(routingKey: string, headers: Table | null, into: D[], occasion?: Occasion): void
  /** Number of bindings. */
  readonly size: number
  /** Raised at each bind and unbind: a caller's own cache of results is good as long as this is unchanged. */
  readonly version: number
  /** True when `route` looks at the headers, so that nobody else decodes them. */
  readonly needsHeaders: boolean
  /**
   * True when each message must be asked for anew, exactly once however many keys it has, and with its occasion: the
   * route hangs on chance or on the whole message, or the router keeps the message.
   */
  readonly everyMessage?: boolean
  /** What a destination is sent when it is bound: the messages kept, oldest first. */
  readonly history?: Iterable<Routed>
  /** How long the message must wait before it is routed, in ms; 0 for not at all. */
  delayMs?(headers: Table | null): number
  /** Takes over what the router of the same exchange keeps of messages, when the definitions are copied. */
  inherit?(from: Router<D>): void
  /**
   * Text of the PRECONDITION_FAILED (without that prefix) that a binding deserves, or null when it may be bound.
   * Absent where every binding is good.
   */
  validate?(routingKey: string, args: Table): string | null
}
