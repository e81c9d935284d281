// Throw-away certificates for `warren start --tls` and tests: a CA of this run alone, and a server certificate for this
// machine signed by it. Called by `index`. The CA's key is forgotten at once, so that nobody can sign with it again.

import { generateKeyPair, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import forge from 'node-forge'
import type { TlsIdentity } from './listener-tls.ts'

const validDays = 30

interface Keys {
  readonly publicKey: forge.pki.rsa.PublicKey
  readonly privateKey: forge.pki.rsa.PrivateKey
  readonly pem: string
}

interface Subject {
  readonly commonName: string
  readonly extensions: readonly object[]
}

/** Names under which a client on this machine reaches it. */
const localNames = [
  { type: 2, value: 'localhost' },
  { type: 7, ip: '127.0.0.1' },
  { type: 7, ip: '::1' },
]

/** A server's identity and a client's, both signed by `ca`; all PEM text. */
export interface ThrowAway {
  readonly server: TlsIdentity & { readonly ca: string }
  /** For EXTERNAL: its common name is `guest`. */
  readonly client: { readonly cert: string; readonly key: string }
}

/** Makes a new CA at each call, valid for 30 days from yesterday on (`now`: ms since the epoch). */
export async function throwAwayCertificates(now: number): Promise<ThrowAway> {
  const [ca, server, client] = await Promise.all([newKeys(), newKeys(), newKeys()])
  const authority = { commonName: 'Warren throw-away CA' }
  const sign = (keys: Keys, subject: Subject) => signed(keys, subject, authority, ca, now)
  return {
    server: {
      ca: sign(ca, {
        ...authority,
        extensions: [
          { name: 'basicConstraints', cA: true, critical: true },
          { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
        ],
      }),
      cert: sign(server, {
        commonName: 'localhost',
        extensions: [...leaf('serverAuth'), { name: 'subjectAltName', altNames: localNames }],
      }),
      key: server.pem,
    },
    client: {
      cert: sign(client, { commonName: 'guest', extensions: leaf('clientAuth') }),
      key: client.pem,
    },
  }
}

const leaf = (use: 'serverAuth' | 'clientAuth') => [
  { name: 'basicConstraints', cA: false },
  { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
  { name: 'extKeyUsage', [use]: true },
]

/** node-forge could make keys too, but takes seconds for it. */
async function newKeys(): Promise<Keys> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const key = forge.pki.privateKeyFromPem(pem)
  return { privateKey: key, publicKey: forge.pki.setRsaPublicKey(key.n, key.e), pem }
}

function signed(
  keys: Keys,
  { commonName, extensions }: Subject,
  issuer: { readonly commonName: string },
  ca: Keys,
  now: number,
): string {
  const dayMs = 86_400_000
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = keys.publicKey
  // Some clients refuse a serial number they have seen from an issuer of this name, so from an earlier run.
  certificate.serialNumber = serialNumber(randomBytes(8))
  // From yesterday on: a client's clock may be a little late.
  certificate.validity.notBefore = new Date(now - dayMs)
  certificate.validity.notAfter = new Date(now + validDays * dayMs)
  certificate.setSubject([{ name: 'commonName', value: commonName }])
  certificate.setIssuer([{ name: 'commonName', value: issuer.commonName }])
  const keyIdentifier = forge.pki.getPublicKeyFingerprint(ca.publicKey, { type: 'RSAPublicKey' }).getBytes()
  certificate.setExtensions([
    ...extensions,
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier },
  ])
  certificate.sign(ca.privateKey, forge.md.sha256.create())
  return forge.pki.certificateToPem(certificate)
}

/**
 * A positive number in the only form DER allows: no leading byte that could be left out. One certificate in 500 began
 * with such a byte and was no certificate to anybody.
 */
export function serialNumber(random: Buffer): string {
  const bytes = Buffer.from(random)
  bytes[0] = (bytes[0]! & 0x7f) | 0x40
  return bytes.toString('hex')
}
