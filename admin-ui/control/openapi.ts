// GET /warren/openapi.json: the control API as OpenAPI 3.1, made from the rows that serve it, so that it cannot speak of others.

import type { Route } from './route.ts'
import { record, type Schema, text } from './schema.ts'

/** Of `routes` and of the path that tells of them. */
export function describedBy(routes: readonly Route[]): readonly Route[] {
  const all = [...routes]
  all.push({
    method: 'GET',
    path: '/openapi.json',
    summary: 'This description.',
    answer: { type: 'object' },
    handle: () => documentOf(all),
  })
  return all
}

const errorSchema = record({ error: text(), reason: text('one sentence') }, { node: text() })
const refused = (description: string) => ({
  description,
  content: { 'application/json': { schema: errorSchema } },
})

function documentOf(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const path = `/warren${route.path}`
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Warren: faults and observation',
      version: '1',
      description:
        'Acts on the cluster from outside, as a hand on power switch and cables would. Names with a slash are ' +
        'percent-encoded in paths. The management API, which is RabbitMQ\u2019s, is under /api.',
    },
    security: [{ basic: [] }],
    components: { securitySchemes: { basic: { type: 'http', scheme: 'basic' } } },
    paths,
  }
}

function operationOf({
  method,
  path,
  summary,
  query = {},
  body,
  answer,
  type = 'application/json',
  level,
}: Route) {
  const needed = level ?? (method === 'GET' ? 'management' : 'administrator')
  return {
    summary,
    description: `Needs a user tagged \`${needed}\`.`,
    parameters: [
      ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => parameter(name!, 'path')),
      ...Object.entries(query).map(([name, description]) => ({ ...parameter(name, 'query'), description })),
    ],
    ...(body && { requestBody: { content: { 'application/json': { schema: body } } } }),
    responses: {
      ...(answer === undefined
        ? { 204: { description: 'Done.' } }
        : { 200: { description: 'As asked.', content: { [type]: { schema: answer } } } }),
      ...(body || Object.keys(query).length > 0
        ? { 400: refused('Something makes no sense; nothing was changed.') }
        : {}),
      401: refused('No login, a wrong one, or one that may not do this.'),
      ...(path.includes('{') ? { 404: refused('There is no such thing.') } : {}),
    },
  }
}

const parameter = (name: string, where: 'path' | 'query') => ({
  name,
  in: where,
  required: where === 'path',
  schema: { type: 'string' } satisfies Schema,
})
