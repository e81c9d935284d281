// What the server says of a draft while it is written: asked for after each pause in typing and whenever something has happened in
// the cluster, and once at a time. It changes nothing.

import { useEffect, useState } from 'preact/hooks'
import { LoginNeeded, reasonOf, request, Unreachable } from '../http.ts'
import { events } from '../live.ts'
import { controlPath } from '../objects/control-path.ts'
import type { Check, Draft } from './shapes.ts'

const pauseMs = 200

export interface Checked {
  /** Of the latest draft, or while `pending` of an earlier one; undefined until there is one. */
  readonly check: Check | undefined
  readonly pending: boolean
  /** Why the draft could not be checked; empty when it could. */
  readonly error: string
}

/** Null checks nothing. */
export function useCheck(draft: Draft | null): Checked {
  const body = draft === null ? null : JSON.stringify(draft)
  const path = controlPath('policies/check')
  const happened = events.value.at(-1)?.number
  const [state, setState] = useState<Checked & { readonly of: string | null }>({
    of: null,
    check: undefined,
    pending: false,
    error: '',
  })
  useEffect(() => {
    if (body === null) return
    const abort = new AbortController()
    const timer = setTimeout(async () => {
      try {
        const answer = await request('POST', path, JSON.parse(body), abort.signal)
        if (abort.signal.aborted) return
        const good = answer.status < 400
        setState((before) => ({
          of: body,
          check: good ? (answer.body as Check) : before.check,
          pending: false,
          error: good ? '' : reasonOf(answer.body),
        }))
      } catch (error) {
        // That the server is gone is said once, for the whole page.
        if (!(error instanceof Unreachable || error instanceof LoginNeeded)) throw error
      }
    }, pauseMs)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [body, path, happened])
  return { check: state.check, pending: state.of !== body, error: state.of === body ? state.error : '' }
}
