// Which rows of a scrolled table are drawn: those in sight and a few beyond. While it is flung, further each time than anybody
// reads, none are: the lines between rows pass by, and the rows come when it rests.

import { useLayoutEffect, useRef, useState } from 'preact/hooks'

/** Of a row, in px, as the style sheet has it. */
export const rowHeight = 30
const overscan = 6
/** Without a further move for so long it rests. */
const restMs = 100

export interface Span {
  readonly first: number
  /** Not drawn any more. */
  readonly last: number
}

/** `hidden`: there is no table to scroll for now. */
export function useSpan(hidden: boolean) {
  const scroll = useRef<HTMLElement>(null)
  const height = useRef(0)
  const moved = useRef({ at: Number.NEGATIVE_INFINITY, rest: 0 })
  const [span, setSpan] = useState<Span>({ first: 0, last: 60 })
  const look = (resting: boolean) => {
    const scrollTop = scroll.current?.scrollTop ?? 0
    const [top, end] = [
      Math.floor(scrollTop / rowHeight),
      Math.ceil((scrollTop + height.current) / rowHeight),
    ]
    const { at } = moved.current
    const now = performance.now()
    if (!resting) moved.current.at = now
    clearTimeout(moved.current.rest)
    const drawn = Math.min(end, span.last) - Math.max(top, span.first)
    if (!resting && now - at < restMs && drawn < (end - top) / 2) {
      moved.current.rest = setTimeout(() => looking.current(true), restMs)
      return
    }
    const [first, last] = [Math.max(0, top - overscan), end + overscan]
    // A few rows more or less are not worth drawing anew.
    if (Math.abs(first - span.first) >= overscan / 2 || Math.abs(last - span.last) >= overscan / 2)
      setSpan({ first, last })
  }
  const looking = useRef(look)
  looking.current = look
  // Its height is told, never asked for: to ask after rows were drawn would have them laid out at once. It changes with their number.
  useLayoutEffect(() => {
    const section = scroll.current
    if (section === null) return
    const observer = new ResizeObserver(() => {
      height.current = section.clientHeight
      looking.current(true)
    })
    observer.observe(section)
    return () => {
      observer.disconnect()
      clearTimeout(moved.current.rest)
    }
  }, [hidden])
  return { scroll, span, onScroll: () => look(false) }
}
