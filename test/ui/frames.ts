// `npm run bench:page`: how long the page's frames take with 10,000 queues and 5,000 messages a second, while the Queues page is
// scrolled and its filter typed into, and how soon the first page shows something. Prints figures and judges none: to be run by hand
// on a machine that has nothing else to do.

import type { CDPSession, Page } from 'playwright-core'
import { openBrowser, openWindow } from './browser.ts'
import { openScene } from './scene.ts'

const queues = 10_000
const perSecond = 5000

/** In the page: the time from each frame to the next, until `frames` is read. */
const watch = `
  window.frames = []
  let before = performance.now()
  const frame = (now) => { window.frames.push(now - before); before = now; requestAnimationFrame(frame) }
  requestAnimationFrame(frame)`

/** Processor time of the page's thread so far, in ms: what the page itself costs, however busy the machine is. */
async function threadMs(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics')
  return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0)
}

async function frameTimes(page: Page, work: () => Promise<void>): Promise<string> {
  await page.evaluate('window.frames.length = 0')
  const before = await threadMs(cdp)
  await work()
  const spent = (await threadMs(cdp)) - before
  const times = (await page.evaluate<number[]>('window.frames.slice(1)')).sort((a, b) => a - b)
  const at = (share: number) =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))]!.toFixed(1)
  const late = times.filter((time) => time > 50).length
  const each = (spent / times.length).toFixed(1)
  return `${times.length} frames, ${each} ms of processor time each; median ${at(0.5)} ms, 99 % ${at(0.99)} ms, longest ${at(1)} ms, over 50 ms: ${late}`
}

/** Work of the page's own thread, without what the machine does meanwhile: long tasks are those over 50 ms. */
const longTasks = `
  window.tasks = []
  new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) window.tasks.push(duration) })
    .observe({ entryTypes: ['longtask'] })`

const scene = await openScene()
console.log(`declaring ${queues} queues …`)
const declared = await fetch(`${scene.url}/api/definitions`, {
  method: 'POST',
  headers: { authorization: `Basic ${btoa('guest:guest')}`, 'content-type': 'application/json' },
  body: JSON.stringify({
    queues: Array.from({ length: queues }, (_, i) => ({
      name: `queue-${String(i).padStart(5, '0')}`,
      vhost: '/',
      durable: true,
      auto_delete: false,
      arguments: {},
    })),
  }),
})
if (!declared.ok) throw new Error(`The queues are refused: ${await declared.text()}`)
const browser = await openBrowser()
const { page } = await openWindow(browser, scene.url)
await page.reload()
await page.locator('.node').first().waitFor()
const paint = await page.evaluate<number>(
  `performance.getEntriesByType('paint').find(({ name }) => name === 'first-contentful-paint').startTime`,
)
const largest = await page.evaluate<number>(
  `new Promise((resolve) => new PerformanceObserver((list) => resolve(list.getEntries().at(-1).startTime))
    .observe({ type: 'largest-contentful-paint', buffered: true }))`,
)
console.log(
  `first paint with content: ${paint.toFixed(0)} ms after the navigation began; the cards are there after ${largest.toFixed(0)} ms`,
)
scene.load(perSecond)
await page.goto(`${scene.url}/#/queues`)
await page.locator('tbody tr').nth(20).waitFor()
const cdp = await page.context().newCDPSession(page)
await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
await page.evaluate(watch)
await page.evaluate(longTasks)
await page.waitForTimeout(2000)
console.log(`at rest:   ${await frameTimes(page, () => page.waitForTimeout(5000))}`)
/** Turns the wheel a hundred times, down and a part of the way back. */
const scrollBy = (px: number) =>
  frameTimes(page, async () => {
    await page.locator('.table-scroll').hover()
    for (let i = 0; i < 100; i++) {
      await page.mouse.wheel(0, i < 50 ? px : -0.8 * px)
      await page.waitForTimeout(40)
    }
  })
// So slowly that each row is drawn, and so fast that none is before it rests.
console.log(`scrolling: ${await scrollBy(120)}`)
console.log(`flung:     ${await scrollBy(900)}`)
console.log(
  `typing:    ${await frameTimes(page, async () => {
    await page.getByRole('searchbox').pressSequentially('queue-0123', { delay: 120 })
    await page.waitForTimeout(1000)
  })}`,
)
await page.goto(`${scene.url}/#/cluster`)
await page.locator('.node').first().waitFor()
await page.waitForTimeout(1500)
console.log(`cluster:   ${await frameTimes(page, () => page.waitForTimeout(5000))}`)
const tasks = await page.evaluate<number[]>('window.tasks')
console.log(
  `tasks of the page over 50 ms: ${tasks.length}${tasks.length === 0 ? '' : `, longest ${Math.max(...tasks)} ms`}`,
)
await browser.close()
await scene.end()
process.exit(0)
