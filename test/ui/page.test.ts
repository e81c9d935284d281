// The page as its user meets it: in a browser, on a live cluster of three.

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Site, site } from '../api/support.ts'
import { put } from '../support/clients.ts'
import { buildPage, card, openBrowser, openPage, queueRow } from './page.ts'

let browser: Browser
let here: Site

beforeAll(async () => {
  buildPage()
  browser = await openBrowser()
})

afterAll(() => browser?.close())

beforeEach(async () => {
  here = await site()
  const channel = await (await here.client(1)).createConfirmChannel()
  await here.cluster.setPolicy({ name: 'ha', pattern: '^orders', definition: { 'ha-mode': 'all' } })
  await channel.assertQueue('orders')
  await channel.assertQueue('audit')
  await put(channel, 'orders', 'one', 'two')
})

test('nodes and queues are shown with their states', async () => {
  const { page, mistakes } = await openPage(browser, here.url)
  for (const node of ['rabbit@node1', 'rabbit@node2', 'rabbit@node3'])
    await card(page, node).locator('.pill:text-is("running")').waitFor()
  expect(await card(page, 'rabbit@node1').locator('.detail').textContent()).toMatch(
    /^port \d+ · 2 leaders · 0 mirrors · 1 connection$/,
  )
  await page.locator('#queues tbody tr').nth(1).waitFor()
  expect(await queueRow(page, 'orders')).toMatchObject({
    Leader: 'rabbit@node1',
    Mirrors: 'rabbit@node2rabbit@node3',
    State: 'running',
    Ready: '2',
    Unacked: '0',
    Policy: 'ha',
  })
  expect(await page.locator('.mirror:not(.behind)').count()).toBe(2)
  expect(await page.locator('#node-count').textContent()).toBe('3 of 3 nodes running')
  expect(await page.locator('#connection-count').textContent()).toBe('1 connection')
  expect(mistakes).toEqual([])
})

test('a kill shows the node stopped, the leader moving, and the command that does the same', async () => {
  const { page, mistakes } = await openPage(browser, here.url)
  await card(page, 'rabbit@node1').getByText('Kill').click()
  await card(page, 'rabbit@node1').locator('.pill:text-is("stopped")').waitFor()
  await page.locator('#queues td[data-label=Leader]:text-is("rabbit@node2")').waitFor()
  expect(await queueRow(page, 'orders')).toMatchObject({
    Leader: 'rabbit@node2',
    Mirrors: 'rabbit@node3',
    Ready: '2',
  })
  expect(await queueRow(page, 'audit')).toMatchObject({ Leader: 'rabbit@node1', State: 'down', Ready: '–' })
  await page.getByText('rabbit@node1 was killed').waitFor()
  const command = page.locator('#commands li').first()
  expect(await command.locator('code').textContent()).toBe(
    `curl -u guest:guest -X POST ${here.url}/warren/nodes/rabbit@node1/kill`,
  )
  expect(await command.locator('.pill').textContent()).toBe('204')
  await card(page, 'rabbit@node1').getByText('Start').click()
  await card(page, 'rabbit@node1').locator('.pill:text-is("running")').waitFor()
  expect(mistakes).toEqual([])
})

test('a policy that is refused shows why, a good one appears and can be deleted', async () => {
  const { page, mistakes } = await openPage(browser, here.url)
  const submit = async (definition: string) => {
    await page.fill('#policy-name', 'limit')
    await page.fill('#policy-pattern', '^audit')
    await page.fill('#policy-definition', definition)
    await page.click('#policy-form [type=submit]')
  }
  await submit('{"max-length": "x"}')
  await page.locator('#policy-result.error').waitFor()
  expect(await page.locator('#policy-result').textContent()).toBe(
    'Validation failed\n<<"x">> is not a valid maximum length',
  )
  await submit('{"max-length": ')
  await page.getByText('The definition is not JSON').waitFor()
  await submit('{"max-length": 5}')
  await page.getByText('Policy limit is set.').waitFor()
  const row = page.locator('#policies tbody tr', { hasText: 'limit' })
  await row.waitFor()
  expect(await row.locator('td').allTextContents()).toEqual([
    'limit',
    '^audit',
    'all',
    '0',
    '{"max-length": 5}',
    'EditDelete',
  ])
  await page.locator('#queues td[data-label=Policy]:text-is("limit")').waitFor()
  await row.getByText('Delete').click()
  await row.waitFor({ state: 'detached' })
  expect((await here.get('/api/policies')).map(({ name }: { name: string }) => name)).toEqual(['ha'])
  expect(mistakes).toEqual([])
})

test('a cut network shows both sides, each through one of its nodes', async () => {
  const { page, mistakes } = await openPage(browser, here.url)
  await page.getByLabel('Side of rabbit@node3').selectOption('B')
  await page.click('#cut')
  await card(page, 'rabbit@node3').getByText('Runs alone').waitFor()
  await page.selectOption('#view', 'rabbit@node3')
  await page.locator('#queues td[data-label=Leader]:text-is("rabbit@node3")').waitFor()
  expect(await queueRow(page, 'orders')).toMatchObject({ Leader: 'rabbit@node3', State: 'running' })
  expect(await queueRow(page, 'audit')).toMatchObject({ State: 'down' })
  await page.selectOption('#view', '')
  await page.locator('#queues td[data-label=Leader]:text-is("rabbit@node1")').nth(1).waitFor()
  await page.click('#heal')
  await card(page, 'rabbit@node3').getByText('links are whole').waitFor()
  expect(mistakes).toEqual([])
})

test('rows are updated in place: what has the focus keeps it', async () => {
  const { page } = await openPage(browser, here.url)
  const row = page.locator('#queues tbody tr', { hasText: 'orders' })
  await row.evaluate((element) => element.setAttribute('data-marked', 'yes'))
  await card(page, 'rabbit@node2').getByText('Stop').focus()
  const channel = await (await here.client(2)).createConfirmChannel()
  await put(channel, 'orders', 'three')
  await row.locator('td[data-label=Ready]:text-is("3")').waitFor()
  expect(await row.getAttribute('data-marked')).toBe('yes')
  expect(await page.evaluate(`document.activeElement.getAttribute('aria-label')`)).toBe('Stop rabbit@node2')
})

test('of very many queues the first are shown and the rest is counted', async () => {
  const channel = await (await here.client(1)).createChannel()
  const names = Array.from({ length: 250 }, (_, i) => `z${i}`)
  await Promise.all(names.map((name) => channel.assertQueue(name)))
  const { page } = await openPage(browser, here.url)
  await page.getByText('the first 200 of 252').waitFor()
  expect(await page.locator('#queues tbody tr').count()).toBe(200)
  expect(await page.locator('#queue-count').textContent()).toBe('252 queues')
})

test('a name that looks like markup is shown as it is', async () => {
  const name = '<img src=x onerror=alert(1)>'
  const channel = await (await here.client(1)).createChannel()
  await channel.assertQueue(name)
  const { page, mistakes } = await openPage(browser, here.url)
  await page.locator(`#queues td:text-is("${name}")`).waitFor()
  expect(await page.locator('#queues img, #events img').count()).toBe(0)
  expect(mistakes).toEqual([])
})

test('a wrong password is said to be wrong, and the right one is kept for the tab', async () => {
  const page = await browser.newPage()
  await page.goto(here.url)
  await page.fill('#login-password', 'wrong')
  await page.click('#login-form button')
  await page.getByText('Login failed').waitFor()
  await page.fill('#login-password', 'guest')
  await page.click('#login-form button')
  await page.locator('#queues tbody tr').first().waitFor()
  await page.reload()
  await page.locator('#queues tbody tr').first().waitFor()
  await page.click('#logout')
  await page.locator('#login-form').waitFor()
  expect(await page.locator('#page').isVisible()).toBe(false)
})

test('a server that is gone is said to be gone, until it is back', async () => {
  const { page } = await openPage(browser, here.url)
  await page.route('**/warren/**', (route) => route.abort())
  await page.getByText('The server does not answer').waitFor()
  expect(await page.locator('#page.stale').count()).toBe(1)
  await page.unroute('**/warren/**')
  await page.locator('#gone').waitFor({ state: 'hidden' })
  expect(await page.locator('#page.stale').count()).toBe(0)
})

test('with no node running the page says so and can still start one', async () => {
  const { page } = await openPage(browser, here.url)
  for (const node of ['rabbit@node1', 'rabbit@node2', 'rabbit@node3'])
    await card(page, node).getByText('Kill').click()
  await page.getByText('no node is running').waitFor()
  expect(await page.locator('#queue-count').textContent()).toBe('– queues')
  await card(page, 'rabbit@node3').getByText('Start').click()
  await card(page, 'rabbit@node3').locator('.pill:text-is("running")').waitFor()
})

test.each([1280, 400])('nothing sticks out at a width of %i', async (width) => {
  const { page } = await openPage(browser, here.url, width)
  await page.locator('#queues tbody tr').first().waitFor()
  await card(page, 'rabbit@node3').getByText('Kill').click()
  await page.locator('#commands li').waitFor()
  const edge = (of: string) => page.evaluate<number>(`document.documentElement.${of}Width`)
  expect(await edge('scroll')).toBe(await edge('client'))
})
