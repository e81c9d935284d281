// Who is asking, and how one logs in: RabbitMQ's pages begin with these (docs/observed.md §26). Unlike the real one's, a
// login sets no cookie: a browser would send it along with whatever another site's page asks for.

import { HttpError } from '../http-error.ts'
import type { Call, Resource } from '../resource.ts'
import { columns } from './list.ts'

export const account: readonly Resource[] = [
  { path: '/whoami', GET: (call) => columns(call, { name: call.user.name, tags: call.user.tags }) },
  {
    path: '/auth',
    open: true,
    GET: () => ({ enable_uaa: false, uaa_client_id: '', uaa_location: '' }),
  },
  { path: '/login', open: true, POST: logIn },
  { path: '/extensions', GET: () => [{ javascript: 'dispatcher.js' }] },
]

/** The form that RabbitMQ's login page sends. */
function logIn(call: Call) {
  if (!/^application\/x-www-form-urlencoded\b/i.test(call.header('Content-Type')))
    throw new HttpError(415, null)
  const form = new URLSearchParams(call.raw().toString())
  call.logIn(form.get('username') ?? '', form.get('password') ?? '')
  return 'ok'
}
