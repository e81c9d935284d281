// What the HTTP API says of nodes that are down (docs/observed.md §2).
import { expect, test } from 'vitest'
import { site } from './support.ts'

test('a node that is down has four members, and a running one is the same as ever', async () => {
  const { cluster, get } = await site()
  await cluster.node(2).stop()
  const entries = (await get('/api/nodes')) as { name: string; running: boolean }[]
  expect(entries.find(({ name }) => name === 'rabbit@node2')).toEqual({
    name: 'rabbit@node2',
    running: false,
    type: 'disc',
    cluster_links: [],
  })
  expect(entries.filter(({ running }) => running).map(({ name }) => name)).toEqual([
    'rabbit@node1',
    'rabbit@node3',
  ])
})
