// The one store for all that changes by itself. `state` (and `nodes` of it) and `events` are pushed by the server (live-source);
// whatever else a page shows of the HTTP API it asks for with useLive(path), which looks again at each beat while the page is
// open and visible, never twice at once, and once for all who show the same path. It must not change anything.

import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { decode, getText, LoginNeeded, login, segment, Unreachable } from './http.ts'
import { openSource, type Selection, type State } from './live-source.ts'
import type { NodeState, TraceEvent } from './shapes.ts'

/** How many events the page keeps; the server has 4096. */
const mostEvents = 5000

/** The cluster a second ago at most; null until the server has told. */
export const state = signal<State | null>(null)
export const nodes: ReadonlySignal<readonly NodeState[] | null> = computed(() => state.value?.nodes ?? null)
/** Oldest first. */
export const events = signal<readonly TraceEvent[]>([])
/** Counts up with each state, which comes once a second and soon after events, and after an action: what is asked for is asked again then. */
export const beat = signal(0)
/** When the server stopped answering; null while it answers. */
export const goneSince = signal<Date | null>(null)

/** The node whose view of the cluster is shown; empty: the first running one. */
export const view = signal('')
/** Where the HTTP API of the chosen view is. */
export const api: ReadonlySignal<string> = computed(() =>
  view.value === '' ? '/api' : `/node/${segment(view.value)}/api`,
)

/** Makes everything that is shown be asked for again. */
export function lookAgain(): void {
  beat.value++
}

const nobody: Selection = { queues: 0, match: '', clients: 0 }
const selection = signal(nobody)

/** While the component is shown, `state` tells of these queues and clients too. */
export function useSelection({ queues, match, clients }: Selection): void {
  useEffect(() => {
    selection.value = { queues, match, clients }
    return () => {
      selection.value = nobody
    }
  }, [queues, match, clients])
}

let close: (() => void) | null = null
let next = 0
effect(() => {
  close?.()
  close = null
  const wanted = selection.value
  if (login.value === null) {
    state.value = null
    events.value = []
    next = 0
    return
  }
  close = openSource(wanted, next, {
    state: (now) => {
      state.value = now
      lookAgain()
    },
    events: (fresh, restarted) => {
      events.value = (restarted ? [] : [...events.peek(), ...fresh]).slice(-mostEvents)
      next = restarted ? 0 : (fresh.at(-1)?.number ?? next - 1) + 1
    },
    gone: (gone) => {
      if (gone !== (goneSince.peek() !== null)) goneSince.value = gone ? new Date() : null
    },
  })
})

export interface Looked<T> {
  /** The last good answer; undefined until there is one. */
  readonly data: T | undefined
  /** Why the last question was refused; empty when it was not. */
  readonly error: string
}

/** One path that somebody shows. */
class Question {
  readonly answer: Signal<Looked<unknown>> = signal({ data: undefined, error: '' })
  askers = 0
  private readonly path: string
  private asking = false
  private again = false
  private text = ''
  private readonly abort = new AbortController()

  constructor(path: string) {
    this.path = path
  }

  async ask(): Promise<void> {
    if (this.asking) {
      this.again = true
      return
    }
    this.asking = true
    try {
      const text = await getText(this.path, this.abort.signal)
      // What is as it was is not drawn anew.
      if (text !== this.text || this.answer.peek().error !== '')
        this.answer.value = { data: decode(text), error: '' }
      this.text = text
    } catch (error) {
      // That the server is gone is said once, for the whole page.
      if (!(error instanceof Unreachable || error instanceof LoginNeeded))
        this.answer.value = { ...this.answer.peek(), error: (error as Error).message }
    }
    this.asking = false
    if (!this.again || this.askers === 0) return
    this.again = false
    void this.ask()
  }

  forget(): void {
    this.abort.abort()
  }
}

const questions = new Map<string, Question>()
const nothing: Looked<never> = { data: undefined, error: '' }
effect(() => {
  if (beat.value > 0 && document.visibilityState === 'visible')
    for (const question of questions.values()) void question.ask()
})

/**
 * What GET `path` answers, kept up to date while the component is shown; null asks for nothing. `data` stays that of the path: a
 * new path begins undefined.
 */
export function useLive<T>(path: string | null): Looked<T> {
  const question = useMemo(() => {
    if (path === null) return null
    let found = questions.get(path)
    if (found === undefined) questions.set(path, (found = new Question(path)))
    return found
  }, [path])
  useEffect(() => {
    if (question === null) return
    if (question.askers++ === 0) {
      questions.set(path!, question)
      void question.ask()
    }
    return () => {
      if (--question.askers > 0) return
      question.forget()
      if (questions.get(path!) === question) questions.delete(path!)
    }
  }, [question])
  return (question === null ? nothing : question.answer.value) as Looked<T>
}
