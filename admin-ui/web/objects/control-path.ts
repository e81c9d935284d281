// Paths of the control API that answer for one node's view, as the page's choice has it.

import { segment } from '../http.ts'
import { view } from '../live.ts'

/** `/warren/…` with the view that is chosen; `parts` are encoded. */
export function controlPath(path: string, ...parts: string[]): string {
  const whole = ['/warren', path, ...parts.map(segment)].join('/')
  return view.value === '' ? whole : `${whole}?node=${segment(view.value)}`
}
