// Opening a connection: protocol header, authentication, tuning, heartbeats and channels
// (docs/observed.md §5.1, §10). Two tests wait out silences of three seconds.

import { describe, expect, it } from 'vitest'
import { session } from './session.ts'
import { type Fields, frameBytes, methodBytes, PROTOCOL_HEADER, type Wire } from './wire.ts'

const at = session('handshake')

const header = (...bytes: number[]): Buffer => Buffer.from([...Buffer.from('AMQP'), ...bytes])

async function start(): Promise<{ wire: Wire; offered: Fields }> {
  const wire = await at.socket()
  wire.write(PROTOCOL_HEADER)
  return { wire, offered: await wire.expect('ConnectionStart') }
}

describe('connection.start', () => {
  it('offers version 0-9, PLAIN and AMQPLAIN, and en_US', async () => {
    const { offered } = await start()
    expect([offered['versionMajor'], offered['versionMinor']]).toEqual([0, 9])
    const mechanisms = String(offered['mechanisms']).split(' ').sort()
    expect(mechanisms).toEqual(expect.arrayContaining(['AMQPLAIN', 'PLAIN']))
    expect(String(offered['locales'])).toBe('en_US')
  })

  it('announces what the broker can do', async () => {
    const { offered } = await start()
    const { capabilities } = offered['serverProperties'] as Fields
    expect(capabilities).toEqual({
      publisher_confirms: true,
      exchange_exchange_bindings: true,
      'basic.nack': true,
      consumer_cancel_notify: true,
      'connection.blocked': true,
      consumer_priorities: true,
      authentication_failure_close: true,
      per_consumer_qos: true,
      direct_reply_to: true,
    })
  })

  it('names RabbitMQ 3.10.8 and its other properties, in this order', async () => {
    const { offered } = await start()
    const properties = offered['serverProperties'] as Fields
    expect(properties).toMatchObject({ product: 'RabbitMQ', version: '3.10.8' })
    expect(Object.keys(properties)).toEqual([
      'capabilities',
      'cluster_name',
      'copyright',
      'information',
      'platform',
      'product',
      'version',
    ])
  })

  it.each([
    ['0-0-9-1', header(0, 0, 9, 1)],
    ['1-1-0-9', header(1, 1, 0, 9)],
  ])('answers the protocol header %s', async (_, bytes) => {
    const wire = await at.socket()
    wire.write(bytes)
    expect(await wire.expect('ConnectionStart')).toMatchObject({ versionMajor: 0, versionMinor: 9 })
  })

  it.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['AMQP 1.0', header(0, 1, 0, 0)],
    ['SASL for AMQP 1.0', header(3, 1, 0, 0)],
    ['a version that never was', header(0, 0, 7, 7)],
  ])('is not sent to %s: the broker names its version and closes', async (_, bytes) => {
    const wire = await at.socket()
    wire.write(bytes)
    const frame = await wire.next()
    expect([frame.name, frame.payload.toString('hex')]).toEqual(['Protocol', PROTOCOL_HEADER.toString('hex')])
    await wire.closed()
  })
})

describe('authentication', () => {
  const refusal = (mechanism: string) => ({
    code: 403,
    text: `ACCESS_REFUSED - Login was refused using authentication mechanism ${mechanism}. For details see the broker logfile.`,
    classId: 0,
    methodId: 0,
  })

  it.each([
    ['a wrong password', '\0guest\0wrong'],
    ['an unknown user', '\0nobody\0guest'],
  ])('with %s is refused', async (_, response) => {
    const { wire } = await start()
    wire.startOk({ response: Buffer.from(response) })
    expect(await wire.refused('ConnectionClose')).toEqual(refusal('PLAIN'))
  })

  /** AMQPLAIN's response: a table without its length. */
  const login = (password: string): Buffer =>
    Buffer.concat(
      Object.entries({ LOGIN: 'guest', PASSWORD: password }).flatMap(([key, value]) => [
        Buffer.from([key.length]),
        Buffer.from(key),
        Buffer.from(['S'.charCodeAt(0), 0, 0, 0, value.length]),
        Buffer.from(value),
      ]),
    )

  it('by AMQPLAIN succeeds', async () => {
    const { wire } = await start()
    wire.startOk({ mechanism: 'AMQPLAIN', response: login('guest') })
    await wire.expect('ConnectionTune')
  })

  it('by AMQPLAIN names that mechanism when it fails', async () => {
    const { wire } = await start()
    wire.startOk({ mechanism: 'AMQPLAIN', response: login('wrong') })
    expect(await wire.refused('ConnectionClose')).toEqual(refusal('AMQPLAIN'))
  })

  it('that fails is told only to clients with authentication_failure_close', async () => {
    const { wire } = await start()
    wire.startOk({ response: Buffer.from('\0guest\0wrong'), capabilities: {} })
    expect(await wire.closed()).toEqual([])
  })
})

describe('tuning', () => {
  const tune = async (): Promise<{ wire: Wire; offered: Fields }> => {
    const { wire } = await start()
    wire.startOk()
    return { wire, offered: await wire.expect('ConnectionTune') }
  }

  it('offers 2047 channels, frames of 131072 bytes and a heartbeat of 60 s', async () => {
    expect((await tune()).offered).toEqual({ channelMax: 2047, frameMax: 131072, heartbeat: 60 })
  })

  it.each([{ frameMax: 4096 }, { channelMax: 1 }, { heartbeat: 0 }, { heartbeat: 580 }])(
    'accepts %j',
    async (wanted) => {
      const { wire } = await tune()
      wire.tuneOk(wanted)
      await wire.call(0, 'ConnectionOpen', { virtualHost: '/' }, 'ConnectionOpenOk')
    },
  )

  it('counts channels, whatever their numbers', async () => {
    const wire = await at.wire({ channelMax: 2 })
    await wire.call(3000, 'ChannelOpen', {}, 'ChannelOpenOk')
    wire.method(2, 'ChannelOpen')
    expect(await wire.refused('ConnectionClose')).toEqual({
      code: 530,
      text: 'NOT_ALLOWED - number of channels opened (2) has reached the negotiated channel_max (2)',
      classId: 0,
      methodId: 0,
    })
  })

  it('counts a closed channel no more', async () => {
    const wire = await at.wire({ channelMax: 1 })
    await wire.call(1, 'ChannelClose', { replyCode: 200, classId: 0, methodId: 0 }, 'ChannelCloseOk')
    await wire.call(2, 'ChannelOpen', {}, 'ChannelOpenOk')
  })
})

describe('connection.open', () => {
  it('of a virtual host that does not exist is refused', async () => {
    const wire = await at.socket()
    await wire.introduce({ vhost: 'no such' })
    expect(await wire.refused('ConnectionClose')).toEqual({
      code: 530,
      text: 'NOT_ALLOWED - vhost no such not found',
      classId: 10,
      methodId: 40,
    })
  })
})

describe('a handshake', () => {
  const opening = Buffer.concat([
    PROTOCOL_HEADER,
    methodBytes(0, 'ConnectionStartOk', { clientProperties: {}, response: Buffer.from('\0guest\0guest') }),
    methodBytes(0, 'ConnectionTuneOk', { channelMax: 2047, frameMax: 131072, heartbeat: 0 }),
    methodBytes(0, 'ConnectionOpen', { virtualHost: '/' }),
    methodBytes(1, 'ChannelOpen'),
    methodBytes(1, 'QueueDeclare', { queue: '', exclusive: true, arguments: {} }),
  ])
  const ANSWERS = ['ConnectionStart', 'ConnectionTune', 'ConnectionOpenOk', 'ChannelOpenOk', 'QueueDeclareOk']

  it('may be sent in one write, up to the first declare', async () => {
    const wire = await at.socket()
    wire.write(opening)
    for (const name of ANSWERS) await wire.expect(name)
  })

  it('may be sent byte by byte', async () => {
    const wire = await at.socket()
    for (const byte of opening) wire.write(Buffer.from([byte]))
    for (const name of ANSWERS) await wire.expect(name)
  })
})

describe('heartbeats', () => {
  const beat = frameBytes(8, 0, Buffer.alloc(0))

  it('are sent by the broker at half the negotiated time', async () => {
    const wire = await at.wire({ heartbeat: 1 })
    const began = performance.now()
    for (let i = 0; i < 2; i++) {
      expect((await wire.next()).name).toBe('Heartbeat')
      wire.write(beat)
    }
    expect(performance.now() - began).toBeLessThan(2500)
  })

  it('missing from the client end the connection', async () => {
    const wire = await at.wire({ heartbeat: 1 })
    const unread = await wire.closed()
    expect(new Set(unread)).toEqual(new Set(['Heartbeat']))
  })

  it('of the client are not answered', async () => {
    const wire = await at.wire()
    wire.write(beat)
    wire.write(beat)
    await wire.call(2, 'ChannelOpen', {}, 'ChannelOpenOk')
  })
})

describe('on an open connection', () => {
  it('access.request is answered with ticket 1', async () => {
    const wire = await at.wire()
    const ok = await wire.call(1, 'AccessRequest', { realm: '/data' }, 'AccessRequestOk')
    expect(ok).toEqual({ ticket: 1 })
  })

  it('connection.update-secret is answered', async () => {
    const wire = await at.wire()
    await wire.call(
      0,
      'ConnectionUpdateSecret',
      { newSecret: Buffer.from('new'), reason: '' },
      'ConnectionUpdateSecretOk',
    )
  })

  it('channel.flow that goes on is answered', async () => {
    const wire = await at.wire()
    expect(await wire.call(1, 'ChannelFlow', { active: true }, 'ChannelFlowOk')).toEqual({ active: true })
  })

  it('nowait methods have no answers', async () => {
    const wire = await at.wire()
    const [queue, exchange] = [at.name('q'), at.name('x')]
    wire.method(1, 'QueueDeclare', { queue, exclusive: true, nowait: true, arguments: {} })
    wire.method(1, 'ExchangeDeclare', { exchange, type: 'fanout', nowait: true, arguments: {} })
    wire.method(1, 'QueueBind', { queue, exchange, routingKey: '', nowait: true, arguments: {} })
    wire.method(1, 'ExchangeBind', { destination: exchange, source: exchange, nowait: true, arguments: {} })
    wire.method(1, 'ExchangeUnbind', { destination: exchange, source: exchange, nowait: true, arguments: {} })
    wire.publish(1, { exchange, routingKey: '' }, 'x')
    wire.method(1, 'QueuePurge', { queue, nowait: true })
    wire.method(1, 'ExchangeDelete', { exchange, nowait: true })
    wire.method(1, 'QueueDelete', { queue, nowait: true })
    expect(await wire.call(1, 'QueueDelete', { queue }, 'QueueDeleteOk')).toEqual({ messageCount: 0 })
  })
})
