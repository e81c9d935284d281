// The way from mirrored queues to quorum queues, by definitions files of a few lines: what is in the way, what is written, and
// that nothing else changes.
import { describe, expect, it } from 'vitest'
import { definitionsOf } from '../../policies/definitions-file.ts'
import { migrate } from '../../policies/migrate.ts'

const ha = { 'ha-mode': 'all', 'ha-sync-mode': 'automatic' }

const queue = (name: string, args: object = {}, more: object = {}) => ({
  name,
  vhost: '/',
  durable: true,
  auto_delete: false,
  arguments: args,
  ...more,
})
const policy = (name: string, pattern: string, definition: object, more: object = {}) => ({
  vhost: '/',
  name,
  pattern,
  'apply-to': 'all',
  definition,
  priority: 0,
  ...more,
})

/** A whole file around these queues and policies. */
function file(queues: object[], policies: object[], more: object = {}) {
  return {
    rabbit_version: '3.10.8',
    rabbitmq_version: '3.10.8',
    product_name: 'RabbitMQ',
    users: [],
    vhosts: [{ name: '/' }],
    permissions: [],
    topic_permissions: [],
    parameters: [],
    global_parameters: [{ name: 'cluster_name', value: 'old' }],
    policies,
    queues,
    exchanges: [],
    bindings: [],
    ...more,
  }
}

const rules = (findings: readonly { rule: string }[]) => findings.map(({ rule }) => rule)
const names = (objects: readonly { name: string }[]) => objects.map(({ name }) => name)

describe('the migration check', () => {
  it('has nothing to say of a file without mirrored queues and writes it as it was', () => {
    const before = file(
      [queue('a'), queue('b', { 'x-queue-type': 'quorum' })],
      [policy('ttl', '^a', { expires: 5000 })],
    )
    const { findings, definitions, moved, staying } = migrate(before)
    expect([findings, moved, staying]).toEqual([[], [], []])
    expect(definitions).toEqual(before)
  })

  it('makes quorum queues of mirrored ones, takes mirroring from their policy and leaves all else', () => {
    const before = file(
      [queue('orders', { 'x-message-ttl': 1000 }), queue('other')],
      [policy('ha', '^orders', { ...ha, 'max-length': 5 }, { priority: 2, 'apply-to': 'queues' })],
    )
    const { definitions, moved, staying, findings } = migrate(before)
    expect([names(moved), names(staying)]).toEqual([['orders'], []])
    expect(definitions).toEqual({
      ...before,
      queues: [queue('orders', { 'x-message-ttl': 1000, 'x-queue-type': 'quorum' }), queue('other')],
      policies: [policy('ha', '^orders', { 'max-length': 5 }, { priority: 2, 'apply-to': 'queues' })],
    })
    expect(rules(findings)).toEqual(
      expect.arrayContaining(['declared-by-clients', 'delivery-limit', 'length-limits', 'policy-changed']),
    )
    expect(() => definitionsOf(definitions)).not.toThrow()
  })

  it('leaves the old file untouched', () => {
    const before = file([queue('orders')], [policy('ha', '^orders', ha)])
    const copy = structuredClone(before)
    migrate(before)
    expect(before).toEqual(copy)
  })

  it.each([
    ['transient', queue('q', {}, { durable: false })],
    ['auto-delete', queue('q', {}, { auto_delete: true })],
    ['priorities', queue('q', { 'x-max-priority': 5 })],
    ['reject-publish-dlx', queue('q', { 'x-overflow': 'reject-publish-dlx' })],
  ])('does not move a queue that is in the way by %s, and says why', (rule, stuck) => {
    const before = file([stuck], [policy('ha', '^q', ha)])
    const { definitions, staying, moved, findings } = migrate(before)
    expect(definitions).toEqual(before)
    expect([names(staying), names(moved)]).toEqual([['q'], []])
    const found = findings.find((finding) => finding.rule === rule)
    expect(found).toMatchObject({ severity: 'error', objectCount: 1 })
    expect(found!.sentence).toMatch(/^Queue "q" cannot be moved: .*\.$/)
    expect(found!.whatToDo).toMatch(/\.$/)
  })

  it('takes a reject-publish-dlx of the policy as it takes that of the queue', () => {
    const before = file([queue('q')], [policy('ha', '^q', { ...ha, overflow: 'reject-publish-dlx' })])
    expect(names(migrate(before).staying)).toEqual(['q'])
    const saved = file(
      [queue('q', { 'x-overflow': 'reject-publish' })],
      [policy('ha', '^q', { ...ha, overflow: 'reject-publish-dlx' })],
    )
    expect(names(migrate(saved).moved)).toEqual(['q'])
  })

  it('leaves out arguments that quorum queues do not take, and lists them', () => {
    const args = { 'x-queue-mode': 'lazy', 'x-queue-master-locator': 'min-masters', 'x-expires': 5000 }
    const { definitions, findings } = migrate(file([queue('q', args)], [policy('ha', '^q', ha)]))
    expect(definitions['queues']).toEqual([queue('q', { 'x-expires': 5000, 'x-queue-type': 'quorum' })])
    const found = findings.find(({ rule }) => rule === 'arguments-removed')
    expect(found!.sentence).toContain('x-queue-mode and x-queue-master-locator')
    expect(rules(findings)).toContain('expiry')
  })

  it('leaves queue-mode and queue-master-locator out of policies, which would not match otherwise', () => {
    const definition = { ...ha, 'queue-mode': 'lazy', 'queue-master-locator': 'random', expires: 5000 }
    const { definitions } = migrate(file([queue('q')], [policy('ha', '^q', definition)]))
    expect(definitions['policies']).toEqual([policy('ha', '^q', { expires: 5000 })])
  })

  it('splits a policy of queues of which some stay mirrored, so that both kinds keep what it said', () => {
    const before = file(
      [queue('q1'), queue('q2', { 'x-max-priority': 5 })],
      [policy('ha', '^q', { ...ha, 'message-ttl': 9000 }), policy('ha-quorum', '^z', { expires: 5 })],
    )
    const { definitions, findings } = migrate(before)
    expect(definitions['policies']).toEqual([
      before.policies[0],
      policy(
        'ha-quorum-2',
        '^q',
        { 'message-ttl': 9000, 'queue-leader-locator': 'client-local' },
        { 'apply-to': 'queues' },
      ),
      before.policies[1],
    ])
    expect(findings.find(({ rule }) => rule === 'policy-changed')!.sentence).toContain('"ha-quorum-2"')
    expect(rules(findings)).not.toContain('applies-otherwise')
  })

  it('drops a policy that did nothing but mirror, unless another one would come into force', () => {
    const alone = migrate(file([queue('q')], [policy('ha', '^q', ha)]))
    expect(alone.definitions['policies']).toEqual([])
    const above = migrate(
      file([queue('q')], [policy('ha', '^q', ha, { priority: 1 }), policy('ttl', '', { 'message-ttl': 5 })]),
    )
    expect(above.definitions['policies']).toEqual([
      policy('ha', '^q', { 'queue-leader-locator': 'client-local' }, { priority: 1 }),
      policy('ttl', '', { 'message-ttl': 5 }),
    ])
    expect(rules(above.findings)).not.toContain('applies-otherwise')
  })

  it('finds the policy that classic queues did not match and quorum queues do', () => {
    const before = file(
      [queue('q')],
      [
        policy('ha', '^q', { ...ha, 'max-length': 5 }),
        policy('limit', '', { 'delivery-limit': 3 }, { priority: 9 }),
      ],
    )
    const found = migrate(before).findings.find(({ rule }) => rule === 'applies-otherwise')
    expect(found).toMatchObject({ severity: 'error', policies: [{ name: 'limit' }] })
    expect(found!.sentence).toContain('delivery-limit and max-length of queue "q" would change')
  })

  it('keeps policies, parameters and entries that have keys nobody here knows', () => {
    const before = file(
      [queue('q', {}, { metadata: { since: 2019 } }), queue('s', { 'x-queue-type': 'stream' })],
      [policy('ha', '^q', ha), policy('p', '^s', { 'max-age': '7D' })],
      { parameters: [{ vhost: '/', component: 'shovel', name: 'x', value: { a: 1 } }], topic: 'kept' },
    )
    const { definitions } = migrate(before)
    expect(definitions).toMatchObject({
      parameters: before.parameters,
      topic: 'kept',
      policies: [before.policies[1]],
    })
    expect((definitions['queues'] as object[])[0]).toMatchObject({ metadata: { since: 2019 } })
  })

  it('reads and writes the file of one vhost, whose entries name none', () => {
    const { vhost: _v, ...q } = queue('q')
    const { vhost: _w, ...p } = policy('ha', '^q', { ...ha, expires: 5000 })
    const before = {
      rabbit_version: '3.10.8',
      parameters: [],
      policies: [p],
      queues: [q],
      exchanges: [],
      bindings: [],
    }
    const { definitions } = migrate(before, 'shop')
    expect(definitions).toEqual({
      ...before,
      queues: [{ ...q, arguments: { 'x-queue-type': 'quorum' } }],
      policies: [{ ...p, definition: { expires: 5000 } }],
    })
  })

  it('warns of message TTL before 3.10, of chosen nodes, and always of what the file does not show', () => {
    const nodes = { 'ha-mode': 'nodes', 'ha-params': ['rabbit@a'] }
    const old = { rabbit_version: '3.9.1', rabbitmq_version: '3.9.1' }
    const before = file([queue('q', { 'x-message-ttl': 5 })], [policy('ha', '^q', nodes)], old)
    expect(rules(migrate(before).findings)).toEqual(
      expect.arrayContaining(['message-ttl', 'chosen-nodes', 'outside-the-file', 'not-in-place']),
    )
    expect(
      rules(migrate({ ...before, rabbit_version: '3.10.8', rabbitmq_version: '3.10.8' }).findings),
    ).not.toContain('message-ttl')
  })
})
