// The policy editor as its user meets it: what a draft would do is seen before it is set, the queues follow, and all of it can be
// taken back.

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Site, site } from '../api/support.ts'
import { put } from '../support/clients.ts'
import { buildPage, openBrowser, openPage } from './page.ts'

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
  await channel.assertQueue('orders')
  await channel.assertQueue('audit')
  await put(channel, 'orders', 'one', 'two', 'three')
})

/** What the drawing of a queue's placement says, for people who do not see it. */
const drawn = (page: Page, words: string) => page.getByRole('img', { name: words })
const names = async () => (await here.get('/api/policies')).map(({ name }: { name: string }) => name)
const text = (page: Page) => page.getByRole('textbox', { name: 'Policy as text' })

test('a policy is written with its preview, set, followed by the queue, and undone', async () => {
  const { page, mistakes } = await openPage(browser, here.url, '#/policies')
  await page.getByText('No policies are set').waitFor()
  await page.getByRole('link', { name: 'Add a policy' }).click()
  await page.getByLabel('Name').fill('mirrors')
  await page.getByLabel('Pattern').fill('^orders')
  await page.getByText('1 queue and 0 exchanges.').waitFor()
  await drawn(
    page,
    'now: leader rabbit@node1, mirrors none; then: leader rabbit@node1, mirrors rabbit@node2 (unsynchronised), rabbit@node3 (unsynchronised)',
  ).waitFor()
  await page.getByText('6 messages (22 B) are not on the new mirrors until somebody synchronises').waitFor()
  await page.getByLabel('Add key').selectOption('ha-sync-mode')
  await page.getByText('6 messages (22 B) are synchronised at once').waitFor()
  await drawn(page, 'then: leader rabbit@node1, mirrors rabbit@node2, rabbit@node3').waitFor()
  const losses = page.locator('.losses tr', { hasText: 'node1' })
  expect(await losses.locator('td').allTextContents()).toEqual([
    'node1',
    '3 messages lost, 2 queues out of use',
    '3 messages lost, 1 queue out of use',
    '1 queue out of use',
  ])
  await page.getByRole('button', { name: 'Set policy' }).click()
  await page.getByRole('link', { name: 'mirrors' }).waitFor()
  await page.goto(`${here.url}/#/queues/%2F/orders`)
  await drawn(page, 'now: leader rabbit@node1, mirrors rabbit@node2, rabbit@node3').waitFor()
  await page.getByRole('link', { name: 'Policies', exact: true }).click()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText('No policies are set').waitFor()
  expect(await names()).toEqual([])
  expect(mistakes).toEqual([])
})

test('faults are where they are, in the words in which the server refuses, and nothing can be set', async () => {
  const { page, mistakes } = await openPage(
    browser,
    here.url,
    '#/policies/new?name=x&definition={"max-length":1}',
  )
  await page.getByLabel('Pattern').fill('(')
  await page.getByText('pattern should be regular expression but is invalid').waitFor()
  await page.getByLabel('Pattern').fill('.')
  await page.getByLabel('max-length', { exact: true }).fill('many')
  await page.getByText('<<"many">> is not a valid maximum length').waitFor()
  expect(await page.getByRole('button', { name: 'Set policy' }).isDisabled()).toBe(true)
  expect(mistakes).toEqual([])
})

test('as a text a policy is completed, judged with line and column, and becomes the form again', async () => {
  const { page, mistakes } = await openPage(
    browser,
    here.url,
    '#/policies/new?name=limit&definition={"max-length":1}',
  )
  await page.getByRole('button', { name: 'Text' }).click()
  await text(page).click()
  await page.keyboard.press('Control+End')
  await page.keyboard.type('    over')
  // Not by Enter: the editor takes that for a new line within 75 ms of the list's coming.
  await page.getByRole('option', { name: /overflow/ }).click()
  await page.keyboard.type('wrong')
  await page
    .getByText('Line 7, column 5: policy "limit", definition.overflow: "wrong" is not a valid overflow')
    .waitFor()
  for (let i = 0; i < 'wrong'.length; i++) await page.keyboard.press('Backspace')
  await page.keyboard.type('reject-publish')
  await page.getByText('Changes').waitFor()
  await page.getByRole('button', { name: 'Form' }).click()
  expect(await page.getByLabel('overflow', { exact: true }).inputValue()).toBe('reject-publish')
  expect(mistakes).toEqual([])
})

test('all policies are one text, which says what others are to go', async () => {
  for (const name of ['a', 'b'])
    await here.cluster.setPolicy({ name, pattern: `^${name}`, definition: { 'max-length': 5 } })
  const { page, mistakes } = await openPage(browser, here.url, '#/policies')
  await page.getByRole('button', { name: 'Edit all as text' }).click()
  const editor = page.getByRole('textbox', { name: 'Policies as text' })
  await editor.getByText('^b').waitFor()
  await editor.click()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText('- name: c\n  pattern: ^orders\n  definition:\n    max-length: 9\n')
  await page.getByText('Changes 2 queues').waitFor()
  await page.getByRole('button', { name: 'Set policies' }).click()
  await page.getByRole('link', { name: 'c', exact: true }).waitFor()
  expect(await names()).toEqual(['c'])
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('link', { name: 'b', exact: true }).waitFor()
  expect(await names()).toEqual(['a', 'b'])
  expect(mistakes).toEqual([])
})

test('policies go out as YAML and come in again from that file', async () => {
  await here.cluster.setPolicy({ name: 'ha', pattern: '^orders', definition: { 'ha-mode': 'all' } })
  const { page, mistakes } = await openPage(browser, here.url, '#/policies')
  const [kept] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export YAML' }).click(),
  ])
  await page.getByRole('button', { name: 'Clear ha' }).click()
  await page.getByRole('dialog').getByText('2 mirrors stop').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Clear policy' }).click()
  await page.getByText('No policies are set').waitFor()
  await page
    .getByLabel('Import …')
    .last()
    .setInputFiles(await kept.path())
  await page.getByRole('button', { name: 'Set policies' }).click()
  await page.getByRole('link', { name: 'ha', exact: true }).waitFor()
  expect(await names()).toEqual(['ha'])
  expect(mistakes).toEqual([])
})

test('an operator policy knows its own keys, and a preset begins one', async () => {
  const { page, mistakes } = await openPage(browser, here.url, '#/policies/new?operator=true&name=guard')
  await page.getByText('Changes 2 queues').waitFor()
  expect(await page.locator('option', { hasText: 'ha-mode' }).count()).toBe(0)
  await page.getByLabel('Start from a preset').selectOption('operator-guard-rails')
  await page.getByRole('button', { name: 'Set operator policy' }).click()
  await page.getByRole('link', { name: 'guard-rails', exact: true }).waitFor()
  expect(await here.get('/api/operator-policies')).toHaveLength(2)
  expect(mistakes).toEqual([])
})
