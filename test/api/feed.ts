// A reader of GET /warren/events/stream as the tests want it: the events that have come, and a promise for the one to come.

import { get } from 'node:http'
import { onTestFinished } from 'vitest'
import { Bell } from '../support/clients.ts'
import { asGuest, type Json } from './support.ts'

export interface Told {
  readonly event: string
  readonly id: string | undefined
  readonly data: Json
}

export class Reader {
  readonly told: Told[] = []
  private readonly bell = new Bell()
  private rest = ''

  /** Opens the stream; it ends with the test. */
  static async open(url: string, query = '', headers: Record<string, string> = {}): Promise<Reader> {
    const reader = new Reader()
    const request = get(`${url}/warren/events/stream${query}`, { headers: { ...asGuest, ...headers } })
    onTestFinished(() => void request.destroy())
    request.on('error', () => {})
    request.on('response', (response) => {
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => reader.take(chunk))
    })
    await reader.until('hello')
    return reader
  }

  /** The first event of this kind, from the `from`-th of all on, for which `wanted` holds. */
  async until(event: string, wanted: (data: Json) => boolean = () => true): Promise<Json> {
    const find = () => this.told.find((one) => one.event === event && wanted(one.data))
    await this.bell.until(
      () => find() !== undefined,
      () => `no such '${event}' among ${this.told.length} events`,
    )
    return find()!.data
  }

  private take(chunk: string): void {
    const parts = (this.rest + chunk).split('\n\n')
    this.rest = parts.pop()!
    for (const part of parts) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1]
      this.told.push({
        event: field('event') ?? '',
        id: field('id'),
        data: JSON.parse(field('data') ?? 'null'),
      })
    }
    this.bell.ring()
  }
}
