// The page in a headless Chromium, as tests want it: built, and closed when the test ends. Used by the tests of test/ui.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { onTestFinished, vi } from 'vitest'
import { type Opened, openWindow, type Window } from './browser.ts'

// A browser on a busy machine takes its time; what never comes still fails.
vi.setConfig({ testTimeout: 90_000 })

/** Builds the page when one of its files is newer, so that a test never looks at an older one. */
export function buildPage(): void {
  execFileSync(process.execPath, [join(import.meta.dirname, '..', '..', 'build.mjs'), '--page'], {
    stdio: 'inherit',
  })
}

export { openBrowser } from './browser.ts'

/** As openWindow; it is closed when the test ends. */
export async function openPage(
  browser: Browser,
  url: string,
  hash?: string,
  window?: Window,
): Promise<Opened> {
  const opened = await openWindow(browser, url, hash, window)
  onTestFinished(() => opened.page.close())
  return opened
}

/** The card of a node on the cluster page. */
export const card = (page: Page, node: string) => page.locator(`[data-node="${node}"]`)

/** Titles of columns, and states, that are cut off; a cell that may be says all of it when the pointer rests on it. */
export const cutOff = (page: Page): Promise<string[]> =>
  page
    .locator('.table-scroll th, .table-scroll th > button, .table-scroll td:not([title])')
    .evaluateAll((cells) =>
      cells.filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.textContent ?? ''),
    )

/** The cells of the row of a table whose cell says `name`, by column title. */
export async function rowOf(page: Page, name: string): Promise<Record<string, string>> {
  const row = page.locator('tbody tr', { has: page.locator(`:text-is("${name}")`) })
  return row
    .locator('td')
    .evaluateAll((cells) =>
      Object.fromEntries(
        cells.map((cell) => [cell.getAttribute('data-label') ?? '', cell.textContent ?? '']),
      ),
    )
}
