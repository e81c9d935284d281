// Says the script to a real cluster that `cluster.sh up 3` has started, and writes what it answered to test/data/ctl.json:
// `npm run oracle:ctl`, with the ORACLE_ variables of that cluster.

import { execFile } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { connect } from 'amqplib'
import { type Step, script, stage } from './script.ts'

const { ORACLE_DIR = '/tmp/rabbitmq-oracle', ORACLE_SHIFT = '0' } = process.env
const shift = Number(ORACLE_SHIFT)
const home = '/usr/lib/rabbitmq/lib'
const server = `${home}/${readdirSync(home).sort().at(-1)}/sbin`

const env = {
  ...process.env,
  HOME: `${ORACLE_DIR}/home`,
  ERL_EPMD_PORT: String(4371 + shift),
  ERL_EPMD_ADDRESS: '127.0.0.1',
  RABBITMQ_CONF_ENV_FILE: `${ORACLE_DIR}/env.conf`,
  RABBITMQ_CTL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
  LC_ALL: 'C.UTF-8',
}

function say({ tool, words }: Step) {
  return new Promise((resolve) => {
    execFile(`${server}/${tool}`, ['-n', 'r1@localhost', ...words], { env }, (error, out, err) => {
      const code = error === null ? 0 : error.code
      console.log(`${code} ${tool} ${words.join(' ')}`)
      resolve({ tool, words, code, out, err })
    })
  })
}

/** Names, types and labels of what a node's Prometheus port tells; values are of no interest. */
async function metrics(path: string): Promise<Record<string, { type: string; labels: string[] }>> {
  const text = await (await fetch(`http://127.0.0.1:${15_801 + shift}${path}`)).text()
  const found: Record<string, { type: string; labels: string[] }> = {}
  for (const line of text.split('\n')) {
    const [, name, type] = /^# TYPE (\S+) (\S+)/.exec(line) ?? []
    if (name !== undefined && type !== undefined) found[name] = { type, labels: [] }
    const [, sample = '', labels = ''] = /^([\w:]+)(?:\{(.*)\})? \S+$/.exec(line) ?? []
    const metric = found[sample] ?? found[sample.replace(/_(sum|count|bucket)$/, '')]
    const names = [...labels.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)].map(([, label]) => label).join(',')
    if (metric !== undefined && !metric.labels.includes(names)) metric.labels.push(names)
  }
  return found
}

const families = [
  ...['queue_coarse_metrics', 'queue_metrics', 'queue_consumer_count', 'connection_coarse_metrics'],
  ...['connection_metrics', 'channel_metrics', 'channel_exchange_metrics', 'channel_process_metrics'],
  ...['channel_queue_metrics', 'channel_queue_exchange_metrics', 'ra_metrics', 'auth_attempt_metrics'],
  ...['auth_attempt_detailed_metrics', 'vhost_status', 'exchange_names', 'exchange_bindings'],
  ...['node_coarse_metrics', 'node_metrics', 'node_persister_metrics', 'connection_churn_metrics'],
]

const clients: Awaited<ReturnType<typeof connect>>[] = []
await stage(async (node) => {
  const client = await connect(`amqp://127.0.0.1:${5700 + shift + node}`)
  client.on('error', () => {})
  clients.push(client)
  return client
})
// Statistics are a second late.
await new Promise((resolve) => setTimeout(resolve, 2500))
const paths = ['', '/per-object', '/detailed', ...families.map((family) => `/detailed?family=${family}`)]
const told: Record<string, unknown> = {}
for (const path of paths) told[path] = await metrics(`/metrics${path}`)
const write = (name: string, what: unknown) =>
  writeFileSync(`test/data/${name}.json`, `${JSON.stringify(what, null, 1)}\n`)
write('prometheus', told)
const recorded: unknown[] = []
for (const step of script) recorded.push(await say(step))
write('ctl', recorded)
for (const client of clients) await client.close().catch(() => {})
