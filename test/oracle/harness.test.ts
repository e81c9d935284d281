// The differential harness itself: its generator, what it takes for a difference, and how it makes one smaller. No broker here.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Outcome } from '../../compare/outcome.ts'
import { faultKey, describe as inWords, isFault, type Scenario } from '../../compare/steps.ts'
import { catalogue } from './catalogue/index.ts'
import { told, undeclared } from './differ.ts'
import { foundScenarios } from './found.ts'
import { generate, groupSize, groups } from './generator.ts'
import { batches } from './real.ts'
import { readRecording } from './recording.ts'
import { fewerFaults, smaller, smallerForms, together, truncated } from './shrink.ts'

const seeds = Array.from({ length: 400 }, (_, seed) => seed)

describe('the catalogue', () => {
  test('has three runs of the real cluster for each scenario, and recordings of nothing else', () => {
    const recorded = catalogue.map((scenario) => readRecording(scenario))
    expect(recorded.filter((recording) => (recording?.runs ?? 0) < 3)).toEqual([])
    expect(readdirSync(join(import.meta.dirname, 'recordings'))).toHaveLength(recorded.length)
  })
})

describe('what the real one leaves open', () => {
  const outcome = (step: string, consumer = ''): Outcome => ({
    steps: [step],
    consumers: { c: consumer },
    connections: {},
    late: [],
  })

  test('covers a crash of its handler in generated scenarios that fill mirrors, and nothing else they ask', () => {
    const filling = seeds.map(generate).find(({ steps }) => steps.some((step) => step.do === 'sync'))!
    const differ = (theirs: string, mine: string) =>
      undeclared([outcome(theirs)], outcome(mine), filling.open)
    expect(differ('sync node1 q => 500', 'sync node1 q => 404')).toEqual([])
    expect(differ('sync node1 q => 500', 'sync node1 q => 204')).toHaveLength(1)
    expect(differ('look node1 q => 500', 'look node1 q => 404')).toHaveLength(1)
  })

  test('covers a message that a pausing node delivers anew, also when it came anew before', () => {
    const names = ['takes over before it pauses']
    const theirs = [outcome('rest', 'b0 b0* x2 (channel closed)')]
    expect(undeclared(theirs, outcome('rest', 'b0 b0* (channel closed)'), names)).toEqual([])
    expect(undeclared(theirs, outcome('rest', 'b0 x2 (channel closed)'), names)).toHaveLength(1)
  })
})

describe('the generator', () => {
  test('makes equal scenarios of equal seeds', () => {
    expect(seeds.map(generate)).toEqual(seeds.map(generate))
    expect(new Set(seeds.map((seed) => JSON.stringify(generate(seed).steps))).size).toBe(seeds.length)
  })

  test('gives neighbouring seeds one sequence of faults, and different groups different ones', () => {
    const keys = groups(0, seeds.length).map(
      (group) => new Set(group.map((seed) => faultKey(generate(seed)))),
    )
    expect(keys.map(({ size }) => size)).toEqual(keys.map(() => 1))
    expect(new Set(keys.flatMap((set) => [...set])).size).toBeGreaterThan(seeds.length / groupSize / 2)
    expect(groups(10, 30).map((group) => group.length)).toEqual([15, 15])
  })

  test('asks nodes of the cluster', () => {
    for (const { name, steps } of seeds.map(generate))
      for (const step of steps) if ('on' in step) expect([1, 2, 3], name).toContain(step.on)
  })

  test('names every queue and consumer before it is used', () => {
    for (const { name, steps } of seeds.map(generate)) {
      const known = new Set<string>()
      for (const step of steps) {
        if (step.do === 'declare') known.add(step.queue)
        else if ('queue' in step) expect(known, name).toContain(step.queue)
        if (step.do === 'consume') known.add(step.consumer)
        else if ('consumer' in step) expect(known, name).toContain(step.consumer)
      }
    }
  })

  test('leaves every node running at the end, and starts only what is down', () => {
    for (const { name, steps } of seeds.map(generate)) {
      const down = new Set<number>()
      for (const step of steps.filter(isFault)) {
        if (step.do === 'kill' || step.do === 'stop' || step.do === 'stop-app') down.add(step.node)
        if (step.do === 'start' || step.do === 'start-app') expect(down.delete(step.node), name).toBe(true)
      }
      expect([...down], name).toEqual([])
    }
  })

  test('uses every verb that a generated scenario may have', () => {
    const used = new Set(seeds.flatMap((seed) => generate(seed).steps.map((step) => step.do)))
    const verbs =
      'kill stop start cut heal declare exchange bind unbind publish consume settle cancel close get drain purge delete'
    for (const verb of `${verbs} policy clear-policy sync look await nodes rest`.split(' '))
      expect(used, verb).toContain(verb)
  })
})

const outcome = (steps: string[], more: Partial<Outcome> = {}): Outcome => ({
  steps,
  consumers: {},
  connections: {},
  late: [],
  ...more,
})

describe('a difference', () => {
  test('is a line that no run of the real one shows', () => {
    const real = [outcome(['a => 1', 'b => 1']), outcome(['a => 2', 'b => 1'])]
    expect(undeclared(real, outcome(['a => 2', 'b => 1']), [])).toEqual([])
    const found = undeclared(real, outcome(['a => 3', 'b => 1']), [])
    expect(found).toEqual([{ step: 0, name: 'step 0', expected: ['a => 1', 'a => 2'], got: 'a => 3' }])
    expect(told(found[0]!)).toContain('Warren: a => 3')
  })

  test.each([
    ['what a consumer saw', { consumers: { c: 'm0* (cancelled)' } }, 'consumer c'],
    ['how a connection ended', { connections: { node1: 'socket closed' } }, 'connection node1'],
    ['a late answer', { late: ['get q => m0'] }, 'late'],
  ])('is %s', (_, more, name) => {
    expect(undeclared([outcome([])], outcome([], more), []).map((one) => one.name)).toEqual([name])
    expect(undeclared([outcome([], more)], outcome([]), []).map((one) => one.name)).toEqual([name])
  })

  test('is none where the table of what is left open says so', () => {
    const [a, b] = [outcome(['look => mirrors [node2 node3]']), outcome(['look => mirrors [node3 node2]'])]
    expect(undeclared([a], b, [])).toHaveLength(1)
    expect(undeclared([a], b, ['mirror order'])).toEqual([])
    const [c, d] = ['m0-m1 m0*-m1* (channel closed)', 'm0-m1 (channel closed)'].map((text) =>
      outcome([], { consumers: { c: text } }),
    )
    expect(undeclared([c!], d!, [])).toHaveLength(1)
    expect(undeclared([c!], d!, ['takes over before it pauses'])).toEqual([])
  })
})

describe('shrinking', () => {
  const scenario: Scenario = {
    name: 's',
    handling: 'ignore',
    open: [],
    steps: [
      { do: 'declare', on: 1, queue: 'q' },
      { do: 'publish', on: 1, key: 'q', count: 3 },
      { do: 'kill', node: 1 },
      { do: 'look', on: 2, queue: 'q' },
      { do: 'start', node: 1 },
    ],
  }
  const words = (one: Scenario) => one.steps.map(inWords)

  test('leaves out each step but the faults, stretches of steps, and counts', () => {
    const forms = smallerForms(scenario)
    for (const form of forms) {
      expect(faultKey(form.scenario)).toBe(faultKey(scenario))
      expect(smaller(scenario, form.scenario)).toBe(form.scenario)
    }
    expect(forms.flatMap(({ place }) => (place === null ? [] : [place]))).toEqual([0, 1, 3])
    expect(forms.some((form) => words(form.scenario).includes('publish node1 q count 1'))).toBe(true)
  })

  test('leaves out at once what could go alone', () => {
    expect(together(scenario, [0, 1, 3]).map((form) => form.steps.length)).toEqual([2, 3])
    expect(together(scenario, [0])).toEqual([])
  })

  test('ends at the first difference, and takes faults out by pairs', () => {
    expect(words(truncated(scenario, 2))).toEqual(words(scenario).slice(0, 3))
    expect(fewerFaults(scenario).map((form) => words(form))).toEqual([
      words(scenario).filter((line) => !/^(kill|start)/.test(line)),
    ])
  })

  test('asks side by side what meets the same faults', () => {
    const many = Array.from({ length: 60 }, () => scenario)
    expect(
      batches([...many, truncated(scenario, 2)])
        .map((batch) => batch.length)
        .sort(),
    ).toEqual([1, 27, 27, 6])
  })
})

test('what was found is named by its seed', () => {
  for (const { name } of foundScenarios()) expect(name).toMatch(/^found\//)
})
