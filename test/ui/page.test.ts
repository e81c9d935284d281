// The page's frame as its user meets it: login, tabs, views, tables, what is said when the server is gone. In a browser, on a live
// cluster of three.

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Site, site } from '../api/support.ts'
import { put } from '../support/clients.ts'
import { buildPage, card, openBrowser, openPage } from './page.ts'

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

test('of very many queues those in sight are in the document, and the last can be scrolled to and found', async () => {
  const channel = await (await here.client(1)).createChannel()
  const names = Array.from({ length: 400 }, (_, i) => `z${String(i).padStart(3, '0')}`)
  await Promise.all(names.map((name) => channel.assertQueue(name)))
  const { page, mistakes } = await openPage(browser, here.url, '#/queues')
  await page.locator('main :text-is("z000")').waitFor()
  expect(await page.locator('tbody tr').count()).toBeLessThan(120)
  await page.locator('.table-scroll').evaluate((element) => element.scrollTo(0, element.scrollHeight))
  await page.locator('main :text-is("z399")').waitFor()
  await page.getByRole('searchbox').fill('z12')
  await page.getByText('10 of 402').waitFor()
  await page.locator('main :text-is("z129")').waitFor()
  expect(await page.locator('td[data-label=Name]').allTextContents()).toEqual(
    Array.from({ length: 10 }, (_, i) => `z12${i}`),
  )
  expect(mistakes).toEqual([])
})

test('a name that looks like markup is shown as it is', async () => {
  const name = '<img src=x onerror=alert(1)>'
  const channel = await (await here.client(1)).createChannel()
  await channel.assertQueue(name)
  const { page, mistakes } = await openPage(browser, here.url, '#/queues')
  await page.locator(`main :text-is("${name}")`).waitFor()
  expect(await page.locator('main img').count()).toBe(0)
  expect(mistakes).toEqual([])
})

test('a wrong password is said to be wrong, and the right one is kept for the tab', async () => {
  const page = await browser.newPage()
  await page.goto(here.url)
  await page.getByLabel('Password').fill('wrong')
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByText('Login failed').waitFor()
  await page.getByLabel('Password').fill('guest')
  await page.getByRole('button', { name: 'Log in' }).click()
  await card(page, 'rabbit@node1').waitFor()
  await page.reload()
  await card(page, 'rabbit@node1').waitFor()
  expect(await page.evaluate('document.cookie')).toBe('')
  await page.getByRole('button', { name: 'Log out' }).click()
  await page.getByLabel('Password').waitFor()
  expect(await page.getByRole('navigation').count()).toBe(0)
  await page.close()
})

test('a server that is gone is said to be gone, until another is there', async () => {
  const { page } = await openPage(browser, here.url)
  await card(page, 'rabbit@node1').waitFor()
  await here.cluster.stop()
  await page.getByText('The server does not answer').waitFor()
  expect(await page.locator('main.stale').count()).toBe(1)
  await site({ nodes: 1, adminPort: Number(new URL(here.url).port) })
  await page.locator('main:not(.stale)').waitFor()
  await page.getByText('1 of 1 nodes running').waitFor()
})

test('with no node running the page says so and can still start one', async () => {
  const { page } = await openPage(browser, here.url)
  for (const node of ['rabbit@node1', 'rabbit@node2', 'rabbit@node3'])
    await here.ask('POST', `/warren/nodes/${node}/kill`)
  await page.getByText('0 of 3 nodes running').waitFor()
  await page.getByRole('link', { name: 'Queues' }).click()
  await page.getByText('no node is running').waitFor()
  await page.getByRole('link', { name: 'Cluster' }).click()
  await card(page, 'rabbit@node3').getByRole('button', { name: 'Start' }).click()
  await card(page, 'rabbit@node3').locator('.pill:text-is("running")').waitFor()
})

test('light and dark are a choice that is kept', async () => {
  const { page } = await openPage(browser, here.url)
  const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
  await page.getByLabel('Theme').selectOption('light')
  const light = await ground()
  await page.getByLabel('Theme').selectOption('dark')
  expect(await ground()).not.toBe(light)
  const dark = await ground()
  await page.reload()
  await page.getByRole('navigation').waitFor()
  expect(await ground()).toBe(dark)
})
