// Ordering a comparison: a scenario of the library, or a text; which of its variants; the seed.

import { useEffect, useState } from 'preact/hooks'
import { act } from '../actions.ts'
import { Field } from '../components/field.tsx'
import { FileButton } from '../components/file-button.tsx'
import { ErrorLine } from '../components/toast.tsx'
import { counted } from '../format.ts'
import { get, reasonOf, request } from '../http.ts'
import { useLive } from '../live.ts'
import { controlPath } from '../objects/control-path.ts'
import { TextPane } from '../policies/text-pane.tsx'
import { go } from '../router.ts'
import type { ComparisonState, LibraryScenario } from './shapes.ts'

/** What most people ask first: what each mode loses when a node dies. */
const usualScenario = 'leader-crash'

export function Order() {
  const { data: library } = useLive<LibraryScenario[]>('/warren/comparisons/scenarios')
  const [file, setFile] = useState('')
  /** Null: the library's scenario as it is. */
  const [text, setText] = useState<string | null>(null)
  const [edition, setEdition] = useState(0)
  const [left, leave] = useState<readonly string[]>([])
  const [seed, setSeed] = useState('1')
  const [error, setError] = useState('')
  const chosen =
    library?.find((one) => one.file === file) ??
    library?.find(({ name }) => name === usualScenario) ??
    library?.[0]
  const checked = useScenarioCheck(text)
  const variants = text === null ? (chosen?.variants ?? []) : checked.variants
  const wanted = variants.filter((name) => !left.includes(name))
  const begin = (given: string) => {
    setText(given)
    setEdition(edition + 1)
    setError('')
  }
  const record = async () => {
    try {
      const { text: made, faults } = await get<{ text: string; faults: number }>(
        controlPath('comparisons/recording'),
      )
      begin(made)
      if (faults === 0) setError('No fault was made here yet: the recording has queues and policies only.')
    } catch (problem) {
      setError((problem as Error).message)
    }
  }
  const start = async () => {
    const answer = await act(
      {
        method: 'POST',
        path: '/warren/comparisons',
        body: {
          ...(text === null ? { scenario: chosen!.file } : { text }),
          variants: wanted,
          seed: Number(seed),
        },
      },
      { quiet: true },
    )
    if (answer === null) return
    if (answer.status >= 400) return setError(reasonOf(answer.body))
    setError('')
    go('compare', [String((answer.body as ComparisonState).id)])
  }
  return (
    <section class="panel stack" aria-label="Compare cluster modes">
      <div class="head">
        <h2>Compare cluster modes</h2>
        <div class="row">
          <button type="button" onClick={record}>
            Record what was just clicked
          </button>
          <FileButton label="Open a scenario file …" accept=".yaml,.yml,.json" onText={begin} />
        </div>
      </div>
      {text === null ? (
        <div class="stack">
          <div class="fields">
            <Field label="Scenario">
              <select value={chosen?.file ?? ''} onChange={(event) => setFile(event.currentTarget.value)}>
                {library?.map((one) => (
                  <option key={one.file} value={one.file}>
                    {one.name}
                  </option>
                ))}
              </select>
            </Field>
            <SeedField seed={seed} onSeed={setSeed} />
          </div>
          {chosen !== undefined && (
            <>
              <p>
                <strong>{chosen.question}</strong>
              </p>
              {chosen.about !== '' && <p class="soft about">{chosen.about}</p>}
              <p class="soft">{counted(chosen.nodes, 'node')}, in virtual time.</p>
            </>
          )}
        </div>
      ) : (
        <div class="stack">
          <TextPane
            label="Scenario as text"
            policies={false}
            text={text}
            edition={edition}
            faults={checked.fault === null ? [] : [checked.fault]}
            onText={setText}
          />
          <div class="fields">
            <SeedField seed={seed} onSeed={setSeed} />
          </div>
        </div>
      )}
      <fieldset class="row" aria-label="Modes">
        <span class="soft">Modes</span>
        {variants.map((name) => (
          <label key={name} class="inline-label">
            <input
              type="checkbox"
              checked={!left.includes(name)}
              onChange={(event) =>
                leave(event.currentTarget.checked ? left.filter((one) => one !== name) : [...left, name])
              }
            />
            {name}
          </label>
        ))}
      </fieldset>
      <ErrorLine text={error} />
      <div class="row">
        <button
          type="button"
          class="primary"
          disabled={
            wanted.length === 0 ||
            (text === null ? chosen === undefined : checked.pending || checked.fault !== null)
          }
          onClick={start}
        >
          Compare
        </button>
        {text === null ? (
          <button type="button" disabled={chosen === undefined} onClick={() => begin(chosen!.text)}>
            Edit as text
          </button>
        ) : (
          <button type="button" onClick={() => setText(null)}>
            Back to the library
          </button>
        )}
      </div>
    </section>
  )
}

const SeedField = ({ seed, onSeed }: { readonly seed: string; onSeed(seed: string): void }) => (
  <Field label="Seed" hint="Equal seeds give equal results.">
    <input
      type="number"
      min="0"
      step="1"
      required
      value={seed}
      onInput={(event) => onSeed(event.currentTarget.value)}
    />
  </Field>
)

interface ScenarioCheck {
  readonly fault: {
    readonly field: string
    readonly key: null
    readonly text: string
    readonly place: { readonly line: number; readonly column: number }
  } | null
  readonly variants: readonly string[]
  readonly pending: boolean
}

const pauseMs = 250

/** Whether the text is a scenario, asked after each pause in typing. */
function useScenarioCheck(text: string | null): ScenarioCheck {
  const [state, setState] = useState<ScenarioCheck & { readonly of: string | null }>({
    ...{ fault: null, variants: [], pending: false, of: null },
  })
  useEffect(() => {
    if (text === null) return
    const timer = setTimeout(async () => {
      const answer = await request('POST', '/warren/comparisons/check', { text }).catch(() => null)
      if (answer === null || answer.status >= 400) return
      const { fault, variants } = answer.body as {
        readonly fault: { readonly text: string; readonly line: number; readonly column: number } | null
        readonly variants: readonly string[]
      }
      setState((before) => ({
        of: text,
        pending: false,
        variants: fault === null ? variants : before.variants,
        fault:
          fault === null
            ? null
            : {
                field: 'text',
                key: null,
                text: fault.text,
                place: { line: fault.line, column: fault.column },
              },
      }))
    }, pauseMs)
    return () => clearTimeout(timer)
  }, [text])
  return { ...state, pending: text !== null && state.of !== text }
}
