// What was done on this page, as commands: a drawer, newest first.

import { type Taken, taken } from '../actions.ts'
import { CommandLines } from './copyable.tsx'
import { EmptyState } from './empty.tsx'

export function CommandsDrawer({ onClose }: { onClose(): void }) {
  return (
    <aside
      class="drawer"
      aria-label="What you did, as commands"
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <div class="head">
        <h2>What you did, as commands</h2>
        <button type="button" class="small" autofocus onClick={onClose}>
          Close
        </button>
      </div>
      {taken.value.length === 0 ? (
        <EmptyState title="Nothing yet">
          <p>
            Every button that changes something is one request. It appears here as lines for your terminal.
          </p>
        </EmptyState>
      ) : (
        <ol>
          {taken.value.map((one) => (
            <li key={one.number}>
              <div class="row">
                <Outcome {...one} />
                {one.reason !== '' && <span class="error">{one.reason}</span>}
              </div>
              <CommandLines action={one.action} />
            </li>
          ))}
        </ol>
      )}
    </aside>
  )
}

function Outcome({ status }: Taken) {
  if (status === null) return <span class="pill busy">…</span>
  return <span class={status > 0 && status < 400 ? 'pill good' : 'pill bad'}>{status || 'no answer'}</span>
}
