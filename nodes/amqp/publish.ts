// The two methods that come with every message, decoded by hand into objects that are used again. Called by the
// connection for each basic.publish and basic.ack; exported through methods.ts. It must accept and refuse exactly
// the bytes that decodeMethod does.
import { cannotDecode, NameCache } from './reader.ts'

/** What `decodePublish` fills; one object per connection or channel is enough. */
export interface PublishArgs {
  exchange: string
  routingKey: string
  mandatory: boolean
  immediate: boolean
}

const exchangeNames = new NameCache(32)
const routingKeys = new NameCache(512)

/** `basic.publish` without allocating while its names repeat. Throws MalformedError as `decodeMethod` does. */
export function decodePublish(buf: Buffer, start: number, end: number, into: PublishArgs): void {
  // reserved(2) exchange(1+n) routing key(1+m) bits(1)
  const exchange = start + 3
  const exchangeEnd = exchange + (end - start > 2 ? buf[start + 2]! : 0)
  const key = exchangeEnd + 1
  const keyEnd = key + (exchangeEnd < end ? buf[exchangeEnd]! : 0)
  if (end - start < 5 || keyEnd + 1 !== end) throw cannotDecode(buf, start, end, 'basic.publish')
  const bits = buf[keyEnd]!
  into.exchange = exchangeNames.read(buf, exchange, exchangeEnd)
  into.routingKey = routingKeys.read(buf, key, keyEnd)
  into.mandatory = (bits & 1) === 1
  into.immediate = (bits & 2) === 2
}

/** What `decodeAck` fills. */
export interface AckArgs {
  deliveryTag: number
  multiple: boolean
}

/** `basic.ack` without allocating. Throws MalformedError as `decodeMethod` does. */
export function decodeAck(buf: Buffer, start: number, end: number, into: AckArgs): void {
  if (end - start !== 9) throw cannotDecode(buf, start, end, 'basic.ack')
  into.deliveryTag = buf.readUInt32BE(start) * 0x1_0000_0000 + buf.readUInt32BE(start + 4)
  into.multiple = (buf[start + 8]! & 1) === 1
}
