// TLS and time-outs of `warren start`: throw-away certificates, certificates of one's own, and why it will not begin.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import amqp from 'amqplib'
import { afterAll, describe, expect, test } from 'vitest'
import { newCertificates } from '../tls/certificates.ts'
import { endAll, start, warren } from './warren.ts'

const folder = mkdtempSync(join(tmpdir(), 'warren-cli-tls-'))
const written = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const { ca, server, clients } = newCertificates()
const files = {
  ca: written('ca.pem', ca),
  cert: written('server.pem', server.cert),
  key: written('server.key', server.key),
  other: written('other.key', clients.guest.key),
  text: written('text.txt', 'no certificate'),
}

afterAll(async () => {
  await endAll()
  rmSync(folder, { recursive: true })
})

const tlsUrls = (out: string) => [...out.matchAll(/^rabbit@node\d+ +(amqps:\S+)$/gm)].map(([, url]) => url!)

async function served(url: string, options: object, credentials?: object): Promise<void> {
  const connection = await amqp.connect(url, { ...options, ...(credentials && { credentials }) } as never)
  await (await connection.createChannel()).assertQueue('', { exclusive: true })
  await connection.close()
}

describe('warren start --tls', () => {
  test('prints TLS ports and a CA that clients can trust, by name and by address', async () => {
    const { out, signal, ended } = await start('--port', '0', '--nodes', '2', '--tls')
    const urls = tlsUrls(out)
    expect(urls).toHaveLength(2)
    const caFile = /^TLS CA +(\S+)$/m.exec(out)![1]!
    const trust = { ca: [readFileSync(caFile)] }
    for (const url of urls) {
      await served(url, trust)
      await served(url.replace('127.0.0.1', 'localhost'), trust)
      await served(url.replace('127.0.0.1', '[::1]'), trust)
      await expect(served(url, {})).rejects.toThrow(/self.signed certificate/)
    }
    signal('SIGINT')
    await ended
  })

  test('leaves a certificate with which EXTERNAL logs in as guest', async () => {
    const { out, signal, ended } = await start('--port', '0', '--nodes', '1', '--tls')
    const place = dirname(/^TLS CA +(\S+)$/m.exec(out)![1]!)
    const read = (name: string) => readFileSync(join(place, name))
    const external = { mechanism: 'EXTERNAL', response: () => Buffer.from('') }
    const own = { ca: [read('ca.pem')], cert: read('client.pem'), key: read('client.key') }
    await served(tlsUrls(out)[0]!, own, external)
    signal('SIGINT')
    await ended
  })

  test('keeps its files from others and takes them away at the end', async () => {
    const { out, signal, ended } = await start('--port', '0', '--nodes', '1', '--tls')
    const place = dirname(/^TLS CA +(\S+)$/m.exec(out)![1]!)
    expect(statSync(place).mode & 0o077).toBe(0)
    expect(statSync(join(place, 'client.key')).mode & 0o077).toBe(0)
    signal('SIGTERM')
    expect((await ended).code).toBe(0)
    expect(existsSync(place)).toBe(false)
  })
})

describe('certificates of one’s own', () => {
  const own = ['--tls-cert', files.cert, '--tls-key', files.key] as const

  test('are served, and clients asked for theirs when there is a CA', async () => {
    const { out, signal, ended } = await start('--port', '0', '--nodes', '1', ...own, '--tls-ca', files.ca)
    const external = { mechanism: 'EXTERNAL', response: () => Buffer.from('') }
    await served(tlsUrls(out)[0]!, { ca: [ca], ...clients.guest }, external)
    expect(out).not.toContain('TLS CA')
    signal('SIGINT')
    await ended
  })

  test.each([
    [
      'no certificate',
      ['--tls-cert', files.text, '--tls-key', files.key],
      'the TLS certificate is no certificate in PEM form.',
    ],
    [
      'no key',
      ['--tls-cert', files.cert, '--tls-key', files.text],
      'the TLS key is no private key in PEM form.',
    ],
    ['no CA', [...own, '--tls-ca', files.text], 'the TLS CA is no certificate in PEM form.'],
    [
      'another’s key',
      ['--tls-cert', files.cert, '--tls-key', files.other],
      'the TLS key does not belong to the TLS certificate.',
    ],
    [
      'a missing file',
      ['--tls-cert', '/no/such.pem', '--tls-key', files.key],
      'the TLS certificate /no/such.pem cannot be read, there is no such file.',
    ],
  ])('that are %s are refused in one sentence', async (_, words, sentence) => {
    expect(await warren('start', '--port', '0', ...words)).toEqual({
      code: 1,
      out: '',
      err: `warren: ${sentence}\n`,
    })
  })
})

describe('options that make no sense', () => {
  test.each([
    [['--tls-cert', files.cert], '--tls-cert and --tls-key go together; --tls makes both.'],
    [
      ['--tls', '--tls-cert', files.cert, '--tls-key', files.key],
      '--tls makes certificates of its own; leave it out to use --tls-cert and --tls-key.',
    ],
    [['--tls-port', '5671'], '--tls-port needs --tls-cert and --tls-key, or --tls.'],
    [['--tls-ca', files.ca], '--tls-ca needs --tls-cert and --tls-key, or --tls.'],
    [
      ['--tls', '--port', '20000', '--tls-port', '20002'],
      "the nodes' ports from 20000 on and TLS ports from 20002 on overlap; change one of them.",
    ],
    [
      ['--tls', '--port', '20000', '--tls-port', '65535'],
      '3 nodes from port 65535 on would end at 65537, past 65535; choose a lower --tls-port.',
    ],
  ])('%j', async (words, sentence) => {
    expect(await warren('start', ...words)).toEqual({ code: 64, out: '', err: `warren: ${sentence}\n` })
  })
})

test('--consumer-timeout closes the channel of a delivery that nobody acknowledges', async () => {
  const { urls, signal, ended } = await start('--port', '0', '--nodes', '1', '--consumer-timeout', '200')
  const connection = await amqp.connect(urls[0]!)
  const channel = await connection.createChannel()
  const closed = new Promise<Error>((resolve) => channel.once('error', resolve))
  const { queue } = await channel.assertQueue('', { exclusive: true })
  channel.sendToQueue(queue, Buffer.from('x'))
  await channel.consume(queue, () => {})
  expect((await closed).message).toContain('Timeout value used: 200 ms')
  await connection.close()
  signal('SIGINT')
  await ended
})
