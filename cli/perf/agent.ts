// One client of a run, a producer or a consumer: a connection and the channels on it. When the connection is lost it makes
// another, after a pause, until the run ends. Made by run.ts, which hears of every loss and recovery.

import { setTimeout as pause } from 'node:timers/promises'
import type { Address } from './address.ts'
import { Connection, type ConnectionOptions, Ended } from './connection.ts'
import type { Part } from './part.ts'

/** Who is told what happens to an agent. */
export interface AgentListener {
  said(text: string): void
  /** It is lost for good. */
  failed(why: Ended): void
}

export class Agent {
  /** `producer #0`, `consumer #3`. */
  readonly name: string
  readonly parts: readonly Part[]
  readonly #addresses: readonly Address[]
  readonly #options: ConnectionOptions
  readonly #recoverySeconds: number | null
  readonly #listener: AgentListener
  readonly #closing = new AbortController()
  #connection: Connection | null = null
  #next: number
  #started = false

  /** `first` is the number of the address that is tried first; others follow when it is lost. */
  constructor(
    name: string,
    parts: readonly Part[],
    addresses: readonly Address[],
    first: number,
    options: ConnectionOptions,
    recoverySeconds: number | null,
    listener: AgentListener,
  ) {
    this.name = name
    this.parts = parts
    this.#addresses = addresses
    this.#next = first
    this.#options = options
    this.#recoverySeconds = recoverySeconds
    this.#listener = listener
  }

  /** Connects and opens its channels. Rejects with Ended. */
  async open(): Promise<void> {
    const address = this.#addresses[this.#next++ % this.#addresses.length]!
    const connection = await Connection.open(address, this.#options)
    try {
      for (const [i, part] of this.parts.entries()) await part.open(connection, i + 1)
    } catch (error) {
      await connection.close()
      throw error
    }
    if (this.#closing.signal.aborted) return connection.close()
    this.#connection = connection
    connection.onEnd = (why) => void this.#lost(why)
    connection.onBlocked = (reason) =>
      this.#listener.said(
        reason === null ? `${this.name}: unblocked` : `${this.name}: blocked by the broker: ${reason}`,
      )
    if (this.#started) this.#startParts()
  }

  start(): void {
    this.#started = true
    this.#startParts()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    for (const part of this.parts) part.stop()
    await this.#connection?.close()
  }

  #startParts(): void {
    for (const part of this.parts) if (!part.finished) part.start()
  }

  async #lost(why: Ended): Promise<void> {
    this.#connection = null
    for (const part of this.parts) part.lost()
    if (this.#recoverySeconds === null) return this.#listener.failed(why)
    this.#listener.said(`${this.name}: connection lost, ${why.message}`)
    while (!this.#closing.signal.aborted) {
      try {
        await pause(this.#recoverySeconds * 1000, undefined, { signal: this.#closing.signal })
        await this.open()
        return this.#listener.said(`${this.name}: connected again`)
      } catch (error) {
        if (this.#closing.signal.aborted) return
        if (!(error instanceof Ended)) throw error
        this.#listener.said(`${this.name}: ${error.message}`)
      }
    }
  }
}
