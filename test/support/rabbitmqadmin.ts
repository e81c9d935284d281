// RabbitMQ's own rabbitmqadmin, as the Debian package brings it: where it is, how it is run against a management port, and
// what of its output is the same wherever it runs. Used by test/broker/rabbitmqadmin, on Warren and on a real broker.

import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The one that Debian's copy asks for; a wrapper of another takes its time. */
const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'
const library = '/usr/lib/rabbitmq/lib'
const inPlugin = /^rabbitmq_management-\d/

/** Debian's copy, and the one that the management plugin serves to browsers; only those that are there. */
export const copies: readonly string[] = [
  '/usr/bin/rabbitmqadmin',
  ...(existsSync(library) ? readdirSync(library) : []).flatMap((server) => {
    const plugins = join(library, server, 'plugins')
    const found = existsSync(plugins) ? readdirSync(plugins).filter((name) => inPlugin.test(name)) : []
    return found.map((plugin) => join(plugins, plugin, 'priv/www/cli/rabbitmqadmin'))
  }),
].filter((path) => existsSync(path))

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs it to its end; `input` is what it reads. Nobody's settings are read. */
export function run(copy: string, args: readonly string[], input = ''): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, [copy, ...args], {
      env: { ...process.env, HOME: '/nonexistent', COLUMNS: '80' },
    })
    const [out, err]: [Buffer[], Buffer[]] = [[], []]
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', reject)
    child.on('close', (code) =>
      resolve({ code: code ?? -1, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }),
    )
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

/** What differs from broker to broker gives way to its name: nodes, connections, hashes. */
export function comparable(text: string, node: string, vhost: string): string {
  const named = text
    .replaceAll(node, 'NODE')
    .replaceAll(vhost, 'VHOST')
    .replaceAll(/127\.0\.0\.1:\d+ -> 127\.0\.0\.1:\d+/g, 'CONNECTION')
    .replaceAll(/("password_hash": ?"|\| )[A-Za-z0-9+/]{48}\b/g, '$1HASH')
    .replaceAll(/~[\w-]{6}(?=\W|$)/g, '~HASH')
  // A table is as wide as its cells.
  return named.replaceAll(/ {2,}/g, ' ').replaceAll(/-{2,}/g, '--')
}
