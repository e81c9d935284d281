// The dialect of RabbitMQ as data: every method of AMQP 0-9-1 with its extensions, its fields in wire order, who
// sends it and whether content follows. Read by methods.ts, which turns each row into a decoder and an encoder, and
// by documentation and tests. It must never hold behaviour.

/**
 * `bit`s next to each other share an octet. `replytext` is a shortstr that is cut rather than refused when too long;
 * `longtext` is a longstr that holds text, `longstr` one that holds bytes.
 */
export type ArgumentType =
  | 'bit'
  | 'octet'
  | 'short'
  | 'long'
  | 'longlong'
  | 'shortstr'
  | 'replytext'
  | 'longstr'
  | 'longtext'
  | 'table'

export interface MethodRow {
  readonly id: number
  readonly sentBy: 'client' | 'server' | 'both'
  /** Whether a content header and body follow the method. */
  readonly content: boolean
  /** Fields in wire order; those named `reserved…` are skipped when read and zero when written. */
  readonly fields: Readonly<Record<string, ArgumentType>>
}

type Sender = MethodRow['sentBy']

function row<const F extends Readonly<Record<string, ArgumentType>>>(id: number, sentBy: Sender, fields: F) {
  return { id, sentBy, content: false, fields }
}

function contentRow<const F extends Readonly<Record<string, ArgumentType>>>(
  id: number,
  by: Sender,
  fields: F,
) {
  return { id, sentBy: by, content: true, fields }
}

const close = { replyCode: 'short', replyText: 'replytext', classId: 'short', methodId: 'short' } as const

const exchangeBinding = {
  reserved1: 'short',
  destination: 'shortstr',
  source: 'shortstr',
  routingKey: 'shortstr',
  nowait: 'bit',
  arguments: 'table',
} as const

const tune = { channelMax: 'short', frameMax: 'long', heartbeat: 'short' } as const

/** One row per method, by its camelCase protocol name. */
export const METHOD_ROWS = {
  connectionStart: row(0x000a_000a, 'server', {
    versionMajor: 'octet',
    versionMinor: 'octet',
    serverProperties: 'table',
    mechanisms: 'longtext',
    locales: 'longtext',
  }),
  connectionStartOk: row(0x000a_000b, 'client', {
    clientProperties: 'table',
    mechanism: 'shortstr',
    response: 'longstr',
    locale: 'shortstr',
  }),
  connectionSecure: row(0x000a_0014, 'server', { challenge: 'longstr' }),
  connectionSecureOk: row(0x000a_0015, 'client', { response: 'longstr' }),
  connectionTune: row(0x000a_001e, 'server', tune),
  connectionTuneOk: row(0x000a_001f, 'client', tune),
  connectionOpen: row(0x000a_0028, 'client', {
    virtualHost: 'shortstr',
    reserved1: 'shortstr',
    reserved2: 'bit',
  }),
  connectionOpenOk: row(0x000a_0029, 'server', { reserved1: 'shortstr' }),
  connectionClose: row(0x000a_0032, 'both', close),
  connectionCloseOk: row(0x000a_0033, 'both', {}),
  connectionBlocked: row(0x000a_003c, 'server', { reason: 'replytext' }),
  connectionUnblocked: row(0x000a_003d, 'server', {}),
  connectionUpdateSecret: row(0x000a_0046, 'client', { newSecret: 'longstr', reason: 'shortstr' }),
  connectionUpdateSecretOk: row(0x000a_0047, 'server', {}),

  channelOpen: row(0x0014_000a, 'client', { reserved1: 'shortstr' }),
  channelOpenOk: row(0x0014_000b, 'server', { reserved1: 'longstr' }),
  channelFlow: row(0x0014_0014, 'both', { active: 'bit' }),
  channelFlowOk: row(0x0014_0015, 'both', { active: 'bit' }),
  channelClose: row(0x0014_0028, 'both', close),
  channelCloseOk: row(0x0014_0029, 'both', {}),

  accessRequest: row(0x001e_000a, 'client', {
    realm: 'shortstr',
    exclusive: 'bit',
    passive: 'bit',
    active: 'bit',
    write: 'bit',
    read: 'bit',
  }),
  accessRequestOk: row(0x001e_000b, 'server', { ticket: 'short' }),

  exchangeDeclare: row(0x0028_000a, 'client', {
    reserved1: 'short',
    exchange: 'shortstr',
    type: 'shortstr',
    passive: 'bit',
    durable: 'bit',
    autoDelete: 'bit',
    internal: 'bit',
    nowait: 'bit',
    arguments: 'table',
  }),
  exchangeDeclareOk: row(0x0028_000b, 'server', {}),
  exchangeDelete: row(0x0028_0014, 'client', {
    reserved1: 'short',
    exchange: 'shortstr',
    ifUnused: 'bit',
    nowait: 'bit',
  }),
  exchangeDeleteOk: row(0x0028_0015, 'server', {}),
  exchangeBind: row(0x0028_001e, 'client', exchangeBinding),
  exchangeBindOk: row(0x0028_001f, 'server', {}),
  exchangeUnbind: row(0x0028_0028, 'client', exchangeBinding),
  exchangeUnbindOk: row(0x0028_0033, 'server', {}),

  queueDeclare: row(0x0032_000a, 'client', {
    reserved1: 'short',
    queue: 'shortstr',
    passive: 'bit',
    durable: 'bit',
    exclusive: 'bit',
    autoDelete: 'bit',
    nowait: 'bit',
    arguments: 'table',
  }),
  queueDeclareOk: row(0x0032_000b, 'server', {
    queue: 'shortstr',
    messageCount: 'long',
    consumerCount: 'long',
  }),
  queueBind: row(0x0032_0014, 'client', {
    reserved1: 'short',
    queue: 'shortstr',
    exchange: 'shortstr',
    routingKey: 'shortstr',
    nowait: 'bit',
    arguments: 'table',
  }),
  queueBindOk: row(0x0032_0015, 'server', {}),
  queuePurge: row(0x0032_001e, 'client', { reserved1: 'short', queue: 'shortstr', nowait: 'bit' }),
  queuePurgeOk: row(0x0032_001f, 'server', { messageCount: 'long' }),
  queueDelete: row(0x0032_0028, 'client', {
    reserved1: 'short',
    queue: 'shortstr',
    ifUnused: 'bit',
    ifEmpty: 'bit',
    nowait: 'bit',
  }),
  queueDeleteOk: row(0x0032_0029, 'server', { messageCount: 'long' }),
  queueUnbind: row(0x0032_0032, 'client', {
    reserved1: 'short',
    queue: 'shortstr',
    exchange: 'shortstr',
    routingKey: 'shortstr',
    arguments: 'table',
  }),
  queueUnbindOk: row(0x0032_0033, 'server', {}),

  basicQos: row(0x003c_000a, 'client', { prefetchSize: 'long', prefetchCount: 'short', global: 'bit' }),
  basicQosOk: row(0x003c_000b, 'server', {}),
  basicConsume: row(0x003c_0014, 'client', {
    reserved1: 'short',
    queue: 'shortstr',
    consumerTag: 'shortstr',
    noLocal: 'bit',
    noAck: 'bit',
    exclusive: 'bit',
    nowait: 'bit',
    arguments: 'table',
  }),
  basicConsumeOk: row(0x003c_0015, 'server', { consumerTag: 'shortstr' }),
  basicCancel: row(0x003c_001e, 'both', { consumerTag: 'shortstr', nowait: 'bit' }),
  basicCancelOk: row(0x003c_001f, 'both', { consumerTag: 'shortstr' }),
  basicPublish: contentRow(0x003c_0028, 'client', {
    reserved1: 'short',
    exchange: 'shortstr',
    routingKey: 'shortstr',
    mandatory: 'bit',
    immediate: 'bit',
  }),
  basicReturn: contentRow(0x003c_0032, 'server', {
    replyCode: 'short',
    replyText: 'replytext',
    exchange: 'shortstr',
    routingKey: 'shortstr',
  }),
  basicDeliver: contentRow(0x003c_003c, 'server', {
    consumerTag: 'shortstr',
    deliveryTag: 'longlong',
    redelivered: 'bit',
    exchange: 'shortstr',
    routingKey: 'shortstr',
  }),
  basicGet: row(0x003c_0046, 'client', { reserved1: 'short', queue: 'shortstr', noAck: 'bit' }),
  basicGetOk: contentRow(0x003c_0047, 'server', {
    deliveryTag: 'longlong',
    redelivered: 'bit',
    exchange: 'shortstr',
    routingKey: 'shortstr',
    messageCount: 'long',
  }),
  basicGetEmpty: row(0x003c_0048, 'server', { reserved1: 'shortstr' }),
  basicAck: row(0x003c_0050, 'both', { deliveryTag: 'longlong', multiple: 'bit' }),
  basicReject: row(0x003c_005a, 'client', { deliveryTag: 'longlong', requeue: 'bit' }),
  basicRecoverAsync: row(0x003c_0064, 'client', { requeue: 'bit' }),
  basicRecover: row(0x003c_006e, 'client', { requeue: 'bit' }),
  basicRecoverOk: row(0x003c_006f, 'server', {}),
  basicNack: row(0x003c_0078, 'both', { deliveryTag: 'longlong', multiple: 'bit', requeue: 'bit' }),

  confirmSelect: row(0x0055_000a, 'client', { nowait: 'bit' }),
  confirmSelectOk: row(0x0055_000b, 'server', {}),

  txSelect: row(0x005a_000a, 'client', {}),
  txSelectOk: row(0x005a_000b, 'server', {}),
  txCommit: row(0x005a_0014, 'client', {}),
  txCommitOk: row(0x005a_0015, 'server', {}),
  txRollback: row(0x005a_001e, 'client', {}),
  txRollbackOk: row(0x005a_001f, 'server', {}),
} as const
