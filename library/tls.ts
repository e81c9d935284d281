// The certificate of the TLS ports: the user's own, or a throw-away one.

import { checkIdentity, type TlsIdentity } from '../nodes/listener-tls.ts'
import type { TlsOptions } from './options.ts'
import type { RunningCluster } from './running-cluster.ts'

/** Throws TlsError for a certificate or key that cannot be used. */
export async function tlsOf(options: TlsOptions | boolean | undefined): Promise<{
  identity: TlsIdentity
  admin: boolean
  port: number | undefined
  throwAway: RunningCluster['throwAway']
} | null> {
  if (options === undefined || options === false) return null
  const { cert, key, ca, port, admin = false } = options === true ? {} : options
  if (cert === undefined && key === undefined) {
    // Loaded only here: making certificates takes a library.
    const { throwAwayCertificates } = await import('../nodes/listener-certificates.ts')
    const { server, client } = await throwAwayCertificates(Date.now())
    const identity = { ...server, ca: ca === undefined ? server.ca : `${server.ca}\n${ca}` }
    checkIdentity(identity)
    return { identity, admin, port, throwAway: { ca: server.ca, ...client } }
  }
  if (cert === undefined || key === undefined) throw new TypeError('tls needs cert and key, or neither')
  const identity = { cert, key, ...(ca !== undefined && { ca }) }
  checkIdentity(identity)
  return { identity, admin, port, throwAway: null }
}
