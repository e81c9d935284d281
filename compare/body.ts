// The body of a workload's message: its number, how often it has been sent, and filling. Written by the publisher, read by
// the consumer; the broker sees bytes.

/** Bytes that the number and the count take. */
const headBytes = 5

/** `attempt` counts from 1; 255 stands for more. `bytes` is the body's size, at least 5. */
export function writeBody(message: number, attempt: number, bytes: number): Buffer {
  const body = Buffer.alloc(Math.max(headBytes, bytes))
  body.writeUInt32BE(message, 0)
  body[4] = Math.min(attempt, 255)
  return body
}

export function readBody(body: Buffer): { message: number; attempt: number } {
  return { message: body.readUInt32BE(0), attempt: body[4]! }
}
