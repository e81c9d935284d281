// The presets that come with Warren, to begin a policy with.

import { useEffect } from 'preact/hooks'
import { useLive } from '../live.ts'

interface Preset {
  readonly name: string
  readonly about: string
  readonly text: string
}

export interface PresetsProps {
  readonly operator: boolean
  /** The name of one that is to be begun with at once. */
  readonly chosen: string | null
  onPreset(text: string): void
}

export function Presets({ operator, chosen, onPreset }: PresetsProps) {
  const { data = [] } = useLive<Preset[]>('/warren/policies/presets')
  const begin = data.find(({ name }) => name === chosen)?.text
  useEffect(() => {
    if (begin !== undefined) onPreset(begin)
  }, [begin])
  const suited = data.filter(({ text }) => /^ {2}operator: true$/m.test(text) === operator)
  return (
    <select
      class="preset-choice"
      aria-label="Start from a preset"
      value=""
      onChange={({ currentTarget }) => {
        const found = data.find(({ name }) => name === currentTarget.value)
        currentTarget.value = ''
        if (found !== undefined) onPreset(found.text)
      }}
    >
      <option value="">Start from a preset …</option>
      {suited.map(({ name, about }) => (
        <option key={name} value={name}>
          {name}: {about}
        </option>
      ))}
    </select>
  )
}
