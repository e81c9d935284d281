// The limits of a user or of a virtual host: what is set, setting one, taking one away.

import { useState } from 'preact/hooks'
import { act, succeeded } from '../actions.ts'
import { Section } from '../components/section.tsx'
import { ErrorLine } from '../components/toast.tsx'
import { count } from '../format.ts'
import { reasonOf, segment } from '../http.ts'
import { api, useLive } from '../live.ts'
import type { Limits as Entry } from './shapes.ts'

export interface LimitsProps {
  readonly of: 'user' | 'vhost'
  readonly name: string
}

const known = {
  user: ['max-connections', 'max-channels'],
  vhost: ['max-connections', 'max-queues'],
} as const

export function Limits({ of, name }: LimitsProps) {
  const path = `${api.value}/${of}-limits/${segment(name)}`
  const { data, error } = useLive<Entry[]>(path)
  const [limit, setLimit] = useState<string>(known[of][0])
  const [value, setValue] = useState('')
  const [refusal, setRefusal] = useState('')
  const set = async () => {
    const answer = await act(
      { method: 'PUT', path: `${path}/${limit}`, body: { value: Number(value) } },
      { quiet: true },
    )
    if (answer === null) return
    setRefusal(answer.status < 400 ? '' : reasonOf(answer.body))
    if (succeeded(answer)) setValue('')
  }
  const limits = Object.entries(data?.[0]?.value ?? {})
  return (
    <Section title="Limits" count={limits.length}>
      <ErrorLine text={error} />
      {limits.length === 0 ? (
        <p class="soft">No limits.</p>
      ) : (
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Limit</th>
              <th scope="col" class="right">
                Value
              </th>
              <th scope="col">
                <span class="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {limits.map(([key, set]) => (
              <tr key={key}>
                <td>{key}</td>
                <td class="right">{set < 0 ? 'no limit' : count(set)}</td>
                <td class="right">
                  <button
                    type="button"
                    class="small danger"
                    onClick={() => act({ method: 'DELETE', path: `${path}/${key}` })}
                  >
                    Clear
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault()
          void set()
        }}
      >
        <select aria-label="Limit" value={limit} onChange={(event) => setLimit(event.currentTarget.value)}>
          {known[of].map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
        <input
          type="number"
          required
          aria-label="Value"
          placeholder="a number; -1: none"
          value={value}
          onInput={(event) => setValue(event.currentTarget.value)}
        />
        <button type="submit">Set limit</button>
      </form>
      <ErrorLine text={refusal} />
    </Section>
  )
}
