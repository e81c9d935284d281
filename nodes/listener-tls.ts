// The TLS side of a port: certificates are read and checked once, each socket is told of only after its handshake, and what
// TLS settled is put in RabbitMQ's words. Called by `listener`. A peer that stalls, sends garbage or shows a certificate
// nobody vouches for costs its own socket and nothing else.

import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import type { PeerCertificate, PeerTls } from './connection-carrier.ts'

/** What a TLS port needs, each as PEM text. */
export interface TlsIdentity {
  /** The server's certificate, followed by those that lead to its CA, if any. */
  readonly cert: string | Buffer
  readonly key: string | Buffer
  /** Certificates of the CAs that clients' certificates are checked against; absent: clients are not asked for one. */
  readonly ca?: string | Buffer
}

/** How long a handshake may take (RabbitMQ's ssl_handshake_timeout). */
const handshakeMs = 5000

/** A certificate or key that cannot be used; the message says which and why. */
export class TlsError extends Error {
  override readonly name = 'TlsError'
}

/** Throws TlsError when a part is not what it should be. Looks at no dates: tests use outdated certificates too. */
export function checkIdentity({ cert, key, ca }: TlsIdentity): void {
  const certificate = readCertificate('the TLS certificate', cert)
  if (ca !== undefined) readCertificate('the TLS CA', ca)
  if (!certificate.checkPrivateKey(readKey(key)))
    throw new TlsError('the TLS key does not belong to the TLS certificate.')
}

function readCertificate(what: string, pem: string | Buffer): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch {
    throw new TlsError(`${what} is no certificate in PEM form.`)
  }
}

function readKey(pem: string | Buffer) {
  try {
    return createPrivateKey(pem)
  } catch (error) {
    const locked = /passphrase|password|interrupted or cancelled/i.test(String(error))
    throw new TlsError(
      locked
        ? 'the TLS key is protected by a passphrase, which is not supported.'
        : 'the TLS key is no private key in PEM form.',
    )
  }
}

/**
 * A server that calls `accept` with each socket whose handshake is done and whose certificate, if it sent one, is
 * vouched for, and with the TCP socket below it. `shaking` holds the TCP sockets that have not come so far.
 */
export function createTlsServer(
  identity: TlsIdentity,
  shaking: Set<Socket>,
  accept: (socket: TLSSocket, raw: Socket, tls: PeerTls) => void,
): Server {
  const verifies = identity.ca !== undefined
  const byPeer = new Map<string, Socket>()
  const server = createServer(
    { ...identity, requestCert: verifies, rejectUnauthorized: false, handshakeTimeout: handshakeMs },
    (socket) => {
      const raw = byPeer.get(peerOf(socket))
      const certificate = certificateOf(socket)
      if (raw === undefined || (certificate !== null && !socket.authorized)) return void socket.destroy()
      shaking.delete(raw)
      accept(socket, raw, { ...sessionOf(socket), verifies, certificate })
    },
  )
  server.on('connection', (raw: Socket) => {
    const peer = peerOf(raw)
    raw.setNoDelay(true)
    byPeer.set(peer, raw)
    shaking.add(raw)
    raw.on('close', () => {
      shaking.delete(raw)
      if (byPeer.get(peer) === raw) byPeer.delete(peer)
    })
  })
  // Its socket is closed already; the peer's mistakes are its own.
  server.on('tlsClientError', (_error, socket) => void socket.destroy())
  return server
}

/** A socket's far end; one TCP connection has it at a time. */
const peerOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`

/** RabbitMQ's names for the parts of a cipher suite, from the standard's (docs/observed.md §17). */
export function cipherParts(standardName: string): Pick<PeerTls, 'cipher' | 'hash' | 'keyExchange'> {
  const [before, after] = standardName.replace(/^TLS_/, '').split('_WITH_')
  const words = (after ?? before ?? '').toLowerCase().split('_')
  const last = words.at(-1) ?? ''
  const authenticated = /gcm|ccm|poly1305/i.test(standardName)
  return {
    keyExchange: after === undefined ? 'any' : before!.toLowerCase(),
    cipher: (/^(sha\d*|md5)$/.test(last) ? words.slice(0, -1) : words).join('_'),
    hash: authenticated ? 'aead' : last,
  }
}

function sessionOf(socket: TLSSocket): Omit<PeerTls, 'verifies' | 'certificate'> {
  return {
    protocol: (socket.getProtocol() ?? '').toLowerCase(),
    ...cipherParts(socket.getCipher()?.standardName ?? ''),
  }
}

function certificateOf(socket: TLSSocket): PeerCertificate | null {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return null
  const names = socket.getPeerCertificate().subject?.CN as string | string[] | undefined
  const time = (text: string) => new Date(text).toISOString().replace('.000', '')
  return {
    subject: distinguishedName(certificate.subject),
    issuer: distinguishedName(certificate.issuer),
    validity: `${time(certificate.validFrom)} - ${time(certificate.validTo)}`,
    commonName: [names ?? []].flat().join(','),
  }
}

/** Node.js gives a name's parts on lines, least specific first. */
const distinguishedName = (lines: string | undefined) => (lines ?? '').split('\n').reverse().join(',')
