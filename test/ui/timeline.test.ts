// The timeline: what happened and why, the journey of one message, and the clock that stands, steps and runs at another speed.

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Site, site } from '../api/support.ts'
import { put } from '../support/clients.ts'
import { seriousViolations } from './axe.ts'
import { buildPage, openBrowser, openPage } from './page.ts'

let browser: Browser

beforeAll(async () => {
  buildPage()
  browser = await openBrowser()
})

afterAll(() => browser?.close())

/** `orders` is led by the first node; its mirrors came after its messages and lack them. */
async function unsynchronised(): Promise<Site> {
  const here = await site({ trace: 'messages' })
  const channel = await (await here.client(1)).createConfirmChannel()
  await channel.assertQueue('orders')
  await put(channel, 'orders', 'one', 'two', 'three')
  const definition = { 'ha-mode': 'all', 'ha-sync-mode': 'manual' }
  await here.cluster.setPolicy({ name: 'ha', pattern: '^orders', definition })
  return here
}

test('a crash is told with what followed from it: noticed, promoted, lost, each with its cause', async () => {
  const here = await unsynchronised()
  const { page, mistakes } = await openPage(browser, here.url, '#/timeline')
  await here.cluster.node(1).kill()
  const row = (text: string) => page.locator('tbody tr', { hasText: text })
  const why = (text: string) => row(text).locator('td[data-label=Why]').textContent()
  await row('3 messages of orders are lost for good').waitFor()
  expect(await why('3 messages of orders are lost')).toBe(
    'the mirror on node2 was not synchronised when node1 was killed',
  )
  expect(await why('the mirror of orders on node2 is the leader now')).toBe('node1 was killed')
  expect(await why('node3 notices that node1 is gone')).toBe('node1 was killed')
  expect(await seriousViolations(page)).toEqual([])
  await page.getByRole('checkbox', { name: 'faults' }).uncheck()
  await row('node1 was killed')
    .locator('td[data-label="What happened"] .bad:text-is("node1 was killed")')
    .waitFor({ state: 'detached' })
  await page.getByRole('searchbox').fill('leader now')
  await page.getByText(/^1 of \d+$/).waitFor()
  expect(mistakes).toEqual([])
})

test("a message's journey is drawn: publisher, leader, mirrors, consumer, and what crossed between them", async () => {
  const here = await site({ trace: 'messages' })
  await here.cluster.setPolicy({ name: 'ha', pattern: '^orders', definition: { 'ha-mode': 'all' } })
  const owner = await (await here.client(1)).createConfirmChannel()
  await owner.assertQueue('orders')
  const publisher = await (await here.client(2)).createConfirmChannel()
  const consumer = await (await here.client(3)).createChannel()
  const acked = new Promise<void>((resolve) => {
    void consumer.consume('orders', (message) => {
      consumer.ack(message!)
      resolve()
    })
  })
  await put(publisher, 'orders', 'one')
  await acked
  const { page, mistakes } = await openPage(browser, here.url, '#/timeline')
  await page.getByLabel('Queue', { exact: true }).selectOption({ label: 'orders' })
  await page.getByLabel('Message', { exact: true }).selectOption({ index: 1 })
  const drawing = page.locator('svg.sequence')
  await drawing.getByText('ack', { exact: true }).first().waitFor()
  const heads = await drawing.locator('.lifeline text:not(.more)').allTextContents()
  expect(heads).toEqual(['publisher', 'node1', 'node2', 'node3', 'consumer'])
  const steps = await drawing.locator('.arrow text:not(.time)').allTextContents()
  for (const step of [
    'publish 1',
    'routed to orders',
    'to the leader of orders',
    'confirm',
    'deliver',
    'ack',
  ])
    expect(steps).toContain(step)
  expect(await seriousViolations(page)).toEqual([])
  expect(mistakes).toEqual([])
})

test('the clock stands, steps and runs at another speed', async () => {
  const here = await site()
  const { page, mistakes } = await openPage(browser, here.url, '#/timeline')
  await page.getByText('Messages are not traced').waitFor()
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('button', { name: 'Resume' }).waitFor()
  const face = page.locator('.clock-face')
  const before = await here.get('/warren/clock')
  await page.getByRole('button', { name: '+1 min' }).click()
  await page.getByText(/ahead of real time/).waitFor()
  const after = await here.get('/warren/clock')
  expect(after.now - before.now).toBe(60_000)
  const stands = await face.textContent()
  await page.getByRole('button', { name: 'Resume' }).click()
  await page.getByLabel('Speed').selectOption('10')
  await page.locator('.event:text-is("the clock runs at 10 times real time")').waitFor()
  await expect.poll(() => face.textContent()).not.toBe(stands)
  expect(mistakes).toEqual([])
})
