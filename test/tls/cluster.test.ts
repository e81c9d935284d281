// TLS in a cluster started from a program: throw-away certificates, faults, and parts that cannot be used.

import { once } from 'node:events'
import { createConnection } from 'node:net'
import { connect } from 'node:tls'
import amqp from 'amqplib'
import { afterEach, describe, expect, it } from 'vitest'
import { type RunningCluster, startCluster, TlsError } from '../../index.ts'
import { cipherParts } from '../../nodes/listener-tls.ts'
import { within } from '../support/clients.ts'
import { newCertificates } from './certificates.ts'

let cluster: RunningCluster | undefined
afterEach(() => cluster?.stop())

const trusting = (url: string) => amqp.connect(url, { ca: [cluster!.throwAway!.ca] } as never)

/** The error by which a socket ends. */
const failure = (socket: NodeJS.EventEmitter) =>
  within(new Promise<Error>((resolve) => socket.once('error', resolve)), () => 'no error')

describe('tls: true', () => {
  it('serves every node by a certificate of its own CA', async () => {
    cluster = await startCluster({ nodes: 2, port: 0, adminPort: null, tls: true })
    expect(cluster.tlsUrls).toHaveLength(2)
    for (const url of cluster.tlsUrls) await (await trusting(url)).close()
  })

  it('is not the default', async () => {
    cluster = await startCluster({ nodes: 1, port: 0, adminPort: null })
    expect([cluster.tlsUrls, cluster.throwAway]).toEqual([[], null])
  })

  it('makes another CA each time', async () => {
    cluster = await startCluster({ nodes: 1, port: 0, adminPort: null, tls: true })
    const { ca } = cluster.throwAway!
    await cluster.stop()
    cluster = await startCluster({ nodes: 1, port: 0, adminPort: null, tls: true })
    expect(cluster.throwAway!.ca).not.toBe(ca)
  })
})

describe('a node that is killed', () => {
  it('resets its TLS connections and handshakes, and takes new ones on the same port when it is back', async () => {
    cluster = await startCluster({ nodes: 2, port: 0, adminPort: null, tls: true })
    const [url] = cluster.tlsUrls
    const port = Number(new URL(url!).port)
    const [secure, shaking] = [connect({ port, ca: cluster.throwAway!.ca }), createConnection({ port })]
    await Promise.all([once(secure, 'secureConnect'), once(shaking, 'connect')])
    secure.write(Buffer.from('AMQP\x00\x00\x09\x01', 'latin1'))
    await once(secure, 'data')
    const errors = Promise.all([failure(secure), failure(shaking)])
    await cluster.node(1).kill()
    expect((await errors).map(({ message }) => message)).toEqual(['read ECONNRESET', 'read ECONNRESET'])
    await expect(trusting(url!)).rejects.toThrow('ECONNREFUSED')
    await cluster.node(1).start()
    await (await trusting(url!)).close()
  })

  it('tells its TLS clients when it is stopped instead', async () => {
    cluster = await startCluster({ nodes: 1, port: 0, adminPort: null, tls: true })
    const connection = await trusting(cluster.tlsUrls[0]!)
    const told = once(connection, 'close')
    await cluster.node(1).stop()
    const [why] = await within(told, () => 'the client was not told')
    expect(String(why)).toContain('CONNECTION_FORCED')
  })
})

describe('what cannot be used is refused', () => {
  const { server, ca } = newCertificates()
  it.each([
    [
      'a key of another certificate',
      { cert: ca, key: server.key },
      'the TLS key does not belong to the TLS certificate.',
    ],
    [
      'a certificate that is none',
      { cert: 'x', key: server.key },
      'the TLS certificate is no certificate in PEM form.',
    ],
    ['a CA that is none', { ...server, ca: 'x' }, 'the TLS CA is no certificate in PEM form.'],
  ])('%s', async (_, tls, sentence) => {
    const refused = startCluster({ nodes: 1, port: 0, tls })
    await expect(refused).rejects.toThrow(TlsError)
    await expect(refused).rejects.toThrow(sentence)
  })

  it('a certificate without a key', async () => {
    await expect(startCluster({ nodes: 1, port: 0, tls: { cert: server.cert } })).rejects.toThrow(
      'tls needs cert and key, or neither',
    )
  })
})

it.each([
  ['TLS_AES_128_CCM_8_SHA256', 'any', 'aes_128_ccm_8', 'aead'],
  ['TLS_CHACHA20_POLY1305_SHA256', 'any', 'chacha20_poly1305', 'aead'],
  ['TLS_DHE_RSA_WITH_AES_256_CBC_SHA', 'dhe_rsa', 'aes_256_cbc', 'sha'],
])('the suite %s has key exchange %s, cipher %s and hash %s', (name, keyExchange, cipher, hash) => {
  expect(cipherParts(name)).toEqual({ keyExchange, cipher, hash })
})
