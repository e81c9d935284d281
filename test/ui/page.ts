// The page in a headless Chromium, logged in. Used by the tests of test/ui; a machine without Chromium fails with a
// sentence that says how to get one.

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'

const places = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Compiles the page, so that a test never looks at an older one. */
export function buildPage(): void {
  const root = join(import.meta.dirname, '..', '..')
  const compiler = join(
    dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
    'bin',
    'tsc',
  )
  execFileSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.web.json')], { stdio: 'inherit' })
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

/** A fresh page of `url`, as guest; its mistakes are gathered in `mistakes`. */
export async function openPage(
  browser: Browser,
  url: string,
  width = 1280,
): Promise<{ page: Page; mistakes: string[] }> {
  const page = await browser.newPage({ viewport: { width, height: 1000 } })
  page.setDefaultTimeout(10_000)
  const mistakes: string[] = []
  page.on('pageerror', (error) => mistakes.push(error.message))
  page.on('console', (message) => {
    // A refused request is logged by the browser itself.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      mistakes.push(message.text())
  })
  await page.goto(url)
  await page.click('#login-form button')
  await page.waitForSelector('#page', { state: 'visible' })
  return { page, mistakes }
}

/** The card of a node. */
export const card = (page: Page, node: string) => page.locator(`article[data-key="${node}"]`)

/** The cells of a queue's row, by column title. */
export async function queueRow(page: Page, name: string): Promise<Record<string, string>> {
  const row = page.locator('#queues tbody tr', { has: page.locator(`td:text-is("${name}")`) })
  return row
    .locator('td')
    .evaluateAll((cells) =>
      Object.fromEntries(
        cells.map((cell) => [cell.getAttribute('data-label') ?? '', cell.textContent ?? '']),
      ),
    )
}
