// The three ways in which bytes can be wrong: a bad frame, arguments that do not fit, a method nobody knows.
// Thrown by every decoder of this room and turned into Connection.Close by the connection. It must never hold
// on to the buffer that was being read, because the next chunk overwrites it.

/** A frame that breaks the framing rules; always a connection error (docs/observed.md §5.2). */
export class WireError extends Error {
  /** AMQP reply code: 501 FRAME_ERROR or 505 UNEXPECTED_FRAME. */
  readonly code: number
  /** Reply text for Connection.Close, name and dash included; the writer cuts it to 255 bytes. */
  readonly text: string
  readonly channel: number
  /** `classId << 16 | methodId` of the method at fault, 0 when there is none. */
  readonly method: number

  constructor(code: number, text: string, channel: number, method = 0) {
    super(text)
    this.name = 'WireError'
    this.code = code
    this.text = text
    this.channel = channel
    this.method = method
  }
}

/**
 * Arguments, properties or a field table that do not fit their bytes.
 * `text` is the reply text of the 501 that RabbitMQ answers, or '' where its parser crashes instead of answering
 * (a broken field table closes the socket or gives 541 INTERNAL_ERROR, broken properties give 541).
 */
export class MalformedError extends Error {
  readonly text: string

  constructor(reason: string, text = '') {
    super(reason)
    this.name = 'MalformedError'
    this.text = text
  }
}

/** A class and method id outside the dialect: RabbitMQ closes the socket without a frame (docs/observed.md §5.2). */
export class UnknownMethodError extends Error {
  /** `classId << 16 | methodId` */
  readonly id: number

  constructor(id: number) {
    super(`unknown method ${id >>> 16}.${id & 0xffff}`)
    this.name = 'UnknownMethodError'
    this.id = id
  }
}
