// The page in a headless Chromium, logged in. Used by the tests of test/ui; a machine without Chromium fails with a
// sentence that says how to get one.

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

const places = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Builds the page when one of its files is newer, so that a test never looks at an older one. */
export function buildPage(): void {
  execFileSync(process.execPath, [join(import.meta.dirname, '..', '..', 'build.mjs'), '--page'], {
    stdio: 'inherit',
  })
}

export async function openBrowser(): Promise<Browser> {
  const executablePath = places.find((path) => path !== undefined && existsSync(path))
  if (executablePath === undefined)
    throw new Error(
      'The page is tested in Chromium, which is not installed: run `apt-get install -y chromium` (Debian), or set CHROMIUM to the path of a Chromium or Chrome.',
    )
  const quiet = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-dev-shm-usage',
  ]
  return chromium.launch({ executablePath, args: quiet })
}

/** A browser window of `url`, logged in as guest at the page `hash`; what its console complains of is gathered in `mistakes`. */
export async function openPage(
  browser: Browser,
  url: string,
  hash = '',
  width = 1280,
): Promise<{ page: Page; mistakes: string[] }> {
  const page = await browser.newPage({ viewport: { width, height: 900 } })
  onTestFinished(() => page.close())
  page.setDefaultTimeout(10_000)
  const mistakes: string[] = []
  page.on('pageerror', (error) => mistakes.push(error.message))
  page.on('console', (message) => {
    // A refused request is logged by the browser itself.
    const ours = !message.text().startsWith('Failed to load resource')
    if (['error', 'warning'].includes(message.type()) && ours) mistakes.push(message.text())
  })
  await page.goto(`${url}/${hash}`)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
  return { page, mistakes }
}

/** The card of a node on the cluster page. */
export const card = (page: Page, node: string) => page.locator(`[data-node="${node}"]`)

/** The cells of the row of a table whose cell says `name`, by column title. */
export async function rowOf(page: Page, name: string): Promise<Record<string, string>> {
  const row = page.locator('tbody tr', { has: page.locator(`td:text-is("${name}")`) })
  return row
    .locator('td')
    .evaluateAll((cells) =>
      Object.fromEntries(
        cells.map((cell) => [cell.getAttribute('data-label') ?? '', cell.textContent ?? '']),
      ),
    )
}
