// The verbs about users, vhosts and permissions, in the words and with the exit codes of rabbitmqctl 3.10.8
// (docs/observed.md §16.2).

import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../support/clients.ts'
import { endAll, type Started, start } from './warren.ts'

let cluster: Started

/** Exit code, output and complaint of a verb. */
async function ctl(...words: string[]): Promise<[code: number | null, out: string, err: string]> {
  const { code, out, err } = await cluster.ctl(...words)
  return [code, out, err]
}

beforeAll(async () => {
  cluster = await start('--port', '0')
})
afterAll(endAll)

test('users are added, changed, listed and deleted', async () => {
  expect(await ctl('add_user', 'bo', 'b')).toEqual([
    0,
    'Adding user "bo" ...\n' +
      "Done. Don't forget to grant the user permissions to some virtual hosts! See 'warren ctl help set_permissions' to learn more.\n",
    '',
  ])
  expect(await ctl('add_user', 'bo', 'b')).toEqual([
    70,
    'Adding user "bo" ...\n',
    'Error:\nUser "bo" already exists\n',
  ])
  expect(await ctl('set_user_tags', 'bo', 'management', 'policymaker')).toEqual([
    0,
    'Setting tags for user "bo" to [management, policymaker] ...\n',
    '',
  ])
  expect(await ctl('change_password', 'bo', 'c')).toEqual([0, 'Changing password for user "bo" ...\n', ''])
  expect(await ctl('list_users')).toEqual([
    0,
    'Listing users ...\nuser\ttags\nbo\t[management, policymaker]\nguest\t[administrator]\n',
    '',
  ])
  expect(await ctl('list_users', '--formatter', 'json')).toEqual([
    0,
    '[\n{"user":"bo","tags":["management","policymaker"]}\n,{"user":"guest","tags":["administrator"]}\n]\n',
    '',
  ])
  expect(await ctl('set_user_tags', 'bo')).toEqual([0, 'Setting tags for user "bo" to [] ...\n', ''])
  expect(await ctl('delete_user', 'bo')).toEqual([0, 'Deleting user "bo" ...\n', ''])
  for (const words of [
    ['delete_user', 'bo'],
    ['change_password', 'bo', 'x'],
    ['set_user_tags', 'bo', 'x'],
  ]) {
    const [code, , err] = await ctl(...words)
    expect([code, err]).toEqual([67, 'Error:\nUser "bo" does not exist\n'])
  }
})

test('vhosts are traced through one node, keep what else was said of them, and are traced no longer', async () => {
  const traced = () => ctl('list_vhosts', '-s', 'name', 'description', 'tracing')
  expect(await ctl('trace_on')).toEqual([
    0,
    'Starting tracing for vhost "/" ...\nTrace enabled for vhost /\n',
    '',
  ])
  expect(await traced()).toEqual([0, '/\tDefault virtual host\ttrue\n', ''])
  expect(await ctl('-n', 'node2', 'list_vhosts', '-s', 'tracing')).toEqual([0, 'false\n', ''])
  expect(await ctl('trace_off', '-q')).toEqual([0, 'Trace disabled for vhost /\n', ''])
  expect(await traced()).toEqual([0, '/\tDefault virtual host\tfalse\n', ''])
})

test('vhosts are added, listed and deleted; their maker gets no permissions', async () => {
  expect(await ctl('add_vhost', 'cv', '--description', 'hello', '--tags', 'a,b')).toEqual([
    0,
    'Adding vhost "cv" ...\n',
    '',
  ])
  expect(await ctl('add_vhost', 'cv')).toEqual([0, 'Adding vhost "cv" ...\n', ''])
  expect(await ctl('list_vhosts', 'name', 'description', 'tags')).toEqual([
    0,
    'Listing vhosts ...\nname\tdescription\ttags\n/\tDefault virtual host\t[]\ncv\thello\t[a, b]\n',
    '',
  ])
  expect(await ctl('list_permissions', '-p', 'cv')).toEqual([
    0,
    'Listing permissions for vhost "cv" ...\n',
    '',
  ])
  expect(await ctl('delete_vhost', 'cv')).toEqual([0, 'Deleting vhost "cv" ...\n', ''])
  expect(await ctl('delete_vhost', 'cv')).toEqual([
    65,
    'Deleting vhost "cv" ...\n',
    "Virtual host 'cv' does not exist\n",
  ])
})

test('permissions are set, felt, listed and cleared', async () => {
  await ctl('add_user', 'pat', 'pat')
  expect(await ctl('set_permissions', 'pat', '^pat', '', '^r')).toEqual([
    0,
    'Setting permissions for user "pat" in vhost "/" ...\n',
    '',
  ])
  expect(await ctl('list_permissions')).toEqual([
    0,
    'Listing permissions for vhost "/" ...\nuser\tconfigure\twrite\tread\nguest\t.*\t.*\t.*\npat\t^pat\t\t^r\n',
    '',
  ])
  expect(await ctl('list_user_permissions', 'pat')).toEqual([
    0,
    'Listing permissions for user "pat" ...\nvhost\tconfigure\twrite\tread\n/\t^pat\t\t^r\n',
    '',
  ])
  const client = await connect(
    cluster.urls[0]!.replace('amqp://', 'amqp://pat:pat@').replace('guest:guest@', ''),
  )
  const channel = await client.createChannel()
  await channel.assertQueue('pat.queue')
  channel.on('error', () => {})
  await expect(channel.assertQueue('other')).rejects.toThrow(/access to queue 'other'/)
  await client.close()
  expect(await ctl('clear_permissions', 'pat')).toEqual([
    0,
    'Clearing permissions for user "pat" in vhost "/" ...\n',
    '',
  ])
  expect((await ctl('clear_permissions', 'pat'))[0]).toBe(0)
})

test('permissions that cannot be are refused', async () => {
  const failing = async (...words: string[]) => {
    const [code, , err] = await ctl(...words)
    return [code, err]
  }
  expect(await failing('set_permissions', 'nobody', 'a', 'b', 'c')).toEqual([
    67,
    'Error:\nUser nobody does not exist\n',
  ])
  expect(await failing('clear_permissions', 'nobody')).toEqual([67, 'Error:\nUser nobody does not exist\n'])
  expect(await failing('set_permissions', '-p', 'nov', 'guest', 'a', 'b', 'c')).toEqual([
    69,
    'Error:\nVirtual host nov does not exist\n',
  ])
  expect(await failing('set_permissions', 'guest', '(', 'b', 'c')).toEqual([
    69,
    "Error:\n{:invalid_regexp, '(', {'missing )', 1}}\n",
  ])
  expect(await failing('list_permissions', '-p', 'nov')).toEqual([65, "Virtual host 'nov' does not exist\n"])
  expect(await failing('list_user_permissions', 'nobody')).toEqual([
    69,
    'Error:\n{:no_such_user, "nobody"}\n',
  ])
})

test('topic permissions are set, listed and cleared', async () => {
  expect(await ctl('set_topic_permissions', 'guest', 'amq.topic', 'a', 'b')).toEqual([
    0,
    'Setting topic permissions on "amq.topic" for user "guest" in vhost "/" ...\n',
    '',
  ])
  expect(await ctl('list_topic_permissions')).toEqual([
    0,
    'Listing topic permissions for vhost "/" ...\nuser\texchange\twrite\tread\nguest\tamq.topic\ta\tb\n',
    '',
  ])
  expect(await ctl('clear_topic_permissions', 'guest')).toEqual([
    0,
    'Clearing topic permissions for user "guest" in vhost "/" ...\n',
    '',
  ])
  expect((await ctl('list_topic_permissions'))[1]).toBe('Listing topic permissions for vhost "/" ...\n')
})
