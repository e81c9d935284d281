// AMQP over TLS: handshakes, client certificates and EXTERNAL, and what the HTTP API shows of them (docs/observed.md §17).
// Also against a real broker with client certificates and EXTERNAL switched on: AMQPS_URL, ADMIN_URL and AMQPS_CERTS, a
// folder as test/tls/certificates.ts describes it.

import { once } from 'node:events'
import { type Socket, connect as tcpConnect } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import amqp from 'amqplib'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { frameBytes, PROTOCOL_HEADER, Wire } from '../broker/wire.ts'
import { getOne, until, within } from '../support/clients.ts'
import { type Certificates, newCertificates, recordedCertificates } from './certificates.ts'

let certificates: Certificates
let url: URL
let admin: string
let stop: () => Promise<unknown> = async () => {}
const sockets: TLSSocket[] = []

beforeAll(async () => {
  const given = process.env['AMQPS_URL']
  if (given) {
    certificates = recordedCertificates(process.env['AMQPS_CERTS'] ?? '')
    url = new URL(given)
    admin = process.env['ADMIN_URL'] ?? ''
    return
  }
  certificates = newCertificates()
  const { startCluster } = await import('../../index.ts')
  const tls = { ...certificates.server, ca: certificates.ca, port: 0 }
  const cluster = await startCluster({ nodes: 1, port: 0, tls })
  url = new URL(cluster.tlsUrls[0]!)
  admin = cluster.adminUrl!
  stop = () => cluster.stop()
})
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})
afterAll(() => stop())

/** Resolves when the broker has closed the socket, by whatever error: a TLS alert, a reset or none. */
function closedBy(socket: Socket): Promise<void> {
  const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()))
  return within(closed, () => 'the broker did not close the socket')
}

type ClientName = keyof Certificates['clients']

/** A TLS connection that trusts the CA and shows the certificate of `client`, if any. */
async function secure(client?: ClientName, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const own = client === undefined ? {} : certificates.clients[client]
  const where = { host: url.hostname, port: Number(url.port) }
  const socket = connect({ ...where, ca: certificates.ca, ...own, ...options })
  sockets.push(socket)
  await within(once(socket, 'secureConnect'), () => 'no TLS handshake')
  return socket
}

async function start(client?: ClientName, options?: ConnectionOptions) {
  const wire = Wire.over(await secure(client, options))
  wire.write(PROTOCOL_HEADER)
  return { wire, offered: await wire.expect('ConnectionStart') }
}

const external = { mechanism: 'EXTERNAL', response: Buffer.alloc(0) }
const refused = {
  code: 403,
  text: 'ACCESS_REFUSED - Login was refused using authentication mechanism EXTERNAL. For details see the broker logfile.',
  classId: 0,
  methodId: 0,
}

/** The entry of GET /api/connections for this client's port. */
async function shown(port: number | undefined): Promise<Record<string, unknown>> {
  const headers = { authorization: `Basic ${btoa('guest:guest')}` }
  return until(`connection from port ${port} is listed`, async () => {
    const all = await (await fetch(`${admin}/api/connections`, { headers })).json()
    return (all as Record<string, unknown>[]).find((entry) => entry['peer_port'] === port)
  })
}

async function opened(wire: Wire, introduction = {}): Promise<void> {
  wire.startOk(introduction)
  await wire.expect('ConnectionTune')
  wire.tuneOk()
  await wire.call(0, 'ConnectionOpen', { virtualHost: '/' }, 'ConnectionOpenOk')
}

describe('a TLS port', () => {
  it('serves a client library', async () => {
    const connection = await amqp.connect(url.href, { ca: [certificates.ca] } as never)
    const channel = await connection.createConfirmChannel()
    const { queue } = await channel.assertQueue('', { exclusive: true })
    const body = Buffer.alloc(1_000_000, 'x')
    channel.sendToQueue(queue, body)
    await channel.waitForConfirms()
    expect((await getOne(channel, queue, { noAck: true })).content.equals(body)).toBe(true)
    await connection.close()
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('speaks %s', async (version) => {
    const socket = await secure(undefined, { minVersion: version, maxVersion: version })
    expect(socket.getProtocol()).toBe(version)
  })

  it('lets a client in without a certificate', async () => {
    const { wire } = await start()
    await opened(wire)
  })

  it('offers EXTERNAL behind the other mechanisms, to a client with a certificate and to one without', async () => {
    for (const client of ['guest', undefined] as const) {
      const { offered } = await start(client)
      expect(String(offered['mechanisms'])).toBe('PLAIN AMQPLAIN EXTERNAL')
    }
  })

  it('still takes a password from a client with a certificate', async () => {
    const { wire } = await start('nobody')
    await opened(wire)
  })

  it('turns away a certificate that nobody vouches for', async () => {
    const socket = connect({
      host: url.hostname,
      port: Number(url.port),
      ca: certificates.ca,
      ...certificates.clients.rogue,
    })
    sockets.push(socket)
    let read = 0
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      read += chunk.length
    })
    socket.write(PROTOCOL_HEADER)
    await closedBy(socket)
    expect(read).toBe(0)
  })

  it('ends a handshake that stalls after five seconds, and serves others meanwhile', async () => {
    const stalled = tcpConnect(Number(url.port), url.hostname)
    stalled.on('error', () => {})
    await once(stalled, 'connect')
    const began = performance.now()
    stalled.write(Buffer.from([22, 3, 1])) // the beginning of a client hello
    const { wire } = await start()
    await opened(wire)
    await closedBy(stalled.resume())
    expect(performance.now() - began).toBeGreaterThan(4000)
  })

  it.each([
    ['an AMQP header in the clear', PROTOCOL_HEADER],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['garbage', Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * 7919) & 255))],
    ['a record that is too large', Buffer.from([22, 3, 3, 255, 255])],
  ])('closes the socket on %s and goes on', async (_, bytes) => {
    const plain = tcpConnect(Number(url.port), url.hostname)
    plain.on('error', () => {})
    plain.write(bytes)
    await closedBy(plain.resume())
    const { wire } = await start()
    await opened(wire)
  })

  it('ends the connection of a client that sends garbage after the handshake', async () => {
    const socket = await secure()
    const wire = Wire.over(socket)
    wire.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
    expect((await wire.next()).name).toBe('Protocol')
    await wire.closed()
  })

  it('keeps heartbeats', async () => {
    const { wire } = await start()
    wire.startOk()
    await wire.expect('ConnectionTune')
    wire.tuneOk({ heartbeat: 1 })
    await wire.call(0, 'ConnectionOpen', { virtualHost: '/' }, 'ConnectionOpenOk')
    wire.write(frameBytes(8, 0, Buffer.alloc(0)))
    expect(new Set(await wire.closed())).toEqual(new Set(['Heartbeat']))
  })
})

describe('EXTERNAL', () => {
  it('logs in as the common name of the certificate', async () => {
    const { wire } = await start('guest')
    await opened(wire, external)
  })

  it.each([
    ['a certificate whose common name is no user', 'nobody'],
    ['a certificate without a common name', 'nocn'],
    ['no certificate', undefined],
  ] as const)('with %s is refused', async (_, client) => {
    const { wire } = await start(client)
    wire.startOk(external)
    expect(await wire.refused('ConnectionClose')).toEqual(refused)
  })

  it('is refused by silence when the client cannot read why', async () => {
    const { wire } = await start('nobody')
    const began = performance.now()
    wire.startOk({ ...external, capabilities: {} })
    expect(await wire.closed()).toEqual([])
    expect(performance.now() - began).toBeGreaterThan(2500)
  })

  it('pays no attention to what the response says', async () => {
    const { wire } = await start('guest')
    await opened(wire, { ...external, response: Buffer.from('somebody else') })
  })
})

describe('the HTTP API shows', () => {
  it('the client certificate and the cipher of TLS 1.3', async () => {
    const { wire } = await start('guest', { minVersion: 'TLSv1.3', ciphers: 'TLS_AES_256_GCM_SHA384' })
    await opened(wire, external)
    const entry = await shown(sockets.at(-1)!.localPort)
    expect(entry).toMatchObject({
      auth_mechanism: 'EXTERNAL',
      user: 'guest',
      ssl: true,
      ssl_protocol: 'tlsv1.3',
      ssl_cipher: 'aes_256_gcm',
      ssl_hash: 'aead',
      ssl_key_exchange: 'any',
      peer_cert_subject: 'CN=guest,O=Burrow',
    })
    expect(entry['peer_cert_issuer']).toMatch(/^CN=[\w-]+$/)
    expect(entry['peer_cert_validity']).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ - \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
    )
  })

  it.each([
    ['ECDHE-RSA-AES128-GCM-SHA256', 'aes_128_gcm', 'aead', 'ecdhe_rsa'],
    ['ECDHE-RSA-AES256-SHA384', 'aes_256_cbc', 'sha384', 'ecdhe_rsa'],
    ['ECDHE-RSA-CHACHA20-POLY1305', 'chacha20_poly1305', 'aead', 'ecdhe_rsa'],
  ])(
    'the cipher %s of TLS 1.2, and no certificate where there is none',
    async (ciphers, cipher, hash, exchange) => {
      const { wire } = await start(undefined, { maxVersion: 'TLSv1.2', ciphers })
      await opened(wire)
      expect(await shown(sockets.at(-1)!.localPort)).toMatchObject({
        auth_mechanism: 'PLAIN',
        ssl: true,
        ssl_protocol: 'tlsv1.2',
        ssl_cipher: cipher,
        ssl_hash: hash,
        ssl_key_exchange: exchange,
        peer_cert_subject: null,
        peer_cert_issuer: null,
        peer_cert_validity: null,
      })
    },
  )

  it('the port among the listeners', async () => {
    const headers = { authorization: `Basic ${btoa('guest:guest')}` }
    const overview = await (await fetch(`${admin}/api/overview`, { headers })).json()
    const { listeners } = overview as { listeners: Record<string, unknown>[] }
    const found = listeners.filter(({ protocol }) => protocol === 'amqp/ssl')
    expect(found).toEqual([expect.objectContaining({ port: Number(url.port) })])
    expect(found[0]!['socket_opts']).toMatchObject({ verify: 'verify_peer', fail_if_no_peer_cert: false })
  })
})
