/** Checks validation against every answer recorded from a real RabbitMQ 3.10.8. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Policy, parseOperatorPolicy, parsePolicy } from '../../policies/policy.ts'
import { refusal } from './support.ts'

interface Recording {
  readonly def?: unknown
  readonly req?: unknown
  readonly status?: number
  readonly body?: unknown
  readonly after?: unknown
  readonly get?: unknown
  readonly args?: readonly string[]
  readonly rc?: number
  readonly err?: string
}

const recorded: Record<string, Recording> = JSON.parse(
  readFileSync(new URL('../data/policies.json', import.meta.url), 'utf8'),
)

/** Answers about what is stored or which vhosts exist: no business of validation. */
const elsewhere = [
  'http.put.create',
  'http.put.again',
  'http.get.one',
  'http.get.all',
  'http.get.404',
  'http.delete',
  'http.delete.again',
  'http.put.novhost',
  'cli.set_novhost',
  'cli.set_bad_json',
  'cli.set_bad_prio',
  'cli.list',
  'cli.list_json',
  'cli.list_op',
  'cli.list_op_json',
  'cli.clear',
  'cli.clear2',
  'cli.clear_again',
  'cli.clear_op',
  'cli.clear_op_again',
]

const labels = Object.keys(recorded)
const definitions = labels.filter((label) => label.startsWith('http.put.') && 'def' in of(label))
const bodies = labels.filter((label) => label.startsWith('http.body.'))
const operator = labels.filter((label) => label.startsWith('op.put.'))
const control = labels.filter((label) => label.startsWith('cli.set') && !elsewhere.includes(label))

function of(label: string): Recording {
  return recorded[label] as Recording
}

/** The management API escapes the reasons of policies for HTML. */
function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
}

function answer(label: string): { status: number; reason: string } {
  const { status = 0, body } = of(label)
  return { status, reason: body === '' ? '' : unescaped((body as { reason: string }).reason) }
}

function decoded(request: unknown): unknown {
  if (typeof request !== 'string') return request
  try {
    return JSON.parse(request)
  } catch {
    return undefined
  }
}

function asJson(p: Policy): object {
  const { applyTo, ...rest } = p
  return { ...rest, 'apply-to': applyTo }
}

describe('the recordings', () => {
  it('are all used here or belong elsewhere', () => {
    const used = [...definitions, ...bodies, ...operator, ...control, ...elsewhere]
    expect(used.toSorted()).toEqual(labels.toSorted())
    expect([definitions.length, bodies.length, operator.length, control.length]).toEqual([54, 12, 8, 7])
  })
})

describe('PUT of a definition is answered as recorded (docs/observed.md §1.2)', () => {
  it.each(definitions)('%s', (label) => {
    const put = () => parsePolicy('/', 'bad', { pattern: '^x', definition: of(label).def })
    expect(refusal(put)).toEqual(answer(label))
  })
})

describe('PUT of a body is answered as recorded (docs/observed.md §1.2)', () => {
  it.each(bodies)('%s', (label) => {
    const put = () => parsePolicy('/', 'bad', decoded(of(label).req))
    expect(refusal(put)).toEqual(answer(label))
    if (of(label).status === 201) expect(asJson(put())).toEqual(of(label).after)
  })
})

describe('PUT of an operator policy is answered as recorded', () => {
  it.each(operator)('%s', (label) => {
    const body = { pattern: '^op', 'apply-to': 'queues', definition: of(label).def }
    const put = () => parseOperatorPolicy('/', 'op', body)
    expect(refusal(put)).toEqual(answer(label))
    if (of(label).status === 201) {
      expect(JSON.stringify(put().definition)).toEqual(
        JSON.stringify((of(label).get as { definition: unknown }).definition),
      )
      expect(asJson(put())).toEqual(of(label).get)
    }
  })
})

describe('the control tool answers as recorded (docs/observed.md §1.3)', () => {
  it.each(control)('%s', (label) => {
    const { args = [], rc, err } = of(label)
    const [name = '', pattern, definition = ''] = args.slice(-3)
    const option = (flag: string) => (args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined)
    const body = { pattern, definition: JSON.parse(definition), 'apply-to': option('--apply-to') }
    const parse = args[0] === 'set_operator_policy' ? parseOperatorPolicy : parsePolicy
    const { reason } = refusal(() => parse('/', name, body))
    expect(reason === '' ? '' : `Error:\n${reason}\n`).toBe(err)
    expect(reason === '' ? 0 : 69).toBe(rc)
  })
})
