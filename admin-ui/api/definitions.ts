// Definitions of the cluster or of one vhost as a file: given out and taken in (docs/observed.md §23). Administrators only.
// What is taken in is refused in the real one's words where it has any, and then nothing has been changed.

import {
  DefinitionsError,
  type DefinitionsFile,
  isEmulated,
  parseDefinitions,
} from '../../policies/definitions-file.ts'
import { erlangTerm } from '../../policies/erlang.ts'
import { exportDefinitions, exportVhost } from '../definitions/export.ts'
import { importDefinitions } from '../definitions/import.ts'
import { badRequest, escapeTags, HttpError, vhostNotFound } from '../http-error.ts'
import { Answer, bodyReader, type Call, noContent, type Resource } from '../resource.ts'
import { columns, type Row } from './list.ts'

const administrator = { reads: 'administrator', changes: 'administrator' } as const

/** In bytes: large clusters have large files. */
const fileLimit = 64 * 1_048_576
const reader = bodyReader(fileLimit)

export const definitions: readonly Resource[] = [
  // The name it had in RabbitMQ 2.
  ...['/definitions', '/all-configuration'].map((path) => ({
    path,
    GET: (call: Call) => download(call, exportDefinitions(call.view.definitions)),
    POST: (call: Call) => take(call, null),
    reader,
    ...administrator,
  })),
  {
    path: '/definitions/:in',
    GET: (call) => {
      const vhost = call.params['in']!
      if (!call.view.definitions.vhosts.has(vhost)) throw badRequest('vhost_not_found')
      return download(call, exportVhost(call.view.definitions, vhost))
    },
    POST: (call) => {
      const vhost = call.params['in']!
      if (!call.view.definitions.vhosts.has(vhost)) throw vhostNotFound()
      return take(call, vhost)
    },
    reader,
    ...administrator,
  },
]

/** `?download=NAME` makes browsers keep it as a file of that name. */
function download(call: Call, all: Row): unknown {
  const exported = columns(call, all)
  const name = call.query.get('download')
  if (name === null) return exported
  // Nothing in a name may end the header.
  const safe = name.replace(/[^\w. -]/g, '_')
  return new Answer(200, { 'Content-Disposition': `attachment; filename=${safe}` }, exported)
}

function take(call: Call, vhost: string | null): Answer {
  const text = textOf(call)
  if (text === '') return noContent
  const { cluster, node } = call.view
  try {
    const file: DefinitionsFile = parseDefinitions(text, vhost)
    call.view.act(() => importDefinitions(cluster, node.name, file, call.user.name))
    const strange = file.queues.filter((queue) => !isEmulated(queue)).length
    return strange === 0 ? noContent : new Answer(204, { 'X-Warren-Not-Emulated': String(strange) })
  } catch (error) {
    if (!(error instanceof DefinitionsError)) throw error
    const reason = typeof error.reason === 'string' ? escapeTags(error.reason) : error.reason
    throw badRequest(vhost === null || reason === 'failed_to_parse_json' ? reason : inErlang(reason))
  }
}

/** JSON, or a form with the file in it, as the management page sends it. Throws 415 for all else. */
function textOf(call: Call): string {
  const type = call.header('Content-Type')
  if (/^application\/json\b/i.test(type)) return call.raw().toString()
  const boundary = /^multipart\/form-data\b.*\bboundary="?([^";]+)/i.exec(type)?.[1]
  if (boundary === undefined) throw new HttpError(415, null)
  // Each part: headers, an empty line, contents; one byte is one character meanwhile.
  for (const part of call.raw().toString('latin1').split(`--${boundary}`)) {
    const end = part.indexOf('\r\n\r\n')
    if (end < 0 || !/content-disposition:.*\bname="?file"?(?:[;\r\n]|$)/i.test(part.slice(0, end))) continue
    return Buffer.from(part.slice(end + 4).replace(/\r\n$/, ''), 'latin1').toString()
  }
  return ''
}

const atoms = ['precondition_failed', 'command_invalid', 'none']

/** Of one vhost the real one prints the whole reason as an Erlang term. */
function inErlang(reason: unknown): string {
  if (!Array.isArray(reason) || typeof reason[0] !== 'string') return erlangTerm(reason)
  const parts = reason.slice(1).map((part) => (atoms.includes(part) ? part : inErlang(part)))
  return `{${[reason[0], ...parts].join(',')}}`
}
