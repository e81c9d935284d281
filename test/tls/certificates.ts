// Certificates for the tests of TLS: a CA, a server and clients it vouches for, and one it knows nothing of. Made anew for
// each test file, or read from the folder AMQPS_CERTS when AMQPS_URL names a broker that was given them. Used by this
// folder only.

import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import forge from 'node-forge'

export interface Pair {
  readonly cert: string
  readonly key: string
}

export interface Certificates {
  readonly ca: string
  readonly server: Pair
  /** By name: guest (O=Burrow, CN=guest), nobody (CN=nobody), nocn (O=none) and rogue (CN=guest, by its own hand). */
  readonly clients: Readonly<Record<'guest' | 'nobody' | 'nocn' | 'rogue', Pair>>
}

/** What AMQPS_CERTS holds: ca.pem, and NAME.pem with NAME.key for the server and each client. */
export function recordedCertificates(folder: string): Certificates {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  const pair = (name: string) => ({ cert: read(`${name}.pem`), key: read(`${name}.key`) })
  const clients = {
    guest: pair('guest'),
    nobody: pair('nobody'),
    nocn: pair('nocn'),
    rogue: pair('rogue'),
  }
  return { ca: read('ca.pem'), server: pair('server'), clients }
}

type Name = readonly (readonly ['CN' | 'O', string])[]

export function newCertificates(): Certificates {
  const ca = keys()
  const caName: Name = [['CN', 'test-ca']]
  const leaf = (name: Name): Pair => {
    const own = keys()
    return { cert: sign(own, name, ca, caName), key: own.pem }
  }
  const rogue = keys()
  const guest: Name = [['CN', 'guest']]
  return {
    ca: sign(ca, caName, ca, caName, true),
    server: leaf([['CN', 'localhost']]),
    clients: {
      guest: leaf([['O', 'Burrow'], ...guest]),
      nobody: leaf([['CN', 'nobody']]),
      nocn: leaf([['O', 'none']]),
      rogue: { cert: sign(rogue, guest, rogue, guest), key: rogue.pem },
    },
  }
}

interface Keys {
  readonly pem: string
  readonly secret: forge.pki.rsa.PrivateKey
}

function keys(): Keys {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { pem, secret: forge.pki.privateKeyFromPem(pem) }
}

let serial = 0

function sign(own: Keys, name: Name, issuer: Keys, issuerName: Name, isCa = false): string {
  const attributes = (of: Name) => of.map(([shortName, value]) => ({ shortName, value }))
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = forge.pki.setRsaPublicKey(own.secret.n, own.secret.e)
  certificate.serialNumber = String(++serial).padStart(4, '0')
  certificate.validity.notBefore = new Date('2020-01-02T03:04:05Z')
  certificate.validity.notAfter = new Date('2049-12-31T23:59:59Z')
  certificate.setSubject(attributes(name))
  certificate.setIssuer(attributes(issuerName))
  const altNames = [
    { type: 2, value: 'localhost' },
    { type: 7, ip: '127.0.0.1' },
  ]
  certificate.setExtensions([
    { name: 'basicConstraints', cA: isCa },
    ...(isCa ? [] : [{ name: 'subjectAltName', altNames }]),
  ])
  certificate.sign(issuer.secret, forge.md.sha256.create())
  return forge.pki.certificateToPem(certificate)
}
