// Every method of the dialect with chosen arguments and the bytes RabbitMQ 3.10.8's own encoder makes of them
// (class and method id first), written down once with it. Read by the tests of methods, cuts and mutations; it must
// never be made from our own encoder.
import { emptyTable, type Table } from '../../nodes/amqp/fields.ts'
import type { MethodArguments, MethodName } from '../../nodes/amqp/methods.ts'

export interface RecordedMethod {
  readonly name: MethodName
  readonly args: MethodArguments[MethodName]
  readonly bytes: Buffer
}

function recorded<N extends MethodName>(name: N, hex: string, args: MethodArguments[N]): RecordedMethod {
  return { name, args, bytes: Buffer.from(hex, 'hex') }
}

const table: Table = new Map([['x-n', { type: 'signedint', value: 5 }]])
const none = emptyTable
const tableHex = '0000000903782d6e4900000005'

export const recordedMethods: readonly RecordedMethod[] = [
  recorded(
    'connectionStart',
    `000a000a0009${tableHex}0000000e504c41494e20414d51504c41494e00000005656e5f5553`,
    {
      versionMajor: 0,
      versionMinor: 9,
      serverProperties: table,
      mechanisms: 'PLAIN AMQPLAIN',
      locales: 'en_US',
    },
  ),
  recorded('connectionStartOk', `000a000b${tableHex}05504c41494e0000000800677565737400ff05656e5f5553`, {
    clientProperties: table,
    mechanism: 'PLAIN',
    response: Buffer.from('\0guest\0\xff', 'latin1'),
    locale: 'en_US',
  }),
  recorded('connectionSecure', '000a0014000000030102c8', { challenge: Buffer.from([1, 2, 200]) }),
  recorded('connectionSecureOk', '000a00150000000203ff', { response: Buffer.from([3, 255]) }),
  recorded('connectionTune', '000a001e07ff00020000003c', {
    channelMax: 2047,
    frameMax: 131072,
    heartbeat: 60,
  }),
  recorded('connectionTuneOk', '000a001f0007000010000000', { channelMax: 7, frameMax: 4096, heartbeat: 0 }),
  recorded('connectionOpen', '000a0028012f0000', { virtualHost: '/' }),
  recorded('connectionOpenOk', '000a002900', {}),
  recorded('connectionClose', '000a0032014011434f4e4e454354494f4e5f464f52434544000a0028', {
    replyCode: 320,
    replyText: 'CONNECTION_FORCED',
    classId: 10,
    methodId: 40,
  }),
  recorded('connectionCloseOk', '000a0033', {}),
  recorded('connectionBlocked', '000a003c0d6c6f77206f6e206d656d6f7279', { reason: 'low on memory' }),
  recorded('connectionUnblocked', '000a003d', {}),
  recorded('connectionUpdateSecret', '000a0046000000036e6577036f6c64', {
    newSecret: Buffer.from('new'),
    reason: 'old',
  }),
  recorded('connectionUpdateSecretOk', '000a0047', {}),
  recorded('channelOpen', '0014000a00', {}),
  recorded('channelOpenOk', '0014000b00000000', {}),
  recorded('channelFlow', '0014001401', { active: true }),
  recorded('channelFlowOk', '0014001500', { active: false }),
  recorded('channelClose', '001400280194094e4f545f464f554e440032000a', {
    replyCode: 404,
    replyText: 'NOT_FOUND',
    classId: 50,
    methodId: 10,
  }),
  recorded('channelCloseOk', '00140029', {}),
  recorded('accessRequest', '001e000a052f6461746115', {
    realm: '/data',
    exclusive: true,
    passive: false,
    active: true,
    write: false,
    read: true,
  }),
  recorded('accessRequestOk', '001e000b0001', { ticket: 1 }),
  recorded('exchangeDeclare', `0028000a0000016505746f7069630a${tableHex}`, {
    exchange: 'e',
    type: 'topic',
    passive: false,
    durable: true,
    autoDelete: false,
    internal: true,
    nowait: false,
    arguments: table,
  }),
  recorded('exchangeDeclareOk', '0028000b', {}),
  recorded('exchangeDelete', '002800140000016501', { exchange: 'e', ifUnused: true, nowait: false }),
  recorded('exchangeDeleteOk', '00280015', {}),
  recorded('exchangeBind', '0028001e000001640173016b0100000000', {
    destination: 'd',
    source: 's',
    routingKey: 'k',
    nowait: true,
    arguments: none,
  }),
  recorded('exchangeBindOk', '0028001f', {}),
  recorded('exchangeUnbind', `00280028000001640173016b00${tableHex}`, {
    destination: 'd',
    source: 's',
    routingKey: 'k',
    nowait: false,
    arguments: table,
  }),
  recorded('exchangeUnbindOk', '00280033', {}),
  recorded('queueDeclare', `0032000a0000017115${tableHex}`, {
    queue: 'q',
    passive: true,
    durable: false,
    exclusive: true,
    autoDelete: false,
    nowait: true,
    arguments: table,
  }),
  recorded('queueDeclareOk', '0032000b0171ffffffff00000002', {
    queue: 'q',
    messageCount: 4294967295,
    consumerCount: 2,
  }),
  recorded('queueBind', `00320014000001710165036b2e2301${tableHex}`, {
    queue: 'q',
    exchange: 'e',
    routingKey: 'k.#',
    nowait: true,
    arguments: table,
  }),
  recorded('queueBindOk', '00320015', {}),
  recorded('queuePurge', '0032001e0000017101', { queue: 'q', nowait: true }),
  recorded('queuePurgeOk', '0032001f00000007', { messageCount: 7 }),
  recorded('queueDelete', '003200280000017102', {
    queue: 'q',
    ifUnused: false,
    ifEmpty: true,
    nowait: false,
  }),
  recorded('queueDeleteOk', '0032002900000009', { messageCount: 9 }),
  recorded('queueUnbind', '00320032000001710165016b00000000', {
    queue: 'q',
    exchange: 'e',
    routingKey: 'k',
    arguments: none,
  }),
  recorded('queueUnbindOk', '00320033', {}),
  recorded('basicQos', '003c000a00000000006401', { prefetchSize: 0, prefetchCount: 100, global: true }),
  recorded('basicQosOk', '003c000b', {}),
  recorded('basicConsume', `003c0014000001710263740a${tableHex}`, {
    queue: 'q',
    consumerTag: 'ct',
    noLocal: false,
    noAck: true,
    exclusive: false,
    nowait: true,
    arguments: table,
  }),
  recorded('basicConsumeOk', '003c0015026374', { consumerTag: 'ct' }),
  recorded('basicCancel', '003c001e02637401', { consumerTag: 'ct', nowait: true }),
  recorded('basicCancelOk', '003c001f026374', { consumerTag: 'ct' }),
  recorded('basicPublish', '003c00280000016508d0bad0bbd18ed18701', {
    exchange: 'e',
    routingKey: 'ключ',
    mandatory: true,
    immediate: false,
  }),
  recorded('basicReturn', '003c00320138084e4f5f524f5554450165016b', {
    replyCode: 312,
    replyText: 'NO_ROUTE',
    exchange: 'e',
    routingKey: 'k',
  }),
  recorded('basicDeliver', '003c003c0263740000000100000001010165016b', {
    consumerTag: 'ct',
    deliveryTag: 4294967297,
    redelivered: true,
    exchange: 'e',
    routingKey: 'k',
  }),
  recorded('basicGet', '003c00460000017101', { queue: 'q', noAck: true }),
  recorded('basicGetOk', '003c00470000000000000001000165016b00000003', {
    deliveryTag: 1,
    redelivered: false,
    exchange: 'e',
    routingKey: 'k',
    messageCount: 3,
  }),
  recorded('basicGetEmpty', '003c004800', {}),
  recorded('basicAck', '003c0050001fffffffffffff01', { deliveryTag: 9007199254740991, multiple: true }),
  recorded('basicReject', '003c005a000000000000000201', { deliveryTag: 2, requeue: true }),
  recorded('basicRecoverAsync', '003c006401', { requeue: true }),
  recorded('basicRecover', '003c006e00', { requeue: false }),
  recorded('basicRecoverOk', '003c006f', {}),
  recorded('basicNack', '003c0078000000000000000301', { deliveryTag: 3, multiple: true, requeue: false }),
  recorded('confirmSelect', '0055000a01', { nowait: true }),
  recorded('confirmSelectOk', '0055000b', {}),
  recorded('txSelect', '005a000a', {}),
  recorded('txSelectOk', '005a000b', {}),
  recorded('txCommit', '005a0014', {}),
  recorded('txCommitOk', '005a0015', {}),
  recorded('txRollback', '005a001e', {}),
  recorded('txRollbackOk', '005a001f', {}),
]

/** connection.start as RabbitMQ 3.10.8 sends it (payload of its first frame). */
export const recordedStart = Buffer.from(
  '000a000a0009000001c80c6361706162696c697469657346000000c7127075626c69736865725f636f6e6669726d7374011a6578' +
    '6368616e67655f65786368616e67655f62696e64696e677374010a62617369632e6e61636b740116636f6e73756d65725f63616e' +
    '63656c5f6e6f74696679740112636f6e6e656374696f6e2e626c6f636b6564740113636f6e73756d65725f7072696f7269746965' +
    '7374011c61757468656e7469636174696f6e5f6661696c7572655f636c6f73657401107065725f636f6e73756d65725f716f7374' +
    '010f6469726563745f7265706c795f746f74010c636c75737465725f6e616d6553000000066f7261636c6509636f707972696768' +
    '745300000037436f707972696768742028632920323030372d3230323220564d776172652c20496e632e206f7220697473206166' +
    '66696c69617465732e0b696e666f726d6174696f6e53000000394c6963656e73656420756e64657220746865204d504c20322e30' +
    '2e20576562736974653a2068747470733a2f2f7261626269746d712e636f6d08706c6174666f726d530000001145726c616e672f' +
    '4f54502032352e322e330770726f6475637453000000085261626269744d510776657273696f6e5300000006332e31302e380000' +
    '000e504c41494e20414d51504c41494e00000005656e5f5553',
  'hex',
)
