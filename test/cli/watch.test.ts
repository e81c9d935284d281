// `warren start --policies FILE --watch`: real edits of a real file, in the ways editors save, with a client connected that must
// not notice anything but what the policies say.
import {
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ChannelModel, connect, until } from '../support/clients.ts'
import { endAll, type Started, start, warren } from './warren.ts'

const folder = mkdtempSync(join(tmpdir(), 'warren-watch-'))
const file = join(folder, 'policies.yaml')

const entry = (name: string, pattern: string, definition: string) =>
  `- name: ${name}\n  pattern: ${pattern}\n  definition: ${definition}\n`
const ha = entry('ha', '^orders', '{ ha-mode: exactly, ha-params: 2, ha-sync-mode: automatic }')
const short = entry('short', '^bills', '{ max-length: 2 }')

let cluster: Started
let client: ChannelModel
const closed: string[] = []

beforeAll(async () => {
  writeFileSync(file, ha)
  cluster = await start('--port', '0', '--policies', file, '--watch')
  client = await connect(cluster.urls[0]!)
  client.on('close', () => closed.push('connection'))
})

afterAll(async () => {
  await client.close().catch(() => {})
  await endAll()
  rmSync(folder, { recursive: true })
})

/** The policies that the cluster has now, by name. */
async function names(): Promise<string[]> {
  const { out } = await cluster.ctl('list_policies', '--formatter', 'json', '-q')
  return (JSON.parse(out) as { name: string }[]).map(({ name }) => name).sort()
}

const said = (text: string) =>
  until(`it says ${text}`, () => cluster.out.includes(text) || cluster.err.includes(text))

/** Queue columns as ctl lists them. */
async function columns(queue: string, ...wanted: string[]): Promise<string[]> {
  const { out } = await cluster.ctl('list_queues', '-s', 'name', ...wanted)
  return (out.split('\n').find((line) => line.startsWith(`${queue}\t`)) ?? '').split('\t').slice(1)
}

describe('an edit of the policy file', () => {
  test('made in place is applied as a difference, while a client publishes and consumes', async () => {
    const channel = await client.createConfirmChannel()
    for (const queue of ['orders', 'bills']) await channel.assertQueue(queue)
    for (let i = 0; i < 5; i++) channel.sendToQueue('bills', Buffer.from(`${i}`))
    await channel.waitForConfirms()
    writeFileSync(file, ha + short)
    await said(`${file}: set "short".\n  1 queue and 0 exchanges to change, 3 messages to be dropped.\n`)
    expect(await names()).toEqual(['ha', 'short'])
    expect((await channel.checkQueue('bills')).messageCount).toBe(2)
    channel.sendToQueue('orders', Buffer.from('still here'))
    await channel.waitForConfirms()
    expect((await channel.checkQueue('orders')).messageCount).toBe(1)
    expect(closed).toEqual([])
  })

  test('that puts another file in its place is seen too', async () => {
    const other = join(folder, '.policies.yaml.swp')
    writeFileSync(other, ha)
    renameSync(other, file)
    await said(`${file}: cleared "short".\n`)
    expect(await names()).toEqual(['ha'])
  })

  test('moves mirrors, and the queue keeps what is in it', async () => {
    expect((await columns('orders', 'mirrors', 'messages'))[1]).toBe('1')
    writeFileSync(file, entry('ha', '^orders', '{ ha-mode: all, ha-sync-mode: automatic }'))
    await said(`${file}: set "ha".\n`)
    await until('two mirrors', async () => {
      const [mirrors, messages] = await columns('orders', 'mirrors', 'messages')
      return messages === '1' && (mirrors?.match(/rabbit@node/g) ?? []).length === 2
    })
    expect(closed).toEqual([])
  })

  test('that is wrong is reported with line, column, policy, key and value, and changes nothing', async () => {
    const before = await cluster.ctl('export_policies')
    writeFileSync(file, `${short}${entry('bad', '^x', '{ ha-mode: some }')}`)
    await said(
      `warren: ${file}:6:17: policy "bad", definition.ha-mode: "some" is not a valid ha-mode value. The policies stay as they are.\n`,
    )
    expect((await cluster.ctl('export_policies')).out).toBe(before.out)
  })

  test('for a vhost that is not there changes nothing either, not even its good part', async () => {
    const before = await cluster.ctl('export_policies')
    writeFileSync(
      file,
      `${short}- { name: far, vhost: nowhere, pattern: x, definition: { expires: 1000 } }\n`,
    )
    await said('Policy "far", vhost: there is no virtual host "nowhere". The policies stay as they are.\n')
    expect((await cluster.ctl('export_policies')).out).toBe(before.out)
  })

  test('that makes it good again is applied from where it was', async () => {
    writeFileSync(file, short)
    await said(`${file}: set "short"; cleared "ha".\n`)
    expect(await names()).toEqual(['short'])
  })

  test('leaves policies alone that were set by other means, and clears none that is gone already', async () => {
    await cluster.ctl('set_policy', 'own', '^own', '{"expires":60000}')
    await cluster.ctl('clear_policy', 'short')
    writeFileSync(
      file,
      `${ha}- { name: cap, operator: true, pattern: "", definition: { max-length: 100 } }\n`,
    )
    await said(`${file}: set "ha", "cap".\n`)
    expect(await names()).toEqual(['ha', 'own'])
    expect((await cluster.ctl('export_policies')).out).toContain('operator: true')
  })

  test('that deletes the file is told once, and the file is read again when it is back', async () => {
    unlinkSync(file)
    await said(`warren: ${file} is gone. The policies stay as they are.\n`)
    expect(await names()).toEqual(['ha', 'own'])
    writeFileSync(file, '[]\n')
    await said(`${file}: cleared "ha", "cap".\n`)
    expect(await names()).toEqual(['own'])
    expect(cluster.err.split('is gone')).toHaveLength(2)
    expect(closed).toEqual([])
  })
})

test('the target of a link may change, as files of a mounted configuration do', async () => {
  const [first, second, link] = ['one.yaml', 'two.yaml', 'link.yaml'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(first, ha)
  writeFileSync(second, short)
  symlinkSync(first, link)
  const linked = await start('--port', '0', '--nodes', '1', '--policies', link, '--watch')
  symlinkSync(second, join(folder, 'next'))
  renameSync(join(folder, 'next'), link)
  await until('it sees the other target', () => linked.out.includes('set "short"; cleared "ha"'))
  expect(readFileSync(link, 'utf8')).toBe(short)
  linked.signal('SIGTERM')
  expect((await linked.ended).code).toBe(0)
})

test.each([
  [['--watch'], '--watch goes with --policies FILE.'],
  [['--policies', 'preset:ha-all', '--watch'], '--watch is for files, and preset:ha-all is none.'],
])('%j is wrong usage', async (words, message) => {
  const { code, err } = await warren('start', '--port', '0', ...words)
  expect([code, err]).toEqual([64, `warren: ${message}\n`])
})

test('a policy for a vhost that is not there keeps a cluster from starting', async () => {
  const far = join(folder, 'far.yaml')
  writeFileSync(far, '- { name: far, vhost: nowhere, pattern: x, definition: { expires: 1000 } }\n')
  const { code, err } = await warren('start', '--port', '0', '--policies', far)
  expect([code, err]).toEqual([
    1,
    `warren: ${far}: Policy "far", vhost: there is no virtual host "nowhere".\n`,
  ])
})
