// What a user who may only log in learns from the control API: nothing of virtual hosts that are not its own.

import { expect, test } from 'vitest'
import { connect } from '../support/clients.ts'
import { Reader } from './feed.ts'
import { type Json, send, site } from './support.ts'

const basic = (name: string) => ({ authorization: `Basic ${btoa(`${name}:secret`)}` })

test('events and messages of other virtual hosts are for monitoring and administrator', async () => {
  const { cluster, url, ask } = await site({ nodes: 1, trace: 'messages' })
  const every = { configure: '.*', write: '.*', read: '.*' }
  await ask('PUT', '/api/vhosts/own', {})
  await ask('PUT', '/api/permissions/own/guest', every)
  for (const tags of ['management', 'monitoring'])
    await ask('PUT', `/api/users/${tags}`, { password: 'secret', tags })
  await ask('PUT', '/api/permissions/own/management', every)
  for (const vhost of ['', '/own']) {
    const client = await connect(`${cluster.urls[0]!}${vhost}`)
    const channel = await client.createConfirmChannel()
    await channel.assertQueue(`of${vhost}`)
    channel.sendToQueue(`of${vhost}`, Buffer.from('x'))
    await channel.waitForConfirms()
    await client.close()
  }
  const as = (user: string) => (path: string) => send(url + path, 'GET', undefined, basic(user))
  const [limited, monitor] = [as('management'), as('monitoring')]

  expect((await monitor('/warren/events')).status).toBe(200)
  expect(await limited('/warren/events')).toMatchObject({ status: 401, body: { reason: 'Not monitor user' } })
  const { records } = (await limited('/warren/messages')).body
  expect(new Set(records.map(({ queue }: Json) => queue))).toEqual(new Set(['of/own']))
  expect((await limited('/warren/messages/own/of%2Fown/1')).status).toBe(200)
  expect((await limited('/warren/messages/%2F/of/1')).status).toBe(404)
  expect((await ask('GET', '/warren/messages/%2F/of/1')).status).toBe(200)

  const reader = await Reader.open(url, '?interval=200&since=0', basic('management'))
  await reader.until('state', ({ queues }) => queues.some(({ name }: Json) => name === 'of/own'))
  expect(reader.told.filter(({ event }) => event === 'trace')).toEqual([])
  const all = await Reader.open(url, '?interval=0&since=0', basic('monitoring'))
  await all.until('trace', ({ subject }) => subject === 'of')
})
