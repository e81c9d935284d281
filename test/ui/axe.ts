// Whether everybody can use what the page shows: axe-core's verdict, the serious and critical violations in one line each.

import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const { source } = createRequire(import.meta.url)('axe-core') as { readonly source: string }

interface Violation {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

/** In light and, as to its colours, in dark; the page is light again afterwards. */
export async function violationsInBothThemes(page: Page): Promise<string[]> {
  const light = await seriousViolations(page)
  await page.emulateMedia({ colorScheme: 'dark' })
  const dark = await seriousViolations(page, ['color-contrast'])
  await page.emulateMedia({ colorScheme: 'light' })
  return [...light, ...dark]
}

/** `only`: these of axe's rules. */
export async function seriousViolations(page: Page, only: readonly string[] = []): Promise<string[]> {
  // A page that goes from tab to tab stays the same document.
  if (!(await page.evaluate<boolean>(`'axe' in window`))) await page.evaluate(`${source};0`)
  const options = { resultTypes: ['violations'], ...(only.length > 0 && { runOnly: only }) }
  const violations = await page.evaluate<Violation[]>(
    `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations)`,
  )
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`))
}
