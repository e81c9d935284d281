/**
 * A file's text as values, and where each of them stands in it. Called by `files` and by whoever else reads YAML of people, who
 * says what the values have to be; what is no YAML, or more than one document, is refused here.
 */
import {
  constructFromEvents,
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  YAMLException,
} from 'js-yaml'
import type { Path } from './file-entries.ts'
import { aliasFault } from './files-aliases.ts'

/** A refused file. The message is one sentence: `policies.yaml:7:5: policy "ha", definition.ha-mode: "some" is not …`. */
export class TextFileError extends Error {
  readonly fileName: string
  /** Counted from 1, as is the column. */
  readonly line: number
  readonly column: number

  constructor(fileName: string, { line, column }: Place, complaint: string) {
    super(`${fileName}:${line}:${column}: ${complaint}`)
    this.name = 'TextFileError'
    this.fileName = fileName
    this.line = line
    this.column = column
  }
}

export class PolicyFileError extends TextFileError {
  override readonly name = 'PolicyFileError'
}

/** What a file is expected to hold, in a sentence, and the error that refuses it. */
export interface FileKind {
  readonly what: string
  readonly Refusal: typeof TextFileError
}

/** A place in a file, both counted from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export interface Yaml {
  readonly value: unknown
  /** Where the innermost known part of a path begins. */
  readonly placeOf: (path: Path) => Place
}

/** The one document of a text, which is YAML, of which JSON is a part. Throws the kind's refusal. */
export function parseYaml(text: string, fileName: string, { what, Refusal }: FileKind): Yaml {
  try {
    const events = parseEvents(text, { filename: fileName })
    const documents = constructFromEvents(events, { source: text, filename: fileName })
    const positions = positionsOf(text, events)
    if (documents.length === 0) throw new Refusal(fileName, start, `the file is empty, ${what} is expected`)
    if (documents.length > 1) {
      const place = placeAt(text, secondDocumentAt(text, events[0]))
      const one = what.replace(/^a /, 'one ')
      throw new Refusal(fileName, place, `a second YAML document begins here, ${one} is expected`)
    }
    const placeOf = (path: Path): Place => {
      const position = positions.get(pathId(path))
      if (position !== undefined || path.length === 0) return placeAt(text, position ?? 0)
      return placeOf(path.slice(0, -1))
    }
    const fault = events.some(({ type }) => type === EVENT_ID.ALIAS) ? aliasFault(documents[0]) : null
    if (fault !== null) throw new Refusal(fileName, placeOf(fault.path), fault.complaint)
    return { value: documents[0], placeOf }
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const { line = 0, column = 0 } = error.mark ?? {}
    const place = { line: line + 1, column: column + 1 }
    throw new Refusal(fileName, place, `not valid YAML, ${error.reason}`)
  }
}

const start: Place = { line: 1, column: 1 }

/** Where each key and list item begins, by path, from one walk over the parser's events. */
function positionsOf(text: string, events: readonly Event[]): ReadonlyMap<string, number> {
  const positions = new Map<string, number>()
  let next = 0
  let read = 0
  const walk = (path: Path): void => {
    const event = events[next++]
    if (event?.type === EVENT_ID.SCALAR) read = Math.max(read, event.valueEnd)
    if (event?.type === EVENT_ID.SEQUENCE) {
      for (let index = 0; events[next]?.type !== EVENT_ID.POP; index++) {
        note([...path, index])
        walk([...path, index])
      }
      next++
    } else if (event?.type === EVENT_ID.MAPPING) {
      while (events[next]?.type !== EVENT_ID.POP) {
        const key = events[next]
        const inner = [...path, key?.type === EVENT_ID.SCALAR ? getScalarValue(text, key) : '']
        note(inner)
        next++
        walk(inner)
      }
      next++
    }
  }
  const note = (path: Path): void => {
    const position = positionOf(events[next])
    positions.set(pathId(path), position < 0 ? emptyItemAt(text, read) : withMark(text, position))
    read = Math.max(read, positions.get(pathId(path)) ?? 0) + 1
  }
  next++
  note([])
  walk([])
  return positions
}

/** The marker between the first document and the second; an empty one has no other trace. */
function secondDocumentAt(text: string, first: Event | undefined): number {
  const markers = [...text.matchAll(/^(?:---|\.\.\.)(?=\s|$)/gm)]
  const own = first?.type === EVENT_ID.DOCUMENT && first.explicitStart ? 1 : 0
  return markers[own]?.index ?? 0
}

/** A dash with nothing after it: the parser gives no position for an empty item. */
function emptyItemAt(text: string, from: number): number {
  const found = text.slice(from).search(/^[ \t]*-[ \t]*(?:#.*)?$/m)
  return from + Math.max(found, 0)
}

function positionOf(event: Event | undefined): number {
  switch (event?.type) {
    case EVENT_ID.SCALAR:
      return event.valueStart
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return event.start
    case EVENT_ID.ALIAS:
      return event.anchorStart
    default:
      return -1
  }
}

/** The parser's positions are those after a quotation mark or an alias's star. */
function withMark(text: string, position: number): number {
  return /["'*]/.test(text.charAt(position - 1)) ? position - 1 : position
}

function pathId(path: Path): string {
  return JSON.stringify(path)
}

function placeAt(text: string, position: number): Place {
  const lines = text.slice(0, position).split(/\r\n|\r|\n/)
  return { line: lines.length, column: lines.at(-1)!.length + 1 }
}
