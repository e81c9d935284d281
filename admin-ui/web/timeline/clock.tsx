// The cluster's clock: it can stand, be put forward step by step, and run faster or slower, while clients are connected.
// Heartbeats follow the real time whatever happens here.

import { act } from '../actions.ts'
import { clockTime, span } from '../format.ts'
import { state } from '../live.ts'

const speeds = [0.1, 0.5, 1, 2, 5, 10, 60]
const stepsMs = [100, 1000, 10_000, 60_000]

const setClock = (body: { readonly paused: boolean } | { readonly speed: number }) =>
  act({ method: 'PUT', path: '/warren/clock', body })

export function ClockControls() {
  const clock = state.value?.clock
  if (clock === undefined) return null
  const { now, real, speed, paused } = clock
  const apart = now - real
  return (
    <div class="row clock">
      <span
        class="code clock-face"
        title="The cluster's time: TTL, expiry, delays and the net tick follow it; heartbeats follow the real time"
      >
        {clockTime(now)}
      </span>
      {Math.abs(apart) > 500 && (
        <span class="hint">
          {span(Math.abs(apart))} {apart > 0 ? 'ahead of' : 'behind'} real time
        </span>
      )}
      <button type="button" aria-pressed={paused} onClick={() => setClock({ paused: !paused })}>
        {paused ? 'Resume' : 'Pause'}
      </button>
      <fieldset class="row steps" aria-label="Step">
        {stepsMs.map((ms) => (
          <button
            key={ms}
            type="button"
            title={`Put the cluster's clock forward by ${span(ms)}: all that is due happens, in order`}
            onClick={() => act({ method: 'POST', path: '/warren/clock/step', body: { ms } })}
          >
            +{span(ms)}
          </button>
        ))}
      </fieldset>
      <label class="inline-label">
        Speed
        <select
          value={String(speed)}
          disabled={paused}
          onChange={(event) => setClock({ speed: Number(event.currentTarget.value) })}
        >
          {(speeds.includes(speed) ? speeds : [speed, ...speeds]).map((one) => (
            <option key={one} value={String(one)}>
              × {one}
            </option>
          ))}
        </select>
      </label>
    </div>
  )
}
