// `npm run screenshots`: each page in light and dark, on a cluster with something going on, into test/ui/screenshots/, to be looked
// at. Names of pages as arguments take only these. A page that cannot be taken does not keep the others back; exits with 1 when there
// is one, or when a console complained.

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { startCluster } from '../../index.ts'
import { openBrowser, openWindow } from './browser.ts'
import { openScene, type Scene } from './scene.ts'

interface Shot {
  readonly name: string
  readonly hash: string
  readonly width?: number
  /** Before the picture is taken. */
  prepare?(page: Page): Promise<unknown>
}

const shots: readonly Shot[] = [
  // First, as the trace forgets the first messages.
  {
    name: 'timeline-journey',
    hash: '#/timeline?vhost=%2F&queue=orders&id=5',
    prepare: (page) => page.locator('svg.sequence .arrow').first().waitFor(),
  },
  { name: 'cluster', hash: '' },
  { name: 'cluster-900', hash: '', width: 900 },
  { name: 'cluster-link', hash: '', prepare: (page) => page.locator('[data-link]').first().click() },
  {
    name: 'cluster-node',
    hash: '',
    prepare: (page) => page.getByRole('button', { name: 'rabbit@node2', exact: true }).click(),
  },
  {
    name: 'cluster-queue',
    hash: '',
    prepare: (page) => page.locator('[data-queue=invoices]').first().click(),
  },
  {
    name: 'cluster-cost',
    hash: '',
    prepare: (page) => page.getByRole('button', { name: 'Kill rabbit@node1' }).click(),
  },
  {
    name: 'cluster-partition',
    hash: '',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Partition …' }).click()
      await page.getByRole('group', { name: 'Group of rabbit@node3' }).getByLabel('B').check()
    },
  },
  { name: 'connections', hash: '#/connections' },
  { name: 'channels', hash: '#/channels' },
  { name: 'exchanges', hash: '#/exchanges' },
  { name: 'queues', hash: '#/queues' },
  { name: 'queue', hash: '#/queues/%2F/invoices' },
  {
    name: 'queue-get',
    hash: '#/queues/%2F/invoices',
    prepare: async (page) => {
      await page.locator('summary', { hasText: 'Get messages' }).click()
      await page.getByRole('button', { name: 'Get message(s)' }).click()
      await page.getByRole('article', { name: 'Message 1' }).waitFor()
    },
  },
  { name: 'exchange', hash: '#/exchanges/%2F/events' },
  { name: 'policies', hash: '#/policies' },
  { name: 'policy', hash: '#/policies/new?name=move&pattern=%5Einvoices&priority=9' },
  { name: 'policy-900', hash: '#/policies/new?name=move&pattern=%5Einvoices&priority=9', width: 900 },
  {
    name: 'policy-text',
    hash: '#/policies/%2F/ha-orders',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Text' }).click()
      await page.getByRole('textbox', { name: 'Policy as text' }).click()
      await page.keyboard.press('Control+End')
      await page.keyboard.type('    ha-s')
      await page.getByRole('option', { name: /^ha-s/ }).first().waitFor()
    },
  },
  { name: 'compare', hash: '#/compare' },
  {
    name: 'comparison',
    hash: '#/compare',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Compare', exact: true }).click()
      await page.getByRole('heading', { name: 'Verdicts' }).waitFor()
    },
  },
  { name: 'queues-900', hash: '#/queues', width: 900 },
  { name: 'timeline-900', hash: '#/timeline', width: 900 },
  { name: 'compare-900', hash: '#/compare', width: 900 },
  { name: 'comparison-900', hash: '#/compare/1', width: 900 },
  { name: 'admin-users', hash: '#/admin/users' },
  { name: 'admin-user', hash: '#/admin/users/guest' },
  { name: 'admin-vhosts', hash: '#/admin/vhosts' },
  { name: 'admin-definitions', hash: '#/admin/definitions' },
  { name: 'admin-vhost', hash: '#/admin/vhosts/%2F' },
  { name: 'timeline', hash: '#/timeline' },
  {
    name: 'login',
    hash: '',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Log out' }).click()
      await page.getByLabel('Password').fill('wrong')
      await page.getByRole('button', { name: 'Log in' }).click()
      await page.getByText('Login failed').waitFor()
    },
  },
]

/** On a cluster where nobody is and nothing has happened. */
const emptyShots: readonly Shot[] = [
  { name: 'empty-cluster', hash: '' },
  { name: 'empty-queues', hash: '#/queues' },
  { name: 'empty-connections', hash: '#/connections' },
  { name: 'empty-channels', hash: '#/channels' },
  { name: 'empty-policies', hash: '#/policies' },
  { name: 'no-such-queue', hash: '#/queues/%2F/none' },
]

/** Long enough for rates, which come from two looks a second apart. */
const settleMs = 1500
const folder = join('test', 'ui', 'screenshots')
const wanted = process.argv.slice(2)
const complaints: string[] = []

const browser = await openBrowser()
if (wanted.length === 0) rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const scene = await openScene()
scene.load(200)
await takeAll(shots, scene)
await scene.cluster.node(1).kill()
await takeAll([{ name: 'cluster-killed', hash: '' }], scene)
await scene.cluster.node(1).start()
await scene.cluster.cut([[1], [2, 3]])
await takeAll(
  [
    { name: 'cluster-cut', hash: '' },
    { name: 'timeline-cut', hash: '#/timeline' },
  ],
  scene,
)
await scene.end()
const bare = await startCluster({ nodes: 3, port: 0, adminPort: 0 })
await takeAll(emptyShots, { url: bare.adminUrl! })
await browser.close()
await bare.stop()

for (const complaint of complaints) console.error(complaint)
process.exit(complaints.length === 0 ? 0 : 1)

async function takeAll(list: readonly Shot[], on: Pick<Scene, 'url'>): Promise<void> {
  for (const shot of list)
    if (wanted.length === 0 || wanted.includes(shot.name))
      await take(shot, on.url).catch((error) => complaints.push(`${shot.name}: ${(error as Error).message}`))
}

async function take({ name, hash, width = 1280, prepare }: Shot, url: string): Promise<void> {
  const { page, mistakes } = await openWindow(browser, url, hash, { width, height: 860 })
  try {
    page.setDefaultTimeout(30_000)
    await page.waitForTimeout(settleMs)
    await prepare?.(page)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      // The bar stays at the top of what is in sight.
      await page.evaluate('scrollTo(0, 0)')
      await page.waitForTimeout(300)
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`), fullPage: true })
    }
    complaints.push(...mistakes.map((mistake) => `${name}: ${mistake}`))
  } finally {
    await page.close()
  }
}
