// The wall clock of targets with real sockets: the order of tasks, catching up, and what a task throws.
import { afterEach, expect, test, vi } from 'vitest'
import { WallClock } from '../../compare/targets/wall-clock.ts'

afterEach(() => void vi.useRealTimers())

/** A clock of faked time. */
function faked(failed: (error: unknown) => void = () => {}): WallClock {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'],
  })
  return new WallClock(1, failed)
}

test('tasks run in the order of their times, then of their coming', () => {
  const clock = faked()
  const ran: string[] = []
  const delays = [7, 3, 9, 3, 1, 8, 2, 3, 6, 5, 4]
  for (const [i, delay] of delays.entries()) clock.after(delay, () => ran.push(`${delay}.${i}`))
  vi.advanceTimersByTime(20)
  expect(ran).toEqual('1.4 2.6 3.1 3.3 3.7 4.10 5.9 6.8 7.0 8.5 9.2'.split(' '))
})

test('a rate beyond a timer’s resolution is kept by catching up', () => {
  const clock = faked()
  let sent = 0
  const next = () => {
    sent++
    if (sent < 1000) clock.after(sent * 0.1 - clock.now, next)
  }
  next()
  vi.advanceTimersByTime(110)
  expect(sent).toBe(1000)
})

test('what a task throws is told, and the next task runs', () => {
  const told: unknown[] = []
  const clock = faked((error) => told.push(error))
  let ran = false
  clock.after(1, () => {
    throw new Error('planted')
  })
  clock.after(2, () => {
    ran = true
  })
  vi.advanceTimersByTime(10)
  expect([String(told[0]), ran]).toEqual(['Error: planted', true])
})

test('nothing runs after the end', () => {
  const clock = faked()
  let ran = false
  clock.after(1, () => {
    ran = true
  })
  clock.stop()
  vi.advanceTimersByTime(10)
  expect(ran).toBe(false)
})
