// A headless Chromium and the page in it, logged in. Used by the tests of test/ui and by the scripts that take screenshots and
// measure; a machine without Chromium fails with a sentence that says how to get one.

import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

const places = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

export async function openBrowser(from: readonly (string | undefined)[] = places): Promise<Browser> {
  const executablePath = from.find((path) => path !== undefined && existsSync(path))
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

export interface Opened {
  readonly page: Page
  /** What its console complains of. */
  readonly mistakes: string[]
}

export interface Window {
  readonly width?: number
  readonly height?: number
  readonly colorScheme?: 'light' | 'dark'
}

/** A window of `url`, logged in as guest, at the page `hash` such as `#/queues`. */
export async function openWindow(
  browser: Browser,
  url: string,
  hash = '',
  { width = 1280, height = 900, colorScheme = 'light' }: Window = {},
): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme })
  page.setDefaultTimeout(20_000)
  const mistakes: string[] = []
  page.on('pageerror', (error) => mistakes.push(error.message))
  page.on('console', (message) => {
    // A refused request is logged by the browser itself.
    const ours = !message.text().startsWith('Failed to load resource')
    if (['error', 'warning'].includes(message.type()) && ours) mistakes.push(message.text())
  })
  // As after a login in this tab; page.test.ts logs in by hand.
  await page.addInitScript(`sessionStorage.setItem('warren-login', 'guest:guest')`)
  await page.goto(`${url}/${hash}`)
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
  return { page, mistakes }
}
