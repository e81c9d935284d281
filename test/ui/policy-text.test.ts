// What the policy editor offers at a place of the text, from the table of keys. Plain text, no browser.
import { describe, expect, test } from 'vitest'
import { helpAt, placeAt } from '../../admin-ui/web/policies/policy-text.ts'

const nodes = ['rabbit@node1', 'rabbit@node2']

/** The labels offered where the bar is. */
function offered(text: string): string[] | null {
  const [before = '', after = ''] = text.split('|')
  const above = before.split('\n')
  const lines = (before + after).split('\n')
  const place = placeAt(lines, above.length - 1, above.at(-1)!.length, nodes)
  return place === null ? null : place.suggestions.map(({ label }) => label)
}

describe('completion', () => {
  test('offers the keys of a policy at its top, behind the dash and below', () => {
    expect(offered('- |')).toContain('pattern')
    expect(offered('- name: ha\n  |')).toContain('apply-to')
    expect(offered('- name: ha\n  |')).not.toContain('ha-mode')
  })

  test('offers the keys of a definition in one, without those that are there', () => {
    const keys = offered('- name: ha\n  definition:\n    ha-mode: all\n    |\n    max-length: 3')!
    expect(keys).toContain('ha-sync-mode')
    expect(keys).not.toContain('ha-mode')
    expect(keys).not.toContain('max-length')
    expect(keys).not.toContain('pattern')
  })

  test('offers keys of the policy again after the definition, and for the next one', () => {
    expect(offered('- name: ha\n  definition:\n    ha-mode: all\n  |')).toContain('priority')
    expect(offered('- name: ha\n  definition:\n    ha-mode: all\n- |')).toContain('name')
  })

  test('offers the values that a key takes', () => {
    expect(offered('- definition:\n    ha-mode: |')).toEqual(['all', 'exactly', 'nodes'])
    expect(offered('- definition:\n    ha-mode: ex|')).toEqual(['all', 'exactly', 'nodes'])
    expect(offered('- apply-to: |')).toEqual(['all', 'queues', 'exchanges'])
    expect(offered('- definition:\n    queue-version: |')).toEqual(['1', '2'])
  })

  test('offers the nodes for ha-params, in a row and one a line', () => {
    expect(offered('- definition:\n    ha-mode: nodes\n    ha-params: [rabbit@node1, |]')).toEqual(nodes)
    expect(offered('- definition:\n    ha-mode: nodes\n    ha-params:\n      - |')).toEqual(nodes)
  })

  test('offers nothing within names, numbers and comments', () => {
    expect(offered('- name: |')).toBeNull()
    expect(offered('- definition:\n    max-length: |')).toBeNull()
    expect(offered('- name: ha # |')).toBeNull()
  })

  test('begins at the word that is being written', () => {
    expect(placeAt(['- definition:', '    ha-sy'], 1, 9, nodes)?.from).toBe(4)
    expect(placeAt(['    ha-params: [rabbit@n'], 0, 24, nodes)).toBeNull()
  })
})

describe('help', () => {
  test('is that of the key on the line', () => {
    const lines = ['- name: ha', '  definition:', '    ha-mode: all', '    odd: 1']
    expect(helpAt(lines, 0)?.help).toMatch(/Unique/)
    expect(helpAt(lines, 2)).toMatchObject({ key: 'ha-mode', detail: 'all | exactly | nodes' })
    expect(helpAt(lines, 3)).toBeNull()
  })
})
