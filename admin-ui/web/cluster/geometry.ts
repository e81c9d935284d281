// Where the cards of a cluster's nodes go, and where the lines between them run: two rows, so that lines seldom cross cards. Pure
// arithmetic; sizes in px.

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Line {
  readonly path: string
  /** Where its label is centred. */
  readonly x: number
  readonly y: number
}

/** How many cards are in the first of the two rows. */
export const firstRow = (count: number): number => (count <= 2 ? count : Math.ceil(count / 2))

/** The line between the cards `a` and `b` (indices, a < b) of `boxes`, in the page's order. */
export function lineBetween(boxes: readonly Box[], a: number, b: number): Line {
  const split = firstRow(boxes.length)
  const [one, other] = [boxes[a]!, boxes[b]!]
  if (a < split && b < split) return besides(one, other, b - a)
  if (a >= split) return besides(one, other, b - a)
  // Lines of one card begin side by side, in the order of where they go.
  const from = spread(one, b - split, boxes.length - split)
  const to = spread(other, a, split)
  const [top, bottom] = [one.y + one.height, other.y]
  // Labels of lines that cross would meet half way.
  const t = boxes.length <= 3 ? 0.5 : 0.3 + (0.4 * ((a + 2 * b) % 5)) / 4
  return {
    path: `M${from} ${top} L${to} ${bottom}`,
    x: from + (to - from) * t,
    y: top + (bottom - top) * t,
  }
}

const spread = ({ x, width }: Box, index: number, count: number): number =>
  x + (width * (index + 1)) / (count + 1)

function besides(one: Box, other: Box, apart: number): Line {
  const [from, to] = [one.x + one.width, other.x]
  if (apart === 1) {
    const y = Math.min(one.y + one.height, other.y + other.height, one.y + 70) - 20
    return { path: `M${from} ${y} L${to} ${y}`, x: (from + to) / 2, y }
  }
  // Around the cards between them.
  const y = one.y - 14 - 12 * (apart - 1)
  const [left, right] = [one.x + one.width / 2 + 12 * apart, other.x + other.width / 2 - 12 * apart]
  return {
    path: `M${left} ${one.y} L${left} ${y} L${right} ${y} L${right} ${other.y}`,
    x: (left + right) / 2,
    y,
  }
}
