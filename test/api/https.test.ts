// The admin port over TLS: the same API by HTTPS with the cluster's certificate, and no plain HTTP beside it.

import { request } from 'node:https'
import { expect, test } from 'vitest'
import { asGuest, type Json, send, site } from './support.ts'

test('the admin port speaks HTTPS when it is told to, and nothing else', async () => {
  const { cluster } = await site({ nodes: 1, tls: { admin: true } })
  const url = new URL(cluster.adminUrl!)
  expect(url.protocol).toBe('https:')
  const body = await new Promise<Json>((resolve, reject) => {
    const options = { ca: cluster.throwAway!.ca, headers: asGuest, servername: 'localhost' }
    const outgoing = request(new URL('/api/overview', url), options, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())))
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
  expect(body.listeners.map(({ protocol }: Json) => protocol)).toEqual(['amqp', 'amqp/ssl', 'https'])
  await expect(send(`http://${url.host}/api/overview`, 'GET', undefined, asGuest)).rejects.toThrow()
})
