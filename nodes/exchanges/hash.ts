// The arithmetic of the hashing exchanges: a number for a text, and a bucket for a number. Real brokers use Erlang's hash,
// whose values nobody outside can foresee; what counts is that equal texts fall alike and different ones evenly.

/** 32 bits of `text`, well mixed: texts that differ in one character differ in all bits alike. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return mixed(hash)
}

function mixed(state: number): number {
  let z = state ^ (state >>> 16)
  z = Math.imul(z, 0x21f0aaad)
  z ^= z >>> 15
  z = Math.imul(z, 0x735a2d97)
  return (z ^ (z >>> 15)) >>> 0
}

/**
 * The bucket of `hash` among `count` (at least 1), from 0: one more bucket takes its share from all the others and moves
 * nothing between them. This is the jump consistent hash of Lamping and Veach, 2014; it takes about ln(count) steps.
 */
export function jumpBucket(hash: number, count: number): number {
  let state = hash | 0
  let bucket = 0
  for (let next = 0; next < count; ) {
    bucket = next
    state = (state + 0x9e3779b9) | 0
    // A fraction in (0, 1]: never 0, which would have no next bucket.
    next = Math.floor((bucket + 1) / ((mixed(state) + 1) / 0x1_0000_0000))
  }
  return bucket
}
