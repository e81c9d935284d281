// What the crash of each node would cost, before the change, while mirrors fill, and afterwards: bars on a common scale, and the
// figures beside them.

import { count, counted, nodeLabel } from '../format.ts'
import type { Loss, Preview } from './shapes.ts'

export function Losses({ losses }: { readonly losses: Preview['losses'] }) {
  const most = Math.max(
    1,
    ...losses.flatMap(({ before, meanwhile, after }) =>
      [before, meanwhile, after].map(({ messages }) => messages),
    ),
  )
  const same = ({ before, after, meanwhile }: Preview['losses'][number]) =>
    [before, after, meanwhile].every(
      ({ messages, unavailable }) => messages === before.messages && unavailable === before.unavailable,
    )
  const changes = losses.some((loss) => !same(loss))
  return (
    <section>
      <h3>If a node crashes</h3>
      {!changes && <p class="soft">The same as now.</p>}
      <table class="plain losses" style={{ tableLayout: 'fixed' }}>
        <thead>
          <tr>
            <th scope="col">Node</th>
            <th scope="col">Now</th>
            {changes && (
              <>
                <th scope="col">While mirrors fill</th>
                <th scope="col">Afterwards</th>
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {losses.map(({ node, before, meanwhile, after }) => (
            <tr key={node}>
              <td>{nodeLabel(node)}</td>
              <LossCell loss={before} most={most} />
              {changes && (
                <>
                  <LossCell loss={meanwhile} most={most} />
                  <LossCell loss={after} most={most} />
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function LossCell({ loss: { messages, unavailable }, most }: { readonly loss: Loss; readonly most: number }) {
  const nothing = messages + unavailable === 0
  return (
    <td>
      <svg class="bar-of" width="100%" height="6" aria-hidden="true">
        <rect width="100%" height="6" rx="3" class="bar-ground" />
        <rect width={`${(100 * messages) / most}%`} height="6" rx="3" class="bar-bad" />
      </svg>
      <span class={nothing ? 'good-text' : undefined}>
        {nothing
          ? 'nothing lost'
          : [
              ...(messages === 0 ? [] : [`${counted(messages, 'message')} lost`]),
              ...(unavailable === 0
                ? []
                : [`${count(unavailable)} ${unavailable === 1 ? 'queue' : 'queues'} out of use`]),
            ].join(', ')}
      </span>
    </td>
  )
}
