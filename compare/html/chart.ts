// Charts as SVG text: axes with round numbers, curves, and what is drawn behind them. Used by the files of this folder; colours
// are the page's classes, every number in the text is rounded so that equal data give equal bytes.

import { safe } from './words.ts'

export const width = 540
export const height = 190
const left = 56
const right = 12
const top = 12
const bottom = 30

export interface Scale {
  /** From a value to a place, in units of the drawing. */
  place(value: number): number
  readonly ticks: readonly { readonly value: number; readonly label: string }[]
}

/** A place in the drawing, to a tenth. */
export const at = (place: number): string => String(Math.round(place * 10) / 10)

/** Round steps: 1, 2 or 5 times a power of ten, about `wanted` of them up to `most`. */
export function steps(most: number, wanted: number): number[] {
  if (most <= 0) return [0]
  const raw = most / wanted
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = power * ([1, 2, 5, 10].find((times) => times * power >= raw * 0.999) ?? 10)
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, i) =>
    Number((i * step).toPrecision(12)),
  )
}

export const acrossScale = (most: number, label: (value: number) => string): Scale => ({
  place: (value) => left + ((width - left - right) * value) / (most || 1),
  ticks: steps(most, 6).map((value) => ({ value, label: label(value) })),
})

export const upScale = (most: number, label: (value: number) => string): Scale => ({
  place: (value) => height - bottom - ((height - top - bottom) * value) / (most || 1),
  ticks: steps(most, 4).map((value) => ({ value, label: label(value) })),
})

/** Powers of ten from `least` to `most`, both above 0. */
export function logScale(least: number, most: number, label: (value: number) => string): Scale {
  const [from, to] = [
    Math.floor(Math.log10(least)),
    Math.max(Math.ceil(Math.log10(most)), Math.floor(Math.log10(least)) + 1),
  ]
  return {
    place: (value) =>
      height -
      bottom -
      ((height - top - bottom) * (Math.log10(Math.max(value, 10 ** from)) - from)) / (to - from),
    ticks: Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i)).map((value) => ({
      value,
      label: label(value),
    })),
  }
}

/** Shares of all: 50 %, 90 %, 99 % … stand at equal distances, as far as there are points. */
export function shareScale(most: number): Scale {
  const nines = (share: number) => Math.log10(1 / (1 - Math.min(share, most)))
  const shares = [0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999].filter((share) => share <= most)
  return {
    place: (share) => left + ((width - left - right) * nines(share)) / (nines(most) || 1),
    ticks: shares.map((value) => ({ value, label: `${Number((value * 100).toPrecision(7))} %` })),
  }
}

/** A line through the points; `number` from 1 chooses the colour, and beyond six also dashes. */
export function curve(points: readonly (readonly [x: number, y: number])[], number: number): string {
  const path = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${at(x)} ${at(y)}`).join('')
  return `<path class="curve s${colour(number)}"${dashes(number)} d="${path}"/>`
}

export const colour = (number: number): number => ((number - 1) % 6) + 1
const dashes = (number: number) => (number > 6 ? ' stroke-dasharray="5 3"' : '')

/** A vertical line over the whole height, with words for who points at it. */
export const moment = (x: number, words: string): string =>
  `<line class="fault" x1="${at(x)}" x2="${at(x)}" y1="${top}" y2="${height - bottom}"><title>${safe(words)}</title></line>`

export const span = (from: number, to: number, words: string): string =>
  `<rect class="gap" x="${at(from)}" y="${top}" width="${at(Math.max(1, to - from))}" height="${height - bottom - top}"><title>${safe(words)}</title></rect>`

/** The whole drawing; `behind` before the grid, `inside` on top. */
export function drawing(words: string, x: Scale, y: Scale, behind: string, inside: string): string {
  const across = x.ticks.map(
    ({ value, label }) =>
      `<text x="${at(x.place(value))}" y="${height - bottom + 16}" text-anchor="middle">${safe(label)}</text>`,
  )
  const up = y.ticks.map(({ value, label }) => {
    const place = at(y.place(value))
    return (
      `<line class="grid-line" x1="${left}" x2="${width - right}" y1="${place}" y2="${place}"/>` +
      `<text x="${left - 7}" y="${at(y.place(value) + 4)}" text-anchor="end">${safe(label)}</text>`
    )
  })
  const axis = `<line class="axis" x1="${left}" x2="${width - right}" y1="${height - bottom}" y2="${height - bottom}"/>`
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${safe(words)}">${behind}${up.join('')}${across.join('')}${axis}${inside}</svg>`
}

/** Names of curves or boxes, in their colours. */
export const legend = (names: readonly string[], boxes = false): string =>
  `<div class="legend">${names
    .map(
      (name, i) =>
        `<span><i class="${boxes ? `box f${colour(i + 1)}` : `s${colour(i + 1)}`}"></i>${safe(name)}</span>`,
    )
    .join('')}</div>`
