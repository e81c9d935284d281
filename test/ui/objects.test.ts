// The pages of queues, exchanges, connections and channels as their user meets them, with an AMQP client at the other end.

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Site, site } from '../api/support.ts'
import { type ConfirmChannel, put } from '../support/clients.ts'
import { buildPage, openBrowser, openPage, rowOf } from './page.ts'

let browser: Browser
let here: Site
let channel: ConfirmChannel

beforeAll(async () => {
  buildPage()
  browser = await openBrowser()
})

afterAll(() => browser?.close())

beforeEach(async () => {
  here = await site()
  channel = await (await here.client(1)).createConfirmChannel()
  await channel.assertQueue('orders', { arguments: { 'x-max-length': 1000 } })
  await channel.assertExchange('events', 'topic')
  await channel.bindQueue('orders', 'events', 'order.*')
  await put(channel, 'orders', 'one', 'two')
})

test('the table of queues has RabbitMQ’s columns, badges and mirrors', async () => {
  await here.cluster.setPolicy({ name: 'ha', pattern: '^orders', definition: { 'ha-mode': 'all' } })
  const { page, mistakes } = await openPage(browser, here.url, '#/queues')
  await page.getByRole('link', { name: 'orders', exact: true }).waitFor()
  expect(await rowOf(page, 'orders')).toMatchObject({
    Node: 'rabbit@node1 +2',
    Type: 'classic',
    Features: 'DLimha',
    State: 'running',
    Ready: '2',
    Unacked: '0',
    Total: '2',
  })
  expect(await page.getByTitle('Unsynchronised mirrors: rabbit@node2, rabbit@node3').count()).toBe(1)
  expect(mistakes).toEqual([])
})

test('a queue’s page gets, publishes and purges', async () => {
  const { page, mistakes } = await openPage(browser, here.url, '#/queues/%2F/orders')
  await page.getByText('Get messages').click()
  await page.getByRole('spinbutton', { name: 'Messages' }).fill('5')
  await page.getByRole('button', { name: 'Get message(s)' }).click()
  await page.getByRole('article', { name: 'Message 2' }).getByText('two', { exact: true }).waitFor()
  await page.locator('summary', { hasText: 'Publish message' }).click()
  await page.getByLabel('Headers').fill('{"colour": "red"}')
  await page.getByLabel('Payload').fill('by hand')
  await page.getByRole('button', { name: 'Publish message' }).click()
  await page.getByText('Message published.').waitFor()
  const last = [await channel.get('orders'), await channel.get('orders'), await channel.get('orders')].at(-1)
  expect(last && [last.content.toString(), last.properties.headers]).toEqual(['by hand', { colour: 'red' }])
  channel.nackAll()
  await page.getByText('Purge and delete').click()
  await page.getByRole('button', { name: 'Purge messages' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('3 ready messages will be gone').waitFor()
  await dialog.getByRole('button', { name: 'Purge messages' }).click()
  await page.getByText('Queue purged.').waitFor()
  expect((await channel.checkQueue('orders')).messageCount).toBe(0)
  expect(mistakes).toEqual([])
})

test('a message that no queue takes is said to be unrouted', async () => {
  const { page } = await openPage(browser, here.url, '#/exchanges/%2F/events')
  await page.locator('summary', { hasText: 'Publish message' }).click()
  await page.getByLabel('Routing key').last().fill('nobody')
  await page.getByRole('button', { name: 'Publish message' }).click()
  await page.getByText('not routed: no queue took it').waitFor()
})

test('a queue’s page tells what each mirror lacks, and synchronises', async () => {
  await here.cluster.setPolicy({ name: 'ha', pattern: '^orders', definition: { 'ha-mode': 'all' } })
  const { page, mistakes } = await openPage(browser, here.url, '#/queues/%2F/orders')
  await page
    .getByRole('img', { name: /leader rabbit@node1, mirrors rabbit@node2 \(unsynchronised\)/ })
    .waitFor()
  await page.getByText('mirror, lacks 2').first().waitFor()
  await page.getByText('This queue follows policy ha').waitFor()
  await page.getByRole('button', { name: 'Synchronise' }).click()
  await page.locator('.pill:text-is("synchronised")').nth(1).waitFor()
  expect(mistakes).toEqual([])
})

test('a queue that is down says which node brings it back, and is there again when that starts', async () => {
  const { page } = await openPage(browser, here.url, '#/queues/%2F/orders')
  await page.getByText('Leader and mirrors').waitFor()
  await here.ask('POST', '/warren/nodes/rabbit@node1/kill')
  await page.getByText('Start rabbit@node1, and it is back').waitFor()
  await here.ask('POST', '/warren/nodes/rabbit@node1/start')
  await page.locator('.pill:text-is("running")').first().waitFor()
})

test('bindings can be added and taken away', async () => {
  const { page, mistakes } = await openPage(browser, here.url, '#/queues/%2F/orders')
  await page.getByText('Add binding to this queue').click()
  await page.getByLabel('From exchange').fill('events')
  await page.getByLabel('Routing key').fill('extra.key')
  await page.getByRole('button', { name: 'Bind', exact: true }).click()
  const row = page.locator('tr', { hasText: 'extra.key' })
  await row.getByRole('button', { name: 'Unbind' }).click()
  await row.waitFor({ state: 'detached' })
  expect(await here.get('/api/queues/%2F/orders/bindings')).toHaveLength(2)
  expect(mistakes).toEqual([])
})

test('a queue is added and deleted', async () => {
  const { page, mistakes } = await openPage(browser, here.url, '#/queues')
  await page.getByRole('button', { name: 'Add a queue' }).click()
  await page.getByLabel('Name', { exact: true }).fill('by hand')
  await page.getByLabel('Node', { exact: true }).selectOption('rabbit@node3')
  await page.getByRole('button', { name: 'Add queue' }).click()
  await page.getByRole('img', { name: 'now: leader rabbit@node3, mirrors none' }).waitFor()
  await page.getByText('Purge and delete').click()
  await page.getByRole('button', { name: 'Delete queue' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete queue' }).click()
  await page.getByRole('link', { name: 'orders', exact: true }).waitFor()
  expect((await here.get('/api/queues')).map(({ name }: { name: string }) => name)).toEqual(['orders'])
  expect(mistakes).toEqual([])
})

test('a connection’s page shows its channels, and closes it', async () => {
  const client = await here.client(2)
  const told = new Promise<string>((resolve) =>
    client.on('close', (error) => resolve(String(error?.message))),
  )
  const prefetched = await client.createChannel()
  await prefetched.prefetch(7)
  await prefetched.consume('orders', () => {})
  const [connection] = (await here.get('/api/connections')).filter(
    ({ node }: { node: string }) => node === 'rabbit@node2',
  )
  const { page, mistakes } = await openPage(browser, here.url, '#/connections')
  // In lists as RabbitMQ's page has it: the client's side only.
  const short = connection.name.replace(/ -> .*/, '')
  await page.getByRole('link', { name: short }).click()
  await page.getByText('Channels (1)').waitFor()
  await page.getByRole('link', { name: `${short} (1)` }).click()
  await page.getByText('Consumers (1)').waitFor()
  await page.getByRole('link', { name: connection.name, exact: true }).click()
  await page.locator('summary', { hasText: 'Close this connection' }).click()
  await page.getByRole('button', { name: 'Force close' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Force close' }).click()
  expect(await told).toContain('CONNECTION_FORCED')
  expect(mistakes).toEqual([])
})
