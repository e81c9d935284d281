// The policy files that come with Warren, to begin with: `warren policies presets`, `preset:NAME` where a file may be named, and the
// page's editor.

import { type Shipped, shippedTexts } from './shipped.ts'

export interface Preset extends Shipped {
  /** The first line of its comment. */
  readonly about: string
}

/** All presets, by name. */
export const presets = (): Preset[] =>
  shippedTexts('policies/presets').map((preset) => ({
    ...preset,
    about: /^# (.*)/.exec(preset.text)?.[1] ?? '',
  }))
