// What the HTTP API keeps of how a client introduced itself: its name, its properties and what was tuned
// (docs/observed.md §6, §17). Statistics of a real broker take seconds to
// arrive, so all tests of this file run at once.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Broker, broker } from '../support/broker.ts'
import { until } from '../support/clients.ts'
import { type Fields, PROTOCOL_HEADER, Wire } from './wire.ts'

let to: Broker
const wires: Wire[] = []
beforeAll(async () => {
  to = await broker()
})
afterAll(() => {
  for (const wire of wires) wire.destroy()
  return to.stop()
})

/** Opens a connection with these client properties and says how the HTTP API shows it. */
async function shown(clientProperties: Fields, tuned: Parameters<Wire['tuneOk']>[0] = {}): Promise<Fields> {
  const wire = await Wire.connect(to.url)
  wires.push(wire)
  wire.write(PROTOCOL_HEADER)
  await wire.expect('ConnectionStart')
  const response = Buffer.from('\0guest\0guest')
  wire.method(0, 'ConnectionStartOk', { clientProperties, mechanism: 'PLAIN', response })
  await wire.expect('ConnectionTune')
  wire.tuneOk(tuned)
  await wire.call(0, 'ConnectionOpen', { virtualHost: '/' }, 'ConnectionOpenOk')
  const { hostname, port } = new URL(to.url)
  const admin = to.admin ?? `http://${hostname}:${Number(port) + 10_000}`
  const name = encodeURIComponent(`127.0.0.1:${wire.localPort} -> 127.0.0.1:${port}`)
  return until('the connection is shown', async () => {
    const headers = { authorization: `Basic ${btoa('guest:guest')}` }
    const answer = await fetch(`${admin}/api/connections/${name}`, { headers })
    const entry = (await answer.json()) as Fields
    return answer.ok && 'frame_max' in entry ? entry : undefined
  })
}

it.concurrent('a connection’s name is shown by itself and among its properties', async () => {
  const entry = await shown({ connection_name: 'orders worker 1' })
  expect(entry['user_provided_name']).toBe('orders worker 1')
  expect(entry['client_properties']).toEqual({ connection_name: 'orders worker 1' })
})

it.concurrent('a connection without a name has none', async () => {
  const entry = await shown({ product: 'mine' })
  expect('user_provided_name' in entry).toBe(false)
  expect(entry['client_properties']).toEqual({ product: 'mine' })
})

it.concurrent.each([
  ['an empty name', ''],
  ['a name beyond ASCII', 'ünïcode 名'],
  ['a very long name', 'x'.repeat(3000)],
])('%s is shown as it is', async (_, name) => {
  expect((await shown({ connection_name: name }))['user_provided_name']).toBe(name)
})

it.concurrent('two connections may have one name', async () => {
  const [first, second] = await Promise.all([
    shown({ connection_name: 'twin' }),
    shown({ connection_name: 'twin' }),
  ])
  expect([first['user_provided_name'], second['user_provided_name']]).toEqual(['twin', 'twin'])
  expect(first['name']).not.toBe(second['name'])
})

it.concurrent('properties of every kind are kept', async () => {
  const properties = {
    product: 'mine',
    version: '1.2.3',
    number: 42,
    fraction: 1.5,
    truth: true,
    list: ['a', 1],
    table: { inner: { deep: 'x' } },
    capabilities: { publisher_confirms: true, 'basic.nack': false },
  }
  expect((await shown(properties))['client_properties']).toEqual(properties)
})

it.concurrent('what was tuned is shown', async () => {
  const entry = await shown({}, { channelMax: 100, frameMax: 8192, heartbeat: 30 })
  expect(entry).toMatchObject({
    channel_max: 100,
    frame_max: 8192,
    timeout: 30,
    ssl: false,
    auth_mechanism: 'PLAIN',
  })
})
