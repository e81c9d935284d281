// What holds for every page, on a cluster with something going on: nothing on the console, no serious violation of axe, no NaN, nothing
// that sticks out, in light and dark, and a way through the tabs by keyboard.

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

test('every page is sound at 900 px, in light and dark', async () => {
  const { page, mistakes } = await openPage(browser, scene.url, '', { width: 900 })
  const tabs = page.getByRole('navigation', { name: 'Pages' }).getByRole('link')
  await tabs.first().waitFor()
  const titles = await tabs.allTextContents()
  expect(titles.length).toBeGreaterThan(6)
  for (const title of titles) {
    await tabs.filter({ hasText: title }).click()
    await page.locator('main .panel').first().waitFor()
    // What a page asks for is there.
    await page.getByText('loading …').first().waitFor({ state: 'detached' })
    expect([title, await violationsInBothThemes(page)]).toEqual([title, []])
    expect([title, /\bNaN\b|\bundefined\b|\[object/.exec(await page.locator('main').innerText())]).toEqual([
      title,
      null,
    ])
    expect([title, await cutOff(page)]).toEqual([title, []])
    const edge = (of: string) => page.evaluate<number>(`document.documentElement.${of}Width`)
    expect([title, await edge('scroll')]).toEqual([title, await edge('client')])
  }
  expect(mistakes).toEqual([])
})

test('tabs are reached and opened by keyboard, a dialog closes with Escape and gives the focus back', async () => {
  const { page, mistakes } = await openPage(browser, scene.url)
  await page.getByRole('button', { name: 'Kill rabbit@node1' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Cancel')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(await page.evaluate(`document.activeElement.getAttribute('aria-label')`)).toBe('Kill rabbit@node1')
  await page.getByRole('link', { name: 'Cluster' }).focus()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.locator('[aria-current=page]:not([href="#/cluster"])').waitFor()
  expect(mistakes).toEqual([])
})
