// The comparisons of this Warren: how far those are that run, and the way to the reports of those that are done.

import { act } from '../actions.ts'
import { EmptyState } from '../components/empty.tsx'
import { Pill } from '../components/pill.tsx'
import { useLive } from '../live.ts'
import { href } from '../router.ts'
import type { ComparisonState } from './shapes.ts'

export function Comparisons() {
  const { data } = useLive<ComparisonState[]>('/warren/comparisons')
  return (
    <section class="panel" aria-label="Comparisons">
      <h2>Comparisons</h2>
      {data?.length === 0 && (
        <EmptyState title="Nothing was compared yet">
          <p>
            Choose a scenario above. It runs in a thread beside the cluster, in virtual time: seconds, not
            minutes.
          </p>
        </EmptyState>
      )}
      {data !== undefined && data.length > 0 && (
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Scenario</th>
              <th scope="col">Seed</th>
              <th scope="col">State</th>
              <th scope="col">Progress</th>
              <th scope="col">
                <span class="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.map((one) => (
              <tr key={one.id}>
                <td>
                  <a href={href('compare', [String(one.id)])}>
                    {one.name} #{one.id}
                  </a>
                </td>
                <td>{one.seed}</td>
                <td>
                  <StatePill state={one.state} />
                </td>
                <td>
                  <progress value={shareOf(one)} max={1} aria-label={`Progress of ${one.name} #${one.id}`} />
                </td>
                <td class="right">
                  <button
                    type="button"
                    class="small"
                    aria-label={`${isOver(one) ? 'Forget' : 'Stop'} ${one.name} #${one.id}`}
                    onClick={() => act({ method: 'DELETE', path: `/warren/comparisons/${one.id}` })}
                  >
                    {isOver(one) ? 'Forget' : 'Stop'}
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

export const isOver = ({ state }: ComparisonState) => state === 'done' || state === 'failed'

export const shareOf = ({ variants }: ComparisonState): number =>
  variants.reduce((sum, { done }) => sum + done, 0) / Math.max(1, variants.length)

const tones = { waiting: 'wait', running: 'busy', done: 'good', failed: 'bad' } as const

export const StatePill = ({ state }: { readonly state: ComparisonState['state'] }) => (
  <Pill state={state} tone={tones[state]} />
)
