// The routes of an editor of policies, below /warren/policies: drafts checked and applied, policies as a file, presets to begin with.

import { badRequest } from '../http-error.ts'
import { presets } from '../presets.ts'
import { viewOfCall, viewText } from './policies.ts'
import { applyPolicies, checkPolicies, policyFile } from './policy-editing.ts'
import { type ControlCall, type Route, streamed } from './route.ts'
import { flag, list, number, oneOf, orNull, record, type Schema, text } from './schema.ts'

const draft: Schema = {
  type: 'object',
  description:
    '`policy`: one policy, with `operator: true` an operator policy, and `clear`: [{vhost, name}], or `text`: a policy file, and ' +
    '`replace: true` when it is all policies, or a change with `set` and `clear`.',
}

const fault = record({
  field: oneOf('name', 'vhost', 'pattern', 'apply-to', 'priority', 'definition', 'text'),
  key: orNull(text('of the definition')),
  text: text('what RabbitMQ would answer to a PUT; for a text what is wrong with the file'),
  place: orNull(record({ line: number('from 1'), column: number('from 1') })),
})

const check: Schema = record({
  faults: list(fault, 'with any, the rest is empty'),
  policies: list({ type: 'object' }, 'what would be set, as a policy file has it'),
  nodes: list(record({ name: text(), running: flag() })),
  preview: orNull({ type: 'object', description: 'as of /policies/preview; the first queues only' }),
  concerned: record({
    queues: number(),
    exchanges: number(),
    following: number('those that would follow a policy of the draft'),
    objects: list({ type: 'object' }, 'the first of them'),
  }),
  lint: record({
    findings: list({ type: 'object' }, 'about these policies, or new'),
    mended: list({ type: 'object' }, 'those that the change would end'),
  }),
})

export const policyEditingRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/policies/check',
    summary:
      'What is wrong with a draft of policies, whom it would match and what it would do; nothing is changed.',
    query: viewText,
    body: draft,
    answer: check,
    level: 'policymaker',
    handle: (call) => checkPolicies(viewOfCall(call), call.user, call.json()),
  },
  {
    method: 'POST',
    path: '/policies/apply',
    summary: 'Makes a change of policies in one step, and answers with the change that takes it back.',
    query: viewText,
    body: draft,
    answer: record({ undo: { type: 'object', description: 'as a body of this path' } }),
    level: 'policymaker',
    handle: (call) => applyPolicies(viewOfCall(call), call.user, call.json()),
  },
  {
    method: 'GET',
    path: '/policies/file',
    summary: 'Policies and operator policies as a policy file.',
    query: {
      ...viewText,
      vhost: 'of this virtual host; of all by default',
      format: "'yaml' (by default) or 'json'",
    },
    answer: { description: 'a list of policies, as text' },
    type: 'application/yaml',
    handle: sendFile,
  },
  {
    method: 'GET',
    path: '/policies/presets',
    summary: 'The policy files that come with Warren.',
    answer: list(record({ name: text(), about: text(), text: text('YAML') })),
    handle: () => presets(),
  },
]

async function sendFile(call: ControlCall): Promise<unknown> {
  const { query, user, res } = call
  const form = query.get('format') ?? 'yaml'
  if (form !== 'yaml' && form !== 'json') throw badRequest("The parameter 'format' must be 'yaml' or 'json'.")
  const file = await policyFile(viewOfCall(call), user, { vhost: query.get('vhost') ?? undefined, form })
  res.setHeader('Content-Type', `application/${form}`)
  res.end(file)
  return streamed
}
