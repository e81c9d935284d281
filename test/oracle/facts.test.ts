// docs/observed.md §1–4 says what was seen on a real cluster; every line of it is shown by a test or by a recorded scenario.

import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { catalogue } from './catalogue/index.ts'
import { type Fact, facts } from './facts.ts'

interface Line {
  readonly section: string
  readonly text: string
}

/** The lines of §1 to §4 that say something: no headings, no heads of tables. */
function observed(): { sections: string[]; lines: Line[] } {
  const sections: string[] = []
  const lines: Line[] = []
  let section = ''
  for (const text of readFileSync('docs/observed.md', 'utf8').split('\n')) {
    const heading = /^##+ (\d+(?:\.\d+)?)/.exec(text)?.[1]
    if (heading !== undefined) {
      section = heading
      if (/^[1-4](\.|$)/.test(section)) sections.push(section)
      continue
    }
    const head = text === '' || text === '|---|---|' || text === '| definition | text |'
    if (!head && sections.at(-1) === section) lines.push({ section, text })
  }
  return { sections, lines }
}

const texts = new Map<string, string>()
const textOf = (file: string) => {
  if (!texts.has(file)) texts.set(file, existsSync(file) ? readFileSync(file, 'utf8') : '')
  return texts.get(file)!
}

function exists(test: string): boolean {
  const [where = '', title = ''] = test.split(' › ')
  if (where === 'scenario') return catalogue.some(({ name }) => name === title)
  return title !== '' && textOf(where).includes(title)
}

const { sections, lines } = observed()
const shows = ({ section, words }: Fact, line: Line) => line.section === section && line.text.includes(words)

describe('docs/observed.md §1–4', () => {
  test.each(lines.map(({ section, text }) => [section, text.slice(0, 60), text] as const))(
    '§%s %s: a test or a scenario shows it',
    (section, _, text) => {
      expect(facts.filter((fact) => shows(fact, { section, text })).length).toBeGreaterThan(0)
    },
  )

  test.each(facts)('§$section $words: stands there, and what shows it is there', (fact) => {
    expect(lines.filter((line) => shows(fact, line))).toHaveLength(1)
    expect(fact.shownBy.filter((test) => !exists(test))).toEqual([])
    expect(fact.shownBy.length).toBeGreaterThan(0)
  })

  // §1 and §4 are headings of headings.
  test.each(sections.filter((section) => section !== '1' && section !== '4'))(
    '§%s is named by a test file that shows it',
    (section) => {
      const named = new RegExp(`§${section.replace('.', '\\.')}(?![.\\d])`)
      const files = facts.filter((fact) => fact.section === section).flatMap(({ shownBy }) => shownBy)
      const tests = files.map((test) => test.split(' › ')[0]!).filter((file) => file.endsWith('.ts'))
      expect(tests.filter((file) => named.test(textOf(file)))).not.toEqual([])
    },
  )
})
