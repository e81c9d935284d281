// Parsers for the values of command line options. Commander calls them and turns what they refuse into one sentence
// that names the option; they never read anything but the value.

import { InvalidArgumentError } from 'commander'
import { memoryLimitOf } from '../nodes/memory.ts'

/** An integer of `from` to `to`, in plain digits. */
export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < from || value > to)
      throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`)
    return value
  }
}

/** One of a few words. */
export function oneOf<Word extends string>(...words: Word[]): (text: string) => Word {
  return (text) => {
    const word = words.find((known) => known === text)
    if (word === undefined)
      throw new InvalidArgumentError(`It must be ${words.slice(0, -1).join(', ')} or ${words.at(-1)}.`)
    return word
  }
}

/** A size in bytes with RabbitMQ's units, or a share of the machine's memory; kept as text. */
export function memorySize(text: string): string {
  if (memoryLimitOf(text, 1) === null)
    throw new InvalidArgumentError('It must be a size such as 512MB or 1GiB, or a share from 0 to 1.')
  return text
}

/** Names with commas between them; an option given again adds to them. */
export function commaList(text: string, before: readonly string[] = []): string[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.some((name) => name === ''))
    throw new InvalidArgumentError('It must be names with commas between them.')
  return [...before, ...names]
}

/** An option that may be repeated. */
export const collected = (text: string, before: string[] = []): string[] => [...before, text]
