// The TLS options of `warren start`: reads the files they name, and leaves throw-away certificates where clients can find
// them, in a folder that nobody else can read and that goes when the process ends.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunningCluster, TlsOptions } from '../index.ts'
import { exitCodes, Failure } from './failure.ts'

export interface TlsFlags {
  readonly nodes: number
  readonly port: number
  readonly tls?: boolean
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly tlsCa?: string
  readonly tlsPort?: number
  readonly adminTls?: boolean
}

const wanted = ({ tls, tlsCert }: TlsFlags) => tls === true || tlsCert !== undefined

/** The TLS port of the first node; 0 for none, or any. */
export function firstTlsPort(flags: TlsFlags): number {
  if (!wanted(flags)) return 0
  return flags.tlsPort ?? (flags.port === 0 ? 0 : flags.nodes === 1 ? 5671 : 5681)
}

/** What startCluster is to be told. Throws Failure for options that make no sense together and for unreadable files. */
export function readTls(flags: TlsFlags): TlsOptions | false {
  const { tls, tlsCert, tlsKey, tlsCa, tlsPort, adminTls } = flags
  const usage = (text: string) => new Failure(exitCodes.usage, `warren: ${text}`)
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw usage('--tls-cert and --tls-key go together; --tls makes both.')
  if (tls && tlsCert !== undefined)
    throw usage('--tls makes certificates of its own; leave it out to use --tls-cert and --tls-key.')
  if (!wanted(flags)) {
    if (adminTls) throw usage('--admin-tls needs --tls-cert and --tls-key, or --tls.')
    if (tlsCa === undefined && tlsPort === undefined) return false
    throw usage(
      `${tlsCa === undefined ? '--tls-port' : '--tls-ca'} needs --tls-cert and --tls-key, or --tls.`,
    )
  }
  const port = firstTlsPort(flags)
  return {
    port,
    ...(adminTls && { admin: true }),
    ...(tlsCert !== undefined && { cert: read('certificate', tlsCert) }),
    ...(tlsKey !== undefined && { key: read('key', tlsKey) }),
    ...(tlsCa !== undefined && { ca: read('CA', tlsCa) }),
  }
}

function read(what: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const reasons: Record<string, string> = {
      ENOENT: 'there is no such file',
      EISDIR: 'it is a folder',
      EACCES: 'reading it is not permitted',
    }
    const { code = '' } = error as NodeJS.ErrnoException
    const reason = reasons[code] ?? code
    throw new Failure(exitCodes.failed, `warren: the TLS ${what} ${file} cannot be read, ${reason}.`)
  }
}

/** Writes the throw-away CA and the certificate of user guest and says where, in lines with labels of `width`. */
export function leaveThrowAway({ throwAway }: RunningCluster, width: number): string {
  if (throwAway === null) return ''
  const folder = mkdtempSync(join(tmpdir(), 'warren-tls-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const leave = (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  const lines = [
    ['TLS CA', leave('ca.pem', throwAway.ca)],
    ['TLS client', `${leave('client.pem', throwAway.cert)} and ${leave('client.key', throwAway.key)}`],
  ] as const
  return lines.map(([label, path]) => `${label.padEnd(width)}  ${path}\n`).join('')
}
