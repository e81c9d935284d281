// A bad network for one client: what goes over its socket takes longer, or only so many bytes a second pass, in each direction
// by itself. Made by `listener` for sockets that were asked for; others never come here. Bytes keep their order, and a
// direction that holds much is to be fed no more: `full` says so.

import type { SocketShape } from './connection-carrier.ts'

/** How much one direction may hold before it is full, in bytes. */
const heldMost = 262_144
/** Throttled bytes pass in portions that take so long, in ms. */
const portionMs = 20

interface Portion {
  readonly bytes: Buffer
  readonly due: number
  readonly pass: (bytes: Buffer) => void
}

/** One direction of a socket. */
export class Shaped {
  shape: SocketShape = {}
  held = 0
  private portions: Portion[] = []
  private busyUntil = 0
  private lastDue = 0
  private timer: NodeJS.Timeout | null = null
  private after: (() => void) | null = null
  /** Called when it was full and no longer is. */
  private readonly onRoom: () => void

  constructor(onRoom: () => void) {
    this.onRoom = onRoom
  }

  get full(): boolean {
    return this.held >= heldMost
  }

  /** Nothing is under way and nothing would wait: bytes may go straight through. */
  get idle(): boolean {
    return this.portions.length === 0 && isWhole(this.shape)
  }

  /** Gives `bytes` to `pass` when their time has come, perhaps in portions. They are kept: the caller must not reuse them. */
  push(bytes: Buffer, pass: (bytes: Buffer) => void): void {
    const { delayMs = 0, bytesPerMs = Infinity } = this.shape
    const size = Math.max(1, Math.min(bytes.length, Math.floor(bytesPerMs * portionMs)))
    const now = performance.now()
    for (let at = 0; at < bytes.length; at += size) {
      const portion = bytes.subarray(at, at + size)
      this.busyUntil = Math.max(this.busyUntil, now) + portion.length / bytesPerMs
      this.lastDue = Math.max(this.lastDue, this.busyUntil + delayMs)
      this.portions.push({ bytes: portion, due: this.lastDue, pass })
    }
    this.held += bytes.length
    this.arm()
  }

  /** Runs `task` when all that is under way has passed. */
  afterAll(task: () => void): void {
    if (this.portions.length === 0) task()
    else this.after = task
  }

  /** What is under way passes at once, as far as the new shape allows. */
  reshape(shape: SocketShape): void {
    const { portions } = this
    this.shape = shape
    this.portions = []
    this.held = this.busyUntil = this.lastDue = 0
    for (const { bytes, pass } of portions) this.push(bytes, pass)
    if (isWhole(shape)) this.pass(Infinity)
  }

  /** Everything under way passes now. */
  flush(): void {
    this.pass(Infinity)
  }

  /** The socket is gone; what was under way goes nowhere. */
  drop(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
    this.portions = []
    this.after = null
    this.held = 0
  }

  private arm(): void {
    const first = this.portions[0]
    if (first === undefined || this.timer !== null) return
    this.timer = setTimeout(
      () => {
        this.timer = null
        this.pass(performance.now())
      },
      Math.max(0, first.due - performance.now()),
    )
  }

  private pass(until: number): void {
    const { full } = this
    let count = 0
    while (count < this.portions.length && this.portions[count]!.due <= until) count++
    for (const { bytes, pass } of this.portions.splice(0, count)) {
      this.held -= bytes.length
      pass(bytes)
    }
    if (full && !this.full) this.onRoom()
    if (this.portions.length > 0) return this.arm()
    const { after } = this
    this.after = null
    after?.()
  }
}

const isWhole = ({ delayMs = 0, bytesPerMs = Infinity }: SocketShape) =>
  delayMs === 0 && bytesPerMs === Infinity
