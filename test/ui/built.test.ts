// The built page: how much script the first page takes, and that what it does not need is not among it. And what a machine
// without a browser is told.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { openBrowser } from './browser.ts'
import { buildPage } from './page.ts'

const folder = join(import.meta.dirname, '..', '..', 'dist', 'admin-ui', 'web')
const read = (file: string) => readFileSync(join(folder, file), 'utf8')

beforeAll(buildPage)

/** The files that `file` loads before it can run, itself included. */
function withImports(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found
  found.add(file)
  for (const [, name] of read(file).matchAll(/(?:\bfrom|\bimport)\s*["']\.\/([\w.-]+\.js)["']/g))
    withImports(`assets/${name}`, found)
  return found
}

function firstPage(): string[] {
  const entry = /<script[^>]+src="\.\/(assets\/[^"]+\.js)"/.exec(read('index.html'))![1]!
  const cluster = /import\(["'`]\.\/(cluster-[\w-]+\.js)["'`]\)/.exec(read(entry))![1]!
  return [...withImports(`assets/${cluster}`, withImports(entry))]
}

test('the first page takes less than 200 kB of script, gzipped', () => {
  const files = firstPage()
  expect(files.length).toBeGreaterThan(3)
  const sizes = files.map((file) => gzipSync(read(file)).length)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(200_000)
})

test('a browser is told of all of it in the first answer', () => {
  const html = read('index.html')
  expect(firstPage().filter((file) => !html.includes(file))).toEqual([])
})

test('charts and other pages are not among it', () => {
  const text = firstPage().map(read).join('\n')
  expect(text).not.toContain('u-legend')
  expect(text).not.toContain('Set policy')
})

test('no inline script or style: the server forbids both', () => {
  expect(read('index.html')).not.toMatch(/<script(?![^>]*\bsrc=)|<style|style=/)
})

test('a machine without a browser is told in one sentence how to get one', async () => {
  await expect(openBrowser(['/nowhere/chromium'])).rejects.toThrow(
    /^The page is tested in Chromium, which is not installed: run `apt-get install -y chromium`[^.]*\.$/,
  )
})
