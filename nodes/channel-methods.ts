// Which function handles which method on an open channel. A method without a row is the server's own, or belongs to
// channel 0: 503 as RabbitMQ answers (docs/observed.md §5.2).

import { decodeMethod, METHOD, type MethodArguments, type MethodName, methodName } from './amqp/methods.ts'
import type { Channel } from './channel.ts'
import {
  basicCancel,
  basicConsume,
  basicGet,
  basicQos,
  basicRecover,
  confirmSelect,
  txCommit,
  txRollback,
  txSelect,
} from './channel-basic.ts'
import { exchangeBind, exchangeDeclare, exchangeDelete, exchangeUnbind } from './channel-exchanges.ts'
import { queueBind, queueDeclare, queueDelete, queuePurge, queueUnbind } from './channel-queues.ts'
import { commandInvalid, notImplemented } from './errors.ts'

type Handlers = { readonly [N in MethodName]?: (channel: Channel, args: MethodArguments[N]) => void }

const handlers: Handlers = {
  accessRequest: (channel) => channel.reply('accessRequestOk', { ticket: 1 }),
  channelFlow: (channel, { active }) => {
    if (!active) throw notImplemented('active=false')
    channel.reply('channelFlowOk', { active })
  },
  exchangeDeclare,
  exchangeDelete,
  exchangeBind,
  exchangeUnbind,
  queueDeclare,
  queueBind,
  queueUnbind,
  queuePurge,
  queueDelete,
  basicQos,
  basicConsume,
  basicCancel,
  // A client's answer to a basic.cancel of ours.
  basicCancelOk: () => {},
  basicGet,
  basicAck: (channel, { deliveryTag, multiple }) => channel.settle(deliveryTag, multiple, 'ack'),
  basicNack: (channel, { deliveryTag, multiple, requeue }) =>
    channel.settle(deliveryTag, multiple, requeue ? 'requeue' : 'reject'),
  basicReject: (channel, { deliveryTag, requeue }) =>
    channel.settle(deliveryTag, false, requeue ? 'requeue' : 'reject'),
  basicRecover: (channel, args) => basicRecover(channel, args, true),
  basicRecoverAsync: (channel, args) => basicRecover(channel, args, false),
  confirmSelect,
  txSelect,
  txCommit,
  txRollback,
}

const byId = new Map<number, (channel: Channel, args: never) => void>(
  Object.entries(handlers).map(([name, handle]) => [METHOD[name as MethodName], handle as never]),
)

/** Decodes and carries out one method. Throws BrokerError, MalformedError or UnknownMethodError. */
export function handleMethod(channel: Channel, id: number, buf: Buffer, start: number, end: number): void {
  const args = decodeMethod(id, buf, start, end)
  const handle = byId.get(id)
  if (handle === undefined || methodName(id) === undefined) throw commandInvalid('unimplemented method')
  channel.currentMethod = id
  handle(channel, args as never)
}
