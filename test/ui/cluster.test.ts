// The cluster page: what it shows of nodes, links, queues and clients, and faults by click, with real clients connected.

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Site, site } from '../api/support.ts'
import { put } from '../support/clients.ts'
import { seriousViolations } from './axe.ts'
import { buildPage, card, openBrowser, openPage } from './page.ts'

let browser: Browser
let here: Site

beforeAll(async () => {
  buildPage()
  browser = await openBrowser()
})

afterAll(() => browser?.close())

/** `orders` is mirrored on all nodes and led by the first; `audit` is ordinary, on the second. */
beforeEach(async () => {
  here = await site()
  const channel = await (await here.client(1)).createConfirmChannel()
  await here.cluster.setPolicy({ name: 'ha', pattern: '^orders', definition: { 'ha-mode': 'all' } })
  await channel.assertQueue('orders')
  await put(channel, 'orders', 'one', 'two')
  const other = await (await here.client(2)).createConfirmChannel()
  await other.assertQueue('audit')
  await put(other, 'audit', 'three')
})

const chips = (node: ReturnType<typeof card>) =>
  node
    .locator('[data-queue]')
    .evaluateAll((all) =>
      all.map((chip) => [chip.getAttribute('data-queue'), chip.className.split(' ')[1], chip.textContent]),
    )

test('nodes are shown with what they hold: leaders, mirrors, clients', async () => {
  const { page, mistakes } = await openPage(browser, here.url)
  await card(page, 'rabbit@node3').locator('[data-queue=orders].mirror').waitFor()
  expect(await chips(card(page, 'rabbit@node1'))).toEqual([['orders', 'leader', 'orders2']])
  expect(await chips(card(page, 'rabbit@node2'))).toEqual([
    ['orders', 'mirror', 'orders'],
    ['audit', 'leader', 'audit1'],
  ])
  const figures = await card(page, 'rabbit@node1').locator('.figures > div').allTextContents()
  expect(figures.slice(1, 4)).toEqual(['Clients1', 'Leaders1', 'Mirrors0'])
  expect(figures[4]).toMatch(/^Memory\d+(\.\d+)? MB$/)
  await page.getByText('2 queues', { exact: true }).waitFor()
  await card(page, 'rabbit@node2').locator('[data-queue=audit]').click()
  await page.getByText('If node2 goes, the queue is out of reach.').waitFor()
  expect(await seriousViolations(page)).toEqual([])
  expect(mistakes).toEqual([])
})

test('a leader is killed by click, after its cost was told; its mirror leads and the commands are listed', async () => {
  const { page, mistakes } = await openPage(browser, here.url)
  await card(page, 'rabbit@node1').getByRole('button', { name: 'Kill' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('1 client connection will be lost.').waitFor()
  await dialog.getByText('No message will be lost for good.').waitFor()
  expect(await dialog.locator('code').first().textContent()).toContain('kill_node node1')
  expect(await seriousViolations(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  expect(here.cluster.node(1).state).toBe('running')
  await card(page, 'rabbit@node1').getByRole('button', { name: 'Kill' }).click()
  await dialog.getByRole('button', { name: 'Kill node1' }).click()
  await card(page, 'rabbit@node1').locator('.pill:text-is("stopped")').waitFor()
  await card(page, 'rabbit@node2').locator('[data-queue=orders].leader').waitFor()
  await page.getByRole('button', { name: 'Commands (1)' }).click()
  const command = page.getByRole('complementary').locator('li').first()
  expect(await command.locator('code').allTextContents()).toEqual([
    `warren ctl --url ${here.url} kill_node node1`,
    `curl -u guest:guest -X POST ${here.url}/warren/nodes/rabbit@node1/kill`,
  ])
  await command.locator('.pill:text-is("204")').waitFor()
  await page.keyboard.press('Escape')
  await card(page, 'rabbit@node1').getByRole('button', { name: 'Start' }).click()
  await card(page, 'rabbit@node1').locator('.pill:text-is("running")').waitFor()
  expect(mistakes).toEqual([])
})

test('a queue that only the killed node has is said to be lost beforehand and shown down afterwards', async () => {
  const { page, mistakes } = await openPage(browser, here.url)
  await card(page, 'rabbit@node2').getByRole('button', { name: 'Kill' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('1 queue will be out of reach until it is back.').waitFor()
  await dialog.getByText('audit: down until the node is back').waitFor()
  await dialog.getByRole('button', { name: 'Kill node2' }).click()
  await card(page, 'rabbit@node2').locator('[data-queue=audit].down').waitFor()
  expect(mistakes).toEqual([])
})

test('a partition is chosen on the cards, told before it is made, seen, and healed', async () => {
  const { page, mistakes } = await openPage(browser, here.url)
  await page.getByLabel('Partition handling').selectOption('pause_minority')
  await page.getByRole('button', { name: 'Partition …' }).click()
  await page.getByRole('group', { name: 'Group of rabbit@node1' }).getByLabel('B').check()
  const plan = page.getByRole('region', { name: 'Partition' })
  await plan.getByText('It is no majority: its nodes pause and drop their clients.').waitFor()
  await plan.getByRole('button', { name: 'Cut links' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cut links' }).click()
  await card(page, 'rabbit@node1').locator('.pill:text-is("paused")').waitFor()
  expect(await page.locator('.link-label.cut').count()).toBe(2)
  await card(page, 'rabbit@node2').locator('[data-queue=orders].leader').waitFor()
  await page.getByRole('button', { name: 'Heal all links' }).click()
  await card(page, 'rabbit@node1').locator('.pill:text-is("running")').waitFor()
  await page.locator('.link-label.up').nth(2).waitFor()
  expect(mistakes).toEqual([])
})

test('a cut is seen on the cards: who runs with whom, and a queue with a leader on each side', async () => {
  const { page, mistakes } = await openPage(browser, here.url)
  await card(page, 'rabbit@node1').waitFor()
  await here.cluster.cut([[1], [2, 3]])
  await card(page, 'rabbit@node1').getByText('Runs alone').waitFor()
  await card(page, 'rabbit@node2').getByText('Runs with node3 only').waitFor()
  for (const node of ['rabbit@node1', 'rabbit@node2'])
    await card(page, node).locator('[data-queue=orders].leader').waitFor()
  expect(mistakes).toEqual([])
})

test('a link is made slow, cut and healed, and shows what crosses it by kind', async () => {
  const { page, mistakes } = await openPage(browser, here.url)
  await page.locator('[data-link="rabbit@node1 rabbit@node2"]').click()
  const details = page.getByRole('region', { name: 'Link node1 – node2' })
  await details.getByRole('row', { name: /^replicate .*B\/s/ }).waitFor()
  await details.locator('canvas').waitFor()
  await details.getByLabel('Delay each way, ms').fill('25')
  await details.getByLabel('At most, kB/s').fill('500')
  await details.getByRole('button', { name: 'Slow this link' }).click()
  await page.getByText('+25 ms ≤ 500 kB/s').waitFor()
  await details.getByRole('button', { name: 'Cut', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cut link' }).click()
  await page.locator('.link-label.cut').waitFor()
  await details.getByRole('button', { name: 'Heal', exact: true }).click()
  await page.locator('[data-link="rabbit@node1 rabbit@node2"].up').waitFor()
  expect(await seriousViolations(page)).toEqual([])
  expect(mistakes).toEqual([])
})

test.each(['light', 'dark'] as const)(
  'nothing sticks out at 900 px, and the %s colours have contrast',
  async (colorScheme) => {
    const { page } = await openPage(browser, here.url, '', { width: 900, colorScheme })
    await card(page, 'rabbit@node3').waitFor()
    const edge = (of: string) => page.evaluate<number>(`document.documentElement.${of}Width`)
    expect(await edge('scroll')).toBe(await edge('client'))
    expect(await seriousViolations(page)).toEqual([])
  },
)
