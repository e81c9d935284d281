// What the command prints may be read by a program that stops reading.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

test.each(['ctl --help', 'ctl rebalance --help'])(
  'warren %s ends well when its reader has seen enough',
  (words) => {
    const script = `set -o pipefail; '${process.execPath}' '${cli}' ${words} | head -1`
    expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' })).toMatch(/^Usage: warren ctl/)
  },
)
