// One comparison: how far it is while it runs; then verdicts side by side, what was asserted, the course of each run, and the messages
// that were lost or came twice, with their causes.

import { useEffect, useState } from 'preact/hooks'
import { EmptyState } from '../components/empty.tsx'
import { ErrorLine } from '../components/toast.tsx'
import { download } from '../download.ts'
import { count, counted } from '../format.ts'
import { get } from '../http.ts'
import { useLive } from '../live.ts'
import { href } from '../router.ts'
import { StatePill } from './comparisons.tsx'
import { Courses } from './courses.tsx'
import { Messages } from './messages.tsx'
import type { ComparisonState, Report } from './shapes.ts'
import { Verdicts } from './verdicts.tsx'

export function ReportPage({ id }: { readonly id: string }) {
  const { data, error } = useLive<ComparisonState>(`/warren/comparisons/${id}`)
  if (data === undefined)
    return error === '' ? null : (
      <section class="panel">
        <EmptyState title={error}>
          <p>
            Only the last comparisons are kept. <a href={href('compare')}>Compare again</a>
          </p>
        </EmptyState>
      </section>
    )
  const path = `/warren/comparisons/${id}/report`
  const fileName = `${data.name}-${data.seed}`
  return (
    <>
      <div class="head">
        <h2 class="page-title">
          <a href={href('compare')}>Compare</a> / {data.name} <span class="soft">seed {data.seed}</span>
        </h2>
        <div class="row">
          <StatePill state={data.state} />
          <button
            type="button"
            disabled={data.state !== 'done'}
            onClick={() => download(`${path}?format=html`, `${fileName}.html`)}
          >
            Download HTML
          </button>
          <button
            type="button"
            disabled={data.state !== 'done'}
            onClick={() => download(path, `${fileName}.json`)}
          >
            Download JSON
          </button>
        </div>
      </div>
      {data.question !== '' && <p>{data.question}</p>}
      <ErrorLine text={data.reason ?? ''} />
      {data.state === 'waiting' || data.state === 'running' ? <Running state={data} /> : null}
      {data.state === 'done' && <Done path={path} />}
    </>
  )
}

const Running = ({ state }: { readonly state: ComparisonState }) => (
  <section class="panel stack" aria-label="Progress">
    {state.variants.map(({ name, done, published }) => (
      <div key={name} class="progress-row">
        <span>{name}</span>
        <progress value={done} max={1} aria-label={`Progress of ${name}`} />
        <span class="soft number">{counted(published, 'message')}</span>
      </div>
    ))}
    {state.state === 'waiting' && <p class="soft">It waits until the comparison before it is over.</p>}
  </section>
)

function Done({ path }: { readonly path: string }) {
  const [report, setReport] = useState<Report | null>(null)
  const [error, setError] = useState('')
  useEffect(() => {
    get<Report>(path).then(setReport, (problem: Error) => setError(problem.message))
  }, [path])
  if (report === null) return <ErrorLine text={error} />
  return (
    <>
      {report.failures.map(({ variant, reason }) => (
        <p key={variant} class="error">
          {variant} could not be run: {reason}
        </p>
      ))}
      <Assertions report={report} />
      <Verdicts runs={report.runs} />
      <Courses runs={report.runs} />
      <Messages runs={report.runs} />
    </>
  )
}

function Assertions({ report: { weighed } }: { readonly report: Report }) {
  if (weighed.length === 0) return null
  const broken = weighed.filter(({ holds }) => !holds).length
  return (
    <section class="panel stack" aria-label="Assertions">
      <h2>
        {broken === 0
          ? `All ${count(weighed.length)} assertions hold`
          : `${count(broken)} of ${count(weighed.length)} assertions do not hold`}
      </h2>
      <ul class="assertions">
        {weighed.map(({ assertion, variant, actual, holds }) => (
          <li key={`${variant}/${assertion.text}`}>
            <span class={holds ? 'pill good' : 'pill bad'}>{holds ? 'holds' : 'fails'}</span>
            <span>
              {variant !== null && <strong>{variant}: </strong>}
              {assertion.text}
            </span>
            <span class="soft">
              {actual === null
                ? 'not known'
                : `it is ${new Intl.NumberFormat('en', { maximumSignificantDigits: 4 }).format(actual)}`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
