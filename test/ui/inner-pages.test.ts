// What holds for every page behind a tab's first: of one object, an editor, a report. Nothing on the console, no serious violation of
// axe, no NaN, nothing that sticks out.

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { violationsInBothThemes } from './axe.ts'
import { buildPage, cutOff, openBrowser, openPage } from './page.ts'
import { openScene, type Scene } from './scene.ts'

let browser: Browser
let scene: Scene

beforeAll(async () => {
  buildPage()
  browser = await openBrowser()
  scene = await openScene()
})

afterAll(async () => {
  await browser?.close()
  await scene?.end()
})

/** An address, and a word that is there when the page is. */
const pages = [
  ['#/queues/%2F/invoices', 'Policy in force'],
  ['#/exchanges/%2F/events', 'From this exchange'],
  ['#/policies/new?name=all&pattern=.&priority=9', 'If a node crashes'],
  ['#/policies/file', 'What it would do'],
  ['#/admin/users/guest', 'Permissions (1)'],
  ['#/admin/vhosts', 'Add a virtual host'],
  ['#/admin/definitions', 'Export definitions'],
  ['#/queues/%2F/none', 'There is no queue'],
] as const

test('every inner page is sound at 900 px, in light and dark', async () => {
  const { page, mistakes } = await openPage(browser, scene.url, '', { width: 900 })
  for (const [hash, word] of pages) {
    await page.goto(`${scene.url}/${hash}`)
    await page.getByText(word).first().waitFor()
    expect([hash, await violationsInBothThemes(page)]).toEqual([hash, []])
    expect([hash, /\bNaN\b|\bundefined\b|\[object/.exec(await page.locator('main').innerText())]).toEqual([
      hash,
      null,
    ])
    expect([hash, await cutOff(page)]).toEqual([hash, []])
    const edge = (of: string) => page.evaluate<number>(`document.documentElement.${of}Width`)
    expect([hash, await edge('scroll')]).toEqual([hash, await edge('client')])
  }
  expect(mistakes).toEqual([])
})
