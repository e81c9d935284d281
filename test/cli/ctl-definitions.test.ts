// export_definitions, import_definitions and `warren start --definitions`, in the words and with the exit codes of
// rabbitmqctl 3.10.8 (docs/observed.md §23).

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Definitions, lost, recordedDefinitions, recordedText } from '../support/definitions.ts'
import { endAll, type Started, start, warren } from './warren.ts'

let cluster: Started
const folder = mkdtempSync(join(tmpdir(), 'warren-definitions-'))

/** A file with these contents. */
function file(name: string, contents: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof contents === 'string' ? contents : JSON.stringify(contents))
  return path
}

/** Exit code, output and complaint of a verb. */
async function ctl(...words: string[]): Promise<[code: number | null, out: string, err: string]> {
  const { code, out, err } = await cluster.ctl(...words)
  return [code, out, err]
}

beforeAll(async () => {
  cluster = await start('--port', '0')
})
afterAll(async () => {
  await endAll()
  rmSync(folder, { recursive: true })
})

/** With its type, as rabbitmqctl has it. */
const typed = (queue: Record<string, unknown>) => {
  const args = queue['arguments'] as Record<string, unknown>
  return { ...queue, type: args['x-queue-type'] ?? 'classic' }
}

const importing = (path: string) => `Importing definitions in JSON from a file at "${path}" ...\n`

test('a file of a real cluster is imported, and exported with nothing lost', async () => {
  const theirs = file('theirs.json', recordedText('cluster'))
  expect(await ctl('import_definitions', theirs)).toEqual([
    0,
    `${importing(theirs)}Successfully started definition import. This process is asynchronous and can take some time.\n`,
    'Warren does not emulate quorum queues and streams: it keeps quorum, stream for exports, and nobody can use them.\n',
  ])
  const ours = join(folder, 'ours.json')
  expect(await ctl('export_definitions', ours)).toEqual([
    0,
    `Exporting definitions in JSON to a file at "${ours}" ...\n`,
    '',
  ])
  const exported: Definitions = JSON.parse(readFileSync(ours, 'utf8'))
  expect(Object.keys(exported)).toEqual(Object.keys(recordedDefinitions('rabbitmqctl')))
  const { vhosts, queues, ...others } = recordedDefinitions()
  expect(lost(others, exported)).toEqual([])
  expect(lost({ queues: queues!.map(typed) }, exported)).toEqual([])
  const named = exported['vhosts']!.map(({ name }) => ({ name }))
  expect(lost({ vhosts: vhosts! }, { vhosts: named })).toEqual([])
})

test('descriptions, tags and limits of vhosts are in the file as rabbitmqctl has them, and go back in', async () => {
  const theirs = file('rabbitmqctl.json', recordedText('rabbitmqctl'))
  expect((await ctl('import_definitions', theirs, '-q'))[0]).toBe(0)
  const [code, out] = await ctl('export_definitions', '-')
  expect(code).toBe(0)
  expect(lost({ vhosts: recordedDefinitions('rabbitmqctl')['vhosts']! }, JSON.parse(out))).toEqual([])
})

test('what is refused is shown as Elixir shows it, with the exit code of rabbitmqctl', async () => {
  const policies = [{ vhost: '/', name: 'bad', pattern: '.', definition: { 'ha-mode': 'some' } }]
  const permissions = [{ user: 'nobody', vhost: '/', configure: '', write: '', read: '' }]
  const queue = { vhost: '/', name: 'newq', durable: true, auto_delete: false }
  const rows: readonly [contents: unknown, code: number, complaint: string][] = [
    [{ policies }, 69, 'Validation failed\n\n&lt;&lt;"some"&gt;&gt; is not a valid ha-mode value\n (//bad)'],
    [{ permissions }, 69, '{:no_such_user, "nobody"}'],
    [
      { queues: [{ ...queue, arguments: { 'x-max-length': -5 } }] },
      69,
      "{:amqp_error, :precondition_failed, 'invalid arg \\'x-max-length\\' for queue \\'newq\\' in vhost \\'/\\': {value_negative,-5}', :none}",
    ],
    [{ users: [{ name: 'u', tags: [], password_hash: 'x!' }] }, 69, '{:not_base64, "x!"}'],
  ]
  for (const [contents, code, complaint] of rows) {
    const path = file('refused.json', contents)
    expect(await ctl('import_definitions', path)).toEqual([code, importing(path), `Error:\n${complaint}\n`])
  }
})

test('files that are not there, are folders or no JSON', async () => {
  const broken = file('broken.json', '{')
  const [code, out, err] = await ctl('import_definitions', broken)
  expect([code, out]).toEqual([65, importing(broken)])
  expect(err).toMatch(/^Error:\nFailed to deserialise input \(format: JSON\) \(error: .+\)\n$/)
  const none = join(folder, 'none.json')
  expect(await ctl('import_definitions', none)).toEqual([
    65,
    '',
    `Error (argument validation): Bad argument: File ${none} does not exist\n`,
  ])
  expect(await ctl('import_definitions', folder)).toEqual([
    65,
    importing(folder),
    `Error:\nPath ${folder} is a directory\n`,
  ])
  expect((await ctl('export_definitions', folder))[2]).toBe(`Error:\nPath ${folder} is a directory\n`)
  const nowhere = join(folder, 'no', 'x.json')
  expect(await ctl('export_definitions', nowhere)).toEqual([
    65,
    '',
    `Error (argument validation): Bad argument: Directory ${join(folder, 'no')} does not exist\n`,
  ])
  expect((await ctl('export_definitions'))[0]).toBe(64)
  const [wrong, , complaint] = await ctl('export_definitions', 'x', '--format', 'erlang')
  expect([wrong, complaint.split('\n')[0]]).toEqual([
    64,
    'Error (argument validation): Bad argument: Format should be json',
  ])
})

test('a cluster starts with a file: its users and vhosts instead of guest and /', async () => {
  const path = file('start.json', {
    users: [{ name: 'boss', password: 'b', tags: 'administrator' }],
    vhosts: [{ name: 'only' }],
    permissions: [{ user: 'boss', vhost: 'only', configure: '.*', write: '.*', read: '.*' }],
  })
  const other = await start('--port', '0', '--nodes', '1', '--definitions', path)
  expect(other.out).toContain(`Users as in ${path}. Stop with Ctrl-C.\n`)
  const admin = /http:\/\/(\S+)/.exec(other.out)![1]
  const listed = await warren('ctl', '--url', `http://boss:b@${admin}`, 'list_vhosts', '-s')
  expect([listed.code, listed.out]).toEqual([0, 'only\n'])
  expect((await warren('ctl', '--url', `http://${admin}`, 'list_vhosts')).err).toContain(
    "refuses user 'guest'",
  )
})

test('a cluster does not start with a file that is refused or not there', async () => {
  const bad = file('bad.json', { queues: [{ vhost: '/', name: 'q', durable: 1 }] })
  expect(await warren('start', '--port', '0', '--definitions', bad)).toMatchObject({
    code: 1,
    err: `warren: ${bad}: queue 'q' in vhost '/': durable: true or false is expected, not 1\n`,
  })
  const none = join(folder, 'none.json')
  expect(await warren('start', '--port', '0', '--definitions', none)).toMatchObject({
    code: 1,
    err: `warren: the definitions file ${none} cannot be read, there is no such file.\n`,
  })
})
