// All policies as one text: what is there, or a file that was imported. The text may add to what is there, or be all there is.

import { signal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import { FileButton } from '../components/file-button.tsx'
import { ErrorLine } from '../components/toast.tsx'
import { open, reasonOf } from '../http.ts'
import { controlPath } from '../objects/control-path.ts'
import { go, href } from '../router.ts'
import { useCheck } from './check.ts'
import { Outcome } from './outcome.tsx'
import { TextPane } from './text-pane.tsx'
import { applyDraft } from './undo.ts'

/** A file that was chosen elsewhere; null: begin with what is there. */
export const fileDraft = signal<{ readonly text: string; readonly replace: boolean } | null>(null)

export function PolicyFileEditor() {
  const [draft, setDraft] = useState(fileDraft.value)
  const [edition, setEdition] = useState(0)
  const begin = (text: string, replace: boolean) => {
    setDraft({ text, replace })
    setEdition((before) => before + 1)
  }
  const [refusal, setRefusal] = useState('')
  useEffect(() => {
    if (draft !== null) return
    open(controlPath('policies/file'))
      .then((answer) => answer.text())
      .then(
        (text) => begin(text.trim() === '[]' ? '' : text, true),
        () => setRefusal('The policies could not be read.'),
      )
  }, [])
  // An empty text is no file, but a person who empties it means that no policy is to be left.
  const empty = draft !== null && draft.text.trim() === ''
  const checked = useCheck(draft === null ? null : { ...draft, text: empty ? '[]' : draft.text })
  const faults = checked.check?.faults ?? []
  const apply = async () => {
    const answer = await applyDraft({
      draft: { ...draft!, text: empty ? '[]' : draft!.text },
      text: draft!.replace ? 'Policies are those of the text' : 'Policies of the text are set',
    })
    if (answer === null) return
    if (answer.status >= 400) return setRefusal(reasonOf(answer.body))
    go('policies')
  }
  return (
    <>
      <div class="head">
        <h2 class="page-title">
          <a href={href('policies')}>Policies</a> / As text
        </h2>
        <FileButton
          label="Import a file …"
          accept=".yaml,.yml,.json"
          onText={(text) => begin(text, draft?.replace ?? false)}
        />
      </div>
      <div class="editor">
        <section class="panel stack" aria-label="The policies">
          {draft !== null && (
            <>
              <TextPane
                label="Policies as text"
                text={draft.text}
                edition={edition}
                faults={faults}
                onText={(text) => setDraft((before) => ({ text, replace: before!.replace }))}
              />
              <label class="inline-label">
                <input
                  type="checkbox"
                  checked={draft.replace}
                  onChange={(event) => setDraft({ ...draft, replace: event.currentTarget.checked })}
                />
                These are all policies: others are cleared
              </label>
            </>
          )}
          <ErrorLine text={refusal} />
          <div class="row end">
            <a class="button" href={href('policies')}>
              Cancel
            </a>
            <button
              type="button"
              class="primary"
              disabled={draft === null || checked.pending || faults.length > 0 || checked.check === undefined}
              onClick={apply}
            >
              Set policies
            </button>
          </div>
        </section>
        <section class="panel" aria-label="What it would do">
          <h2>What it would do</h2>
          <Outcome {...checked} />
        </section>
      </div>
    </>
  )
}
