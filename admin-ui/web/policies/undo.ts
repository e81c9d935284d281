// Changes of policies that were made on this page, and how to take each back. The server answers an application with the change
// that undoes it; the newest is offered first.

import { signal } from '@preact/signals'
import { act, succeeded } from '../actions.ts'
import { toast } from '../components/toast.tsx'
import type { Answer } from '../http.ts'
import { controlPath } from '../objects/control-path.ts'
import type { Draft } from './shapes.ts'

export interface Undoable {
  /** What was done: "Policy ha is set". */
  readonly text: string
  readonly undo: Draft
}

/** Newest first. */
export const undoable = signal<readonly Undoable[]>([])
const most = 20

export interface Application {
  readonly draft: Draft
  readonly text: string
  readonly ctl?: readonly string[]
}

/** Makes the change in one step; the answer's refusal is the caller's to show. */
export async function applyDraft({ draft, text, ctl }: Application): Promise<Answer | null> {
  const answer = await act(
    { method: 'POST', path: controlPath('policies/apply'), body: draft, ...(ctl !== undefined && { ctl }) },
    { quiet: true },
  )
  if (!succeeded(answer)) return answer
  const { undo } = answer.body as { readonly undo: Draft }
  undoable.value = [{ text, undo }, ...undoable.value].slice(0, most)
  toast(`${text}.`, { good: true })
  return answer
}

/** Takes the newest change back. */
export async function undoNewest(): Promise<void> {
  const [newest, ...older] = undoable.value
  if (newest === undefined) return
  const answer = await act({ method: 'POST', path: controlPath('policies/apply'), body: newest.undo })
  if (!succeeded(answer)) return
  undoable.value = older
  toast(`Undone: ${newest.text}.`, { good: true })
}
