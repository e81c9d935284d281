// Comparisons and definitions as their user meets them: a scenario goes through several modes beside the served cluster; what was
// clicked becomes one; definitions go out and come in.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Site, site } from '../api/support.ts'
import { buildPage, openBrowser, openPage } from './page.ts'

let browser: Browser
let here: Site

beforeAll(async () => {
  buildPage()
  // A comparison's worker is a compiled file.
  execFileSync(process.execPath, [join(import.meta.dirname, '..', '..', 'build.mjs'), '--if-stale'])
  browser = await openBrowser()
}, 300_000)

afterAll(() => browser?.close())

beforeEach(async () => {
  here = await site()
  await (await (await here.client(1)).createChannel()).assertQueue('orders')
})

test('a scenario of the library is compared, and what was lost is told message by message', async () => {
  const { page, mistakes } = await openPage(browser, here.url, '#/compare')
  await page.getByText('Nothing was compared yet').waitFor()
  await page.getByLabel('Scenario', { exact: true }).selectOption('leader-crash')
  await page.getByLabel('single').uncheck()
  await page.getByRole('button', { name: 'Compare', exact: true }).click()
  await page.getByRole('heading', { name: 'Verdicts' }).waitFor({ timeout: 60_000 })
  const lost = await page
    .locator('.verdicts tr', { hasText: 'confirmed lost' })
    .first()
    .locator('td')
    .allTextContents()
  expect(lost).toHaveLength(2)
  expect(Number(lost[0]!.replace(/\D/g, ''))).toBeGreaterThan(0)
  expect(lost[1]).toBe('0')
  await page.getByLabel('Which messages of ordinary').selectOption('confirmed-lost')
  await page.locator('tbody tr', { hasText: 'lost although confirmed' }).first().waitFor()
  const [kept] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download HTML' }).click(),
  ])
  expect(readFileSync(await kept.path(), 'utf8')).toContain('<title>leader-crash')
  expect(mistakes).toEqual([])
})

test('what was just clicked becomes a scenario, whose faults are pointed out while it is edited', async () => {
  await here.ask('POST', '/warren/nodes/rabbit@node1/kill')
  const { page, mistakes } = await openPage(browser, here.url, '#/compare')
  await page.getByRole('button', { name: 'Record what was just clicked' }).click()
  const editor = page.getByRole('textbox', { name: 'Scenario as text' })
  await editor.getByText('kill').waitFor()
  await page.getByLabel('mirrored-all').waitFor()
  await editor.click()
  await page.keyboard.press('Control+Home')
  await page.keyboard.type('nme: x\n')
  await page.getByText(/Line \d+, column \d+/).waitFor()
  expect(await page.getByRole('button', { name: 'Compare', exact: true }).isDisabled()).toBe(true)
  expect(mistakes).toEqual([])
})

test('definitions go out as a file, come in again, and a wrong file changes nothing', async () => {
  const { page, mistakes } = await openPage(browser, here.url, '#/admin/definitions')
  const [kept] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download definitions' }).click(),
  ])
  const path = await kept.path()
  expect(JSON.parse(readFileSync(path, 'utf8')).queues).toMatchObject([{ name: 'orders' }])
  await here.ask('DELETE', '/api/queues/%2F/orders')
  const file = { name: 'definitions.json', mimeType: 'application/json', buffer: readFileSync(path) }
  await page.getByLabel('Choose a file …').last().setInputFiles(file)
  await page.getByText('The file holds').waitFor()
  await page.getByRole('button', { name: 'Import definitions.json' }).click()
  await page.getByText('are in the cluster now').waitFor()
  expect(await here.get('/api/queues')).toHaveLength(1)
  const broken = { ...file, buffer: Buffer.from('{"queues": [{"name": "x"}]}') }
  await page.getByLabel('Choose a file …').last().setInputFiles(broken)
  await page.getByRole('button', { name: 'Import definitions.json' }).click()
  await page.getByRole('alert').waitFor()
  expect(await here.get('/api/queues')).toHaveLength(1)
  expect(mistakes).toEqual([])
})

test('a user is added, given a permission and a limit, and deleted', async () => {
  const { page, mistakes } = await openPage(browser, here.url, '#/admin/users')
  await page.getByLabel('Username').fill('ada')
  await page.getByLabel('Password', { exact: true }).fill('secret')
  await page.getByLabel('monitoring').check()
  await page.getByRole('button', { name: 'Add user' }).click()
  await page.getByText('The user may enter no virtual host').waitFor()
  await page.getByRole('button', { name: 'Set permission' }).click()
  await page.getByRole('link', { name: '/', exact: true }).waitFor()
  await page.getByLabel('Value').fill('5')
  await page.getByRole('button', { name: 'Set limit' }).click()
  await page.getByRole('cell', { name: 'max-connections' }).waitFor()
  expect(await here.get('/api/users/ada')).toMatchObject({
    tags: ['monitoring'],
    limits: { 'max-connections': 5 },
  })
  await page.getByText('Delete this user').click()
  await page.getByRole('button', { name: 'Delete user' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete user' }).click()
  await page.getByRole('link', { name: 'guest', exact: true }).waitFor()
  expect(await here.get('/api/users')).toHaveLength(1)
  expect(mistakes).toEqual([])
})
