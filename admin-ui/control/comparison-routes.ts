// Comparisons over HTTP, below /warren/comparisons: the library of scenarios, what has just happened as one, ordering a comparison,
// how far it is, and its report. Scenario files are read here before anything starts, so that a fault is a 400 with its place.

import type { Comparison } from '../../compare/scenario/result.ts'
import type { Scenario } from '../../compare/scenario/types.ts'
import { isRecord } from '../../policies/policy.ts'
import { badRequest, HttpError, notFound } from '../http-error.ts'
import { shippedTexts } from '../shipped.ts'
import { recordedScenario } from './comparison-recording.ts'
import { viewOfCall, viewText } from './policies.ts'
import { type ControlCall, type Route, streamed, wholeNumber } from './route.ts'
import { list, number, oneOf, orNull, record, text } from './schema.ts'
import { refuseUnknown } from './shape.ts'

const comparison = record({
  id: number(),
  name: text('of the scenario'),
  question: text(),
  seed: number(),
  state: oneOf('waiting', 'running', 'done', 'failed'),
  reason: orNull(text('why it failed')),
  variants: list(record({ name: text(), done: number('0 to 1'), published: number() })),
})

const scenario = record({
  file: text('the name that an order gives'),
  name: text(),
  question: text(),
  about: text(),
  nodes: number(),
  variants: list(text()),
  text: text('YAML'),
})

const order = record(
  {},
  {
    scenario: text('a scenario of the library, by its file'),
    text: text('a scenario file, in its place'),
    variants: list(text(), 'by name; all of the scenario by default'),
    seed: number('a whole number from 0; 1 by default'),
  },
)

export const comparisonRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/comparisons/scenarios',
    summary: 'The library of scenarios that comes with Warren.',
    answer: list(scenario),
    handle: library,
  },
  {
    method: 'GET',
    path: '/comparisons/recording',
    summary:
      'The faults that were just made here, with the queues and policies there are, as a scenario file.',
    query: { ...viewText, since: 'the number of the event to begin with; 0 by default' },
    answer: record({ text: text('YAML'), faults: number() }),
    handle: (call) => recordedScenario(viewOfCall(call), wholeNumber(call.query, 'since', 0)),
  },
  {
    method: 'POST',
    path: '/comparisons/check',
    summary: 'Whether a scenario file reads, and which variants it has.',
    body: record({ text: text('YAML or JSON') }),
    answer: record({
      fault: orNull(record({ text: text(), line: number(), column: number() })),
      name: text(),
      question: text(),
      variants: list(text()),
    }),
    level: 'management',
    handle: check,
  },
  {
    method: 'GET',
    path: '/comparisons',
    summary: 'The comparisons of this Warren, newest first.',
    answer: list(comparison),
    handle: ({ context }) => context.comparisons.list(),
  },
  {
    method: 'POST',
    path: '/comparisons',
    summary: 'Orders a comparison; it runs beside the served cluster, one after the other.',
    body: order,
    answer: comparison,
    handle: start,
  },
  {
    method: 'GET',
    path: '/comparisons/{id}',
    summary: 'How far a comparison is.',
    answer: comparison,
    handle: (call) => call.context.comparisons.state(idOf(call)) ?? unknown(call),
  },
  {
    method: 'GET',
    path: '/comparisons/{id}/report',
    summary: 'The report of a comparison that is done.',
    query: { format: "'json' (by default) or 'html'" },
    answer: { description: 'the comparison; or the HTML file as text' },
    handle: report,
  },
  {
    method: 'DELETE',
    path: '/comparisons/{id}',
    summary: 'Stops a comparison, and forgets it.',
    handle: async (call) => ((await call.context.comparisons.remove(idOf(call))) ? undefined : unknown(call)),
  },
]

const idOf = ({ params }: ControlCall) => (/^\d{1,9}$/.test(params['id'] ?? '') ? Number(params['id']) : -1)

function unknown({ params }: ControlCall): never {
  throw notFound(`There is no comparison ${params['id']}.`)
}

// Loaded only when somebody compares: reading YAML takes a library.
const reader = () => import('../../compare/scenario/parse.ts')

/** The file's scenario. Throws whatever is wrong with it, in one sentence. */
async function read(scenarioText: string): Promise<Scenario> {
  const { parseScenario } = await reader()
  return parseScenario(scenarioText, 'scenario', (path) => {
    throw new Error(`${path}: a scenario on the page holds its policies itself and names no files`)
  })
}

async function library(): Promise<unknown> {
  const files = shippedTexts('examples/scenarios')
  return Promise.all(
    files.map(async ({ name: file, text: fileText }) => {
      const { name, question, about, cluster, variants } = await read(fileText)
      return {
        ...{ file, name, question, about, text: fileText, nodes: cluster.nodes },
        variants: variants.map((variant) => variant.name),
      }
    }),
  )
}

async function check(call: ControlCall): Promise<unknown> {
  const body = bodyOf(call, ['text'])
  if (typeof body['text'] !== 'string') throw badRequest("'text' must be the text of a scenario file.")
  try {
    const { name, question, variants } = await read(body['text'])
    return { fault: null, name, question, variants: variants.map((variant) => variant.name) }
  } catch (error) {
    const { message, line = 1, column = 1 } = error as Error & { line?: number; column?: number }
    const fault = { text: message.replace(/^\w*:\d+:\d+: /, ''), line, column }
    return { fault, name: '', question: '', variants: [] }
  }
}

async function start(call: ControlCall): Promise<unknown> {
  const body = bodyOf(call, ['scenario', 'text', 'variants', 'seed'])
  const fileText = textOf(body)
  const { seed = 1 } = body
  if (!Number.isSafeInteger(seed) || (seed as number) < 0)
    throw badRequest("'seed' must be a whole number from 0.")
  let parsed: Scenario
  try {
    parsed = await read(fileText)
  } catch (error) {
    throw badRequest((error as Error).message)
  }
  const variants = variantsOf(parsed, body['variants'])
  const added = call.context.comparisons.add({ text: fileText, variants, seed: seed as number }, parsed)
  if (added !== undefined) return added
  throw new HttpError(409, {
    error: 'busy',
    reason: 'Too many comparisons wait already: stop some, or wait for them.',
  })
}

function bodyOf(call: ControlCall, known: readonly string[]): Record<string, unknown> {
  const body = call.json()
  if (!isRecord(body)) throw badRequest('The body must be an object.')
  refuseUnknown('The body', body, known)
  return body
}

function textOf({ scenario: name, text: given }: Record<string, unknown>): string {
  if (typeof given === 'string' && name === undefined) return given
  if (given !== undefined || typeof name !== 'string')
    throw badRequest(
      "The body has either 'scenario', the name of one of the library, or 'text', a scenario file.",
    )
  const files = shippedTexts('examples/scenarios')
  const found = files.find((file) => file.name === name)
  if (found !== undefined) return found.text
  throw notFound(`There is no scenario '${name}'; there are ${files.map((file) => file.name).join(', ')}.`)
}

/** In the scenario's order. Throws 400 for a name that it does not have, and for none. */
function variantsOf({ variants }: Scenario, wanted: unknown): string[] {
  const names = variants.map(({ name }) => name)
  if (wanted === undefined) return names
  if (!Array.isArray(wanted) || wanted.length === 0) throw badRequest("'variants' must be a list of names.")
  const strange = wanted.find((name) => !names.includes(name))
  if (strange !== undefined)
    throw badRequest(`The scenario has no variant '${String(strange)}'; it has ${names.join(', ')}.`)
  return names.filter((name) => wanted.includes(name))
}

async function report(call: ControlCall): Promise<unknown> {
  const state = call.context.comparisons.state(idOf(call)) ?? unknown(call)
  const result: Comparison | null = call.context.comparisons.result(idOf(call))
  if (result === null)
    throw new HttpError(409, {
      error: 'not_done',
      reason: state.reason ?? `Comparison ${state.id} is ${state.state}: there is no report yet.`,
    })
  const format = call.query.get('format') ?? 'json'
  if (format === 'json') return result
  if (format !== 'html') throw badRequest("The parameter 'format' must be 'json' or 'html'.")
  const { toHtml } = await import('../../compare/html/page.ts')
  call.res.setHeader('Content-Type', 'text/html; charset=utf-8')
  // Its styles are in the file itself; it has no scripts.
  call.res.setHeader(
    'Content-Security-Policy',
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
  )
  call.res.end(toHtml(result))
  return streamed
}
