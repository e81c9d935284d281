// What a broker holds a client to while a connection is opened, and by which words or silences it answers mistakes
// (docs/observed.md §5.1, §17). Silences last 3, time-outs 10 seconds, so all tests of this file run at once, each on
// sockets of its own.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Broker, broker } from '../support/broker.ts'
import { frameBytes, type Introduction, methodBytes, PROTOCOL_HEADER, Wire } from './wire.ts'

let to: Broker
beforeAll(async () => {
  to = await broker()
})
afterAll(() => to.stop())

const open = (introduction?: Introduction) => Wire.open(to.url, introduction)

/** A connection that has come as far as the broker's connection.start. */
async function starting(): Promise<Wire> {
  const wire = await Wire.connect(to.url)
  wire.write(PROTOCOL_HEADER)
  await wire.expect('ConnectionStart')
  return wire
}

/** As far as the broker's connection.tune. */
async function tuning(): Promise<Wire> {
  const wire = await starting()
  wire.startOk()
  await wire.expect('ConnectionTune')
  return wire
}

/** Tuned, but not opened. */
async function opening(introduction?: Introduction): Promise<Wire> {
  const wire = await tuning()
  wire.tuneOk(introduction)
  return wire
}

/** Seconds until the broker closes the socket, and what it said before. */
async function silence(wire: Wire): Promise<{ seconds: number; said: string[] }> {
  const began = performance.now()
  const said = await wire.closed(15_000)
  return { seconds: (performance.now() - began) / 1000, said: [...new Set(said)] }
}

async function expectClosed(wire: Wire, seconds: number, said: string[] = []): Promise<void> {
  const found = await silence(wire)
  expect(found.said).toEqual(said)
  expect(found.seconds).toBeGreaterThan(seconds - 0.6)
  expect(found.seconds).toBeLessThan(seconds + 2)
}

const goodbye = { replyCode: 200, classId: 0, methodId: 0 }
const secret = { newSecret: Buffer.from('new'), reason: 'because' }
const garbage = Buffer.from('GET / HTTP/1.1\r\n\r\n')

describe.concurrent('a connection that is not opened within ten seconds is closed without a word', () => {
  it.each([
    ['nothing was sent', () => Wire.connect(to.url)],
    ['half a protocol header was sent', () => halfHeader()],
    ['start was not answered', starting],
    ['tune was not answered', tuning],
    ['open was not sent', () => opening()],
  ])('when %s', async (_, reach) => expectClosed(await reach(), 10))

  const halfHeader = async () => {
    const wire = await Wire.connect(to.url)
    wire.write(PROTOCOL_HEADER.subarray(0, 4))
    return wire
  }
})

describe.concurrent('tune-ok beyond what was offered is met by three seconds of silence and the end', () => {
  it.each([
    { frameMax: 0 },
    { frameMax: 4095 },
    { frameMax: 131_073 },
    { channelMax: 0 },
    { channelMax: 2048 },
    { channelMax: 65_535 },
  ])('%j', async (wanted) => expectClosed(await opening(wanted), 3))

  it('even when connection.open comes with it', async () => {
    const wire = await opening({ frameMax: 1 })
    wire.method(0, 'ConnectionOpen', { virtualHost: '/' })
    await expectClosed(wire, 3)
  })
})

describe.concurrent('before tune-ok, what is out of turn is met by three seconds of silence and the end', () => {
  it.each<[string, () => Promise<Wire>, (wire: Wire) => void]>([
    ['tune-ok instead of start-ok', starting, (wire) => wire.tuneOk()],
    ['open instead of start-ok', starting, (wire) => wire.method(0, 'ConnectionOpen', { virtualHost: '/' })],
    ['open instead of tune-ok', tuning, (wire) => wire.method(0, 'ConnectionOpen', { virtualHost: '/' })],
    ['a second start-ok', tuning, (wire) => wire.startOk()],
    [
      'update-secret instead of start-ok',
      starting,
      (wire) => wire.method(0, 'ConnectionUpdateSecret', secret),
    ],
    ['update-secret instead of tune-ok', tuning, (wire) => wire.method(0, 'ConnectionUpdateSecret', secret)],
    ['close instead of start-ok', starting, (wire) => wire.method(0, 'ConnectionClose', goodbye)],
    ['close instead of tune-ok', tuning, (wire) => wire.method(0, 'ConnectionClose', goodbye)],
    ['channel.open instead of start-ok', starting, (wire) => wire.method(1, 'ChannelOpen')],
    ['channel.open instead of tune-ok', tuning, (wire) => wire.method(1, 'ChannelOpen')],
    ['no frame at all instead of start-ok', starting, (wire) => wire.write(garbage)],
    ['no frame at all instead of tune-ok', tuning, (wire) => wire.write(garbage)],
    [
      'a frame without its end',
      starting,
      (wire) => wire.write(frameBytes(1, 0, Buffer.from([0, 10, 0, 11]), 0)),
    ],
    ['an unknown mechanism', starting, (wire) => wire.startOk({ mechanism: 'NOPE' })],
    ['no mechanism', starting, (wire) => wire.startOk({ mechanism: '' })],
    [
      'EXTERNAL without TLS',
      starting,
      (wire) => wire.startOk({ mechanism: 'EXTERNAL', response: Buffer.alloc(0) }),
    ],
    [
      'a PLAIN response without its zeros',
      starting,
      (wire) => wire.startOk({ response: Buffer.from('guest') }),
    ],
  ])('%s', async (_, reach, act) => {
    const wire = await reach()
    act(wire)
    await expectClosed(wire, 3)
  })
})

describe.concurrent('before tune-ok a frame may have a payload of 4096 bytes', () => {
  const introduction = (payload: number) => {
    const rest = methodBytes(0, 'ConnectionStartOk', { ...introduced, clientProperties: { padding: '' } })
    const padding = 'x'.repeat(payload - (rest.length - 8))
    return methodBytes(0, 'ConnectionStartOk', { ...introduced, clientProperties: { padding } })
  }
  const introduced = { mechanism: 'PLAIN', response: Buffer.from('\0guest\0guest') }

  it('and an introduction of that size is read', async () => {
    const wire = await starting()
    wire.write(introduction(4096))
    await wire.expect('ConnectionTune')
  })

  it.each([
    ['an introduction', starting, () => introduction(4097)],
    ['the beginning of one', starting, () => introduction(4097).subarray(0, 7)],
    ['an answer to tune', tuning, () => frameBytes(1, 0, Buffer.alloc(4097))],
  ])('%s of one byte more is met by three seconds of silence and the end', async (_, reach, bytes) => {
    const wire = await reach()
    wire.write(bytes())
    await expectClosed(wire, 3)
  })
})

describe.concurrent('once tuned, what is out of turn is told', () => {
  const unexpected = (state: string, methodId: number) => ({
    code: 504,
    text: `CHANNEL_ERROR - unexpected method in connection state ${state}`,
    classId: 10,
    methodId,
  })

  it.each<[string, number, (wire: Wire) => void]>([
    ['update-secret before open', 70, (wire) => wire.method(0, 'ConnectionUpdateSecret', secret)],
    ['close before open', 50, (wire) => wire.method(0, 'ConnectionClose', goodbye)],
    ['start-ok before open', 11, (wire) => wire.startOk()],
  ])('%s', async (_, methodId, act) => {
    const wire = await opening()
    act(wire)
    expect(await wire.refused('ConnectionClose')).toEqual(unexpected('opening', methodId))
  })

  it.each<[string, number, (wire: Wire) => void]>([
    ['start-ok on an open connection', 11, (wire) => wire.startOk()],
    ['tune-ok on an open connection', 31, (wire) => wire.tuneOk()],
    ['a second open', 40, (wire) => wire.method(0, 'ConnectionOpen', { virtualHost: '/' })],
    ['close-ok without a close', 51, (wire) => wire.method(0, 'ConnectionCloseOk')],
    ['connection.blocked from a client', 60, (wire) => wire.method(0, 'ConnectionBlocked', { reason: '' })],
  ])('%s', async (_, methodId, act) => {
    const wire = await open()
    act(wire)
    expect(await wire.refused('ConnectionClose')).toEqual(unexpected('running', methodId))
  })

  it('channel.open before open, by the bytes of its frame', async () => {
    const wire = await opening()
    wire.method(1, 'ChannelOpen')
    expect(await wire.refused('ConnectionClose')).toEqual({
      code: 505,
      text: 'UNEXPECTED_FRAME - type 1, all octets = <<0,20,0,10,0>>',
      classId: 0,
      methodId: 0,
    })
  })

  it.each([
    ['before open', () => opening({ frameMax: 4096 })],
    ['on an open connection', () => open({ frameMax: 4096 })],
  ])('a frame larger than was tuned %s, and nothing is read any more', async (_, reach) => {
    const wire = await reach()
    wire.write(Buffer.from([1, 0, 0, 0, 0, 0x13, 0x88])) // a frame of 5000 bytes begins
    expect(await wire.refused('ConnectionClose')).toMatchObject({
      code: 501,
      text: 'FRAME_ERROR - type 1, all octets = <<>>: {frame_too_large,5000,4088}',
    })
    wire.method(0, 'ConnectionCloseOk')
    await expectClosed(wire, 3)
  })

  it('a failed login, after which the broker waits three seconds', async () => {
    const wire = await starting()
    wire.startOk({ response: Buffer.from('\0guest\0wrong') })
    expect(await wire.refused('ConnectionClose')).toMatchObject({ code: 403 })
    await expectClosed(wire, 3)
  })

  it('another error, after which the broker waits for close-ok', async () => {
    const wire = await open()
    wire.startOk()
    await wire.refused('ConnectionClose')
    wire.method(0, 'ConnectionCloseOk')
    expect((await silence(wire)).seconds).toBeLessThan(2)
  })
})

describe.concurrent('a heartbeat', () => {
  const beat = frameBytes(8, 0, Buffer.alloc(0))

  it('of one second that the client does not keep ends the connection after three', async () =>
    expectClosed(await open({ heartbeat: 1 }), 3, ['Heartbeat']))

  it('of two seconds that the client does not keep ends it after six', async () =>
    expectClosed(await open({ heartbeat: 2 }), 6, ['Heartbeat']))

  it('counts from tune-ok on', async () => expectClosed(await opening({ heartbeat: 1 }), 3, ['Heartbeat']))

  it('may come before start-ok', async () => {
    const wire = await starting()
    wire.write(beat)
    wire.startOk()
    await wire.expect('ConnectionTune')
  })

  it('is not needed from a client that sends other frames', async () => {
    const wire = await open({ heartbeat: 1 })
    const began = performance.now()
    while (performance.now() - began < 5000) {
      expect((await wire.next()).name).toBe('Heartbeat')
      await wire.call(1, 'BasicQos', { prefetchCount: 1 }, 'BasicQosOk')
    }
    wire.destroy()
  })

  it('of zero means none, from either side', async () => {
    const [silent, clock] = await Promise.all([open({ heartbeat: 0 }), open({ heartbeat: 1 })])
    await silence(clock)
    await silent.call(1, 'BasicQos', { prefetchCount: 1 }, 'BasicQosOk')
    silent.destroy()
  })
})

it('PLAIN is offered before AMQPLAIN, and EXTERNAL not at all on a plain port', async () => {
  const wire = await Wire.connect(to.url)
  wire.write(PROTOCOL_HEADER)
  expect(String((await wire.expect('ConnectionStart'))['mechanisms'])).toBe('PLAIN AMQPLAIN')
  wire.destroy()
})

describe.concurrent('connection.update-secret', () => {
  it('is answered, and the connection goes on', async () => {
    const wire = await open()
    await wire.call(0, 'ConnectionUpdateSecret', secret, 'ConnectionUpdateSecretOk')
    await wire.call(2, 'ChannelOpen', {}, 'ChannelOpenOk')
    wire.destroy()
  })

  it('belongs on channel 0', async () => {
    const wire = await open()
    wire.method(1, 'ConnectionUpdateSecret', secret)
    expect(await wire.refused('ConnectionClose')).toEqual({
      code: 503,
      text: 'COMMAND_INVALID - unimplemented method',
      classId: 10,
      methodId: 70,
    })
  })
})
