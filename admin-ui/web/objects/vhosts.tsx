// The virtual hosts there are, and the choice of one for a list.

import { api, useLive } from '../live.ts'
import { go } from '../router.ts'

/** Their names; empty until they are known. */
export function useVhosts(): readonly string[] {
  return (useLive<{ name: string }[]>(`${api.value}/vhosts?columns=name`).data ?? []).map(({ name }) => name)
}

export interface VhostSelectProps {
  /** Of the list: its first part is the vhost. */
  readonly page: string
  readonly vhost: string | undefined
  readonly vhosts: readonly string[]
}

/** Nothing where there is no choice. */
export function VhostSelect({ page, vhost, vhosts }: VhostSelectProps) {
  if (vhosts.length < 2) return null
  return (
    <select
      aria-label="Virtual host"
      value={vhost ?? ''}
      onChange={({ currentTarget: { value } }) => go(page, value === '' ? [] : [value])}
    >
      <option value="">All virtual hosts</option>
      {vhosts.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  )
}
