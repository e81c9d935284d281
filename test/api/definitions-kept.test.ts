// What definitions brought and Warren has no use for, and what becomes of all of it later (docs/observed.md §23).

import { expect, test } from 'vitest'
import { asSets, type Definitions, recordedText } from '../support/definitions.ts'
import { site } from './support.ts'

const json = { 'content-type': 'application/json' }

test('what plugins would use and what the cluster is called outlive a partition and a restart', async () => {
  const { cluster } = await site({ nodes: 2, definitions: recordedText('cluster') })
  const before = asSets((await cluster.exportDefinitions()) as unknown as Definitions)
  await cluster.node(2).stop()
  await cluster.node(1).stop()
  await cluster.node(1).start()
  await cluster.node(2).start()
  const after = asSets((await cluster.exportDefinitions()) as unknown as Definitions)
  expect([after['parameters'], after['global_parameters']]).toEqual([
    before['parameters'],
    before['global_parameters'],
  ])
})

test('what plugins would use can be looked at and cleared, but not set', async () => {
  const here = await site({ nodes: 1, definitions: recordedText('cluster') })
  const path = '/api/parameters/shovel/shop/move'
  expect((await here.get(path)).value['src-queue']).toBe('from')
  const put = await here.ask('PUT', path, { value: {} }, json)
  expect([put.status, put.body.reason]).toEqual([400, 'Validation failed\n\ncomponent shovel not found\n'])
  expect((await here.ask('DELETE', path)).status).toBe(204)
  expect((await here.ask('GET', path)).status).toBe(404)
  expect(await here.get('/api/parameters/shovel')).toEqual([])
})

test('a vhost that is deleted takes all that was imported into it along', async () => {
  const here = await site({ nodes: 1, definitions: recordedText('cluster') })
  expect((await here.ask('DELETE', '/api/vhosts/shop')).status).toBe(204)
  const left: Definitions = await here.get('/api/definitions')
  expect(JSON.stringify(left)).not.toContain('"shop"')
  expect(left['queues']!.map(({ vhost }) => vhost)).toEqual(['/', 'ü/slash'])
})

test('a name to download as stands in the header, and cannot end it', async () => {
  const here = await site({ nodes: 1 })
  const named = async (name: string) =>
    (await here.ask('GET', `/api/definitions?download=${name}`)).headers.get('content-disposition')
  expect(await named('abc.json')).toBe('attachment; filename=abc.json')
  expect(await named('a%0d%0aX-Evil:%201')).toBe('attachment; filename=a__X-Evil_ 1')
})
