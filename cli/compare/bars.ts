// How far a comparison is, as a bar on a terminal's last line; where there is no terminal nothing is written. Used by command.ts.

import type { Progress } from '../../compare/scenario/run.ts'

/** Not redrawn more often than this, in ms. */
const redrawMs = 100
const width = 30

export class Bars {
  private readonly out: NodeJS.WriteStream
  private drawnAt = 0
  private drawn = false

  constructor(out: NodeJS.WriteStream) {
    this.out = out
  }

  show(variant: string, target: string, { published, atMs, ofMs }: Parameters<Progress>[0]): void {
    if (!this.out.isTTY) return
    const now = Date.now()
    if (now - this.drawnAt < redrawMs) return
    this.drawnAt = now
    this.drawn = true
    const share = ofMs <= 0 ? 1 : Math.min(1, atMs / ofMs)
    const full = Math.round(share * width)
    const bar = `${'#'.repeat(full)}${'.'.repeat(width - full)}`
    const text = `${variant} (${target}) [${bar}] ${(atMs / 1000).toFixed(0)} s, ${published} messages`
    this.out.write(`\r\x1b[K${text.slice(0, Math.max(20, this.out.columns - 1))}`)
  }

  clear(): void {
    if (!this.drawn) return
    this.out.write('\r\x1b[K')
    this.drawn = false
  }
}
