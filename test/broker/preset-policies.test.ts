// The presets of policies/presets are taken by the broker under test as they are, and given back as the policy file says: what
// a Warren starts with can be set on a RabbitMQ too.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { entriesOf, parsePolicyFile } from '../../policies/files.ts'
import { realm } from './realm.ts'

const here = realm('preset-policies')
const folder = join(import.meta.dirname, '..', '..', 'policies', 'presets')

test.each(readdirSync(folder))('%s', async (name) => {
  const entries = entriesOf(parsePolicyFile(readFileSync(join(folder, name), 'utf8'), name))
  for (const { operator = false, name: policy, vhost: _, ...body } of entries) {
    const path = `/${operator ? 'operator-policies' : 'policies'}/${here.vhost}/${policy}`
    expect([path, (await here.ask('PUT', path, body)).status]).toEqual([path, 201])
    const { body: kept } = await here.ask('GET', path)
    expect(kept).toEqual({ ...body, vhost: here.vhost, name: policy })
    expect((await here.ask('DELETE', path)).status).toBe(204)
  }
})
