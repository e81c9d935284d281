// A table that is flung shows some forty other rows in each frame; to draw all their cells at once takes longer than a frame may.
// So each frame draws a few, and the others say … until theirs comes.

import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Rows } from './rows.ts'

/** Rows that get their cells in one frame, at most. */
const rowsAFrame = 12

/** Rows that were drawn already, and so many others as may still be drawn in this frame; what waits is asked for again in the next. */
class FewAFrame<R> {
  private drawn = new Set<string>()
  private frame: unknown = null
  private left = 0
  waiting = false

  /** The rows from `from` until before `to`; undefined are those that have not come or must wait. */
  of(from: number, to: number, rows: Rows<R>, rowKey: (row: R) => string): (R | undefined)[] {
    const frame = document.timeline.currentTime
    if (frame !== this.frame) [this.frame, this.left] = [frame, rowsAFrame]
    const drawn = new Set<string>()
    const shown: (R | undefined)[] = []
    this.waiting = false
    for (let i = from; i < to; i++) {
      const row = rows.at(i)
      const key = row && rowKey(row)
      const may = key !== undefined && (this.drawn.has(key) || this.left-- > 0)
      if (may) drawn.add(key)
      else this.waiting ||= key !== undefined
      shown.push(may ? row : undefined)
    }
    this.drawn = drawn
    return shown
  }
}

/** For one table; call `of` in each of its drawings. */
export function useFewAFrame<R>(): FewAFrame<R> {
  const few = useRef(new FewAFrame<R>()).current
  const [, setTurn] = useState(0)
  useLayoutEffect(() => {
    if (!few.waiting) return
    few.waiting = false
    const next = requestAnimationFrame(() => setTurn((turn) => turn + 1))
    return () => cancelAnimationFrame(next)
  })
  return few
}
