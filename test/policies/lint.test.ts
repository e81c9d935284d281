// Each rule of lint by two clusters, one in which it fires and one that differs in the point alone and is clean of it.
import { describe, expect, it, test } from 'vitest'
import { type Finding, lint, lintRules } from '../../policies/lint.ts'
import { exchange, type Parts, policy, queue, snapshot } from './snapshots.ts'

const ha = { 'ha-mode': 'all', 'ha-sync-mode': 'automatic' }
const two = { 'ha-mode': 'exactly', 'ha-params': 2, 'ha-sync-mode': 'automatic' }
const on = (...nodes: string[]) => ({ 'ha-mode': 'nodes', 'ha-params': nodes, 'ha-sync-mode': 'automatic' })
const [one, second] = ['rabbit@node1', 'rabbit@node2']
const orders = queue('orders')
const oneQueue = { queues: [orders] }

interface Case {
  readonly rule: string
  readonly fires: Parts
  readonly silent: Parts
  readonly severity: Finding['severity']
  /** What its sentence has to name. */
  readonly says: readonly string[]
  /** Names of the objects it has to list. */
  readonly objects?: readonly string[]
}

const cases: readonly Case[] = [
  {
    rule: 'same-priority',
    fires: { ...oneQueue, policies: [policy('ha', '^o', ha), policy('ttl', 's$', { 'message-ttl': 5000 })] },
    silent: {
      queues: [orders, queue('bills')],
      policies: [policy('ha', '^o', ha), policy('ttl', '^b', { 'message-ttl': 5000 })],
    },
    severity: 'error',
    says: ['policy "ha"'.replace('p', 'P'), 'policy "ttl"', 'priority 0', 'queue "orders"', 'undefined'],
    objects: ['orders'],
  },
  {
    rule: 'displaced',
    fires: {
      queues: [orders, queue('bills')],
      policies: [
        policy('ha', '^[ob]', ha),
        policy('ttl', '^orders', { 'message-ttl': 5000 }, { priority: 1 }),
      ],
    },
    silent: {
      queues: [orders, queue('bills')],
      policies: [
        policy('ha', '^[ob]', ha),
        policy('ttl', '^orders', { ...ha, 'message-ttl': 5 }, { priority: 1 }),
      ],
    },
    severity: 'warning',
    says: ['"ttl"', 'priority 1', '"ha"', 'queue "orders"', 'ha-mode and ha-sync-mode', 'no mirrors'],
    objects: ['orders'],
  },
  {
    rule: 'never-in-force',
    fires: { ...oneQueue, policies: [policy('a', '^orders', ha), policy('b', '^o', two, { priority: 1 })] },
    silent: {
      queues: [orders, queue('order')],
      policies: [policy('a', '^order', ha), policy('b', '^orders', two, { priority: 1 })],
    },
    severity: 'warning',
    says: ['"a"', 'none of queue "orders"', '"b" comes first'],
    objects: ['orders'],
  },
  {
    rule: 'matches-nothing',
    fires: { ...oneQueue, policies: [policy('a', '^Orders', ha)] },
    silent: { ...oneQueue, policies: [policy('a', '^orders', ha)] },
    severity: 'warning',
    says: ['"a" matches nothing', '"^Orders"'],
  },
  {
    rule: 'matches-everything',
    fires: { ...oneQueue, policies: [policy('a', '.*', ha)] },
    silent: { ...oneQueue, policies: [policy('a', '.*', ha, { priority: -1 })] },
    severity: 'info',
    says: ['"a" matches every', '".*"', 'priority 0'],
    objects: ['orders'],
  },
  {
    rule: 'unanchored',
    fires: { queues: [orders, queue('old-orders')], policies: [policy('a', 'orders', ha)] },
    silent: { queues: [orders, queue('old-orders')], policies: [policy('a', '^orders', ha)] },
    severity: 'warning',
    says: ['"orders" also matches queue "old-orders"'],
    objects: ['old-orders'],
  },
  {
    rule: 'loose-dot',
    fires: { queues: [queue('a.b'), queue('a-b')], policies: [policy('p', '^a.b', ha)] },
    silent: { queues: [queue('a.b'), queue('a-b')], policies: [policy('p', '^a\\.b', ha)] },
    severity: 'warning',
    says: ['queue "a-b"', 'dot'],
    objects: ['a-b'],
  },
  {
    rule: 'glob-star',
    fires: { ...oneQueue, policies: [policy('a', '^orders*', ha)] },
    silent: { ...oneQueue, policies: [policy('a', '^orders.*', ha)] },
    severity: 'warning',
    says: ['repeats "s"', 'no wildcard'],
    objects: ['orders'],
  },
  {
    rule: 'unknown-nodes',
    fires: { ...oneQueue, nodes: 2, policies: [policy('a', '^o', on(one, 'rabbit@nodeX'))] },
    silent: { ...oneQueue, nodes: 2, policies: [policy('a', '^o', on(one, second))] },
    severity: 'warning',
    says: ['"rabbit@nodeX"', 'no member'],
    objects: ['orders'],
  },
  {
    rule: 'mirrors-everywhere',
    fires: { ...oneQueue, nodes: 4, policies: [policy('a', '^o', ha)] },
    silent: { ...oneQueue, nodes: 3, policies: [policy('a', '^o', ha)] },
    severity: 'warning',
    says: ['each of 4 nodes', '3 links'],
    objects: ['orders'],
  },
  {
    rule: 'one-copy',
    fires: { ...oneQueue, policies: [policy('a', '^o', { ...two, 'ha-params': 1 })] },
    silent: { ...oneQueue, policies: [policy('a', '^o', two)] },
    severity: 'warning',
    says: ['"a" asks for one copy'],
    objects: ['orders'],
  },
  {
    rule: 'more-copies-than-nodes',
    fires: { ...oneQueue, nodes: 2, policies: [policy('a', '^o', { ...two, 'ha-params': 3 })] },
    silent: { ...oneQueue, nodes: 3, policies: [policy('a', '^o', { ...two, 'ha-params': 3 })] },
    severity: 'info',
    says: ['3 copies', '2 nodes'],
    objects: ['orders'],
  },
  {
    rule: 'can-lose-on-failure',
    fires: {
      ...oneQueue,
      policies: [
        policy('a', '^o', { 'ha-mode': 'all', 'ha-sync-mode': 'manual', 'ha-promote-on-failure': 'always' }),
      ],
    },
    silent: { ...oneQueue, policies: [policy('a', '^o', ha)] },
    severity: 'warning',
    says: ['can lose messages', 'ha-sync-mode manual', 'ha-promote-on-failure always'],
    objects: ['orders'],
  },
  {
    rule: 'can-lose-on-shutdown',
    fires: { ...oneQueue, policies: [policy('a', '^o', { ...ha, 'ha-promote-on-shutdown': 'always' })] },
    silent: {
      ...oneQueue,
      policies: [policy('a', '^o', { ...ha, 'ha-promote-on-shutdown': 'when-synced' })],
    },
    severity: 'warning',
    says: ['ha-promote-on-shutdown to always', 'lost'],
    objects: ['orders'],
  },
  {
    rule: 'may-stand-still',
    fires: {
      ...oneQueue,
      policies: [policy('a', '^o', { 'ha-mode': 'all', 'ha-promote-on-failure': 'when-synced' })],
    },
    silent: { ...oneQueue, policies: [policy('a', '^o', { ...ha, 'ha-promote-on-failure': 'when-synced' })] },
    severity: 'info',
    says: ['ha-sync-mode manual by default', 'when-synced'],
    objects: ['orders'],
  },
  {
    rule: 'sync-one-by-one',
    fires: { ...oneQueue, policies: [policy('a', '^o', { ...ha, 'ha-sync-batch-size': 1 })] },
    silent: { ...oneQueue, policies: [policy('a', '^o', { ...ha, 'ha-sync-batch-size': 2 })] },
    severity: 'info',
    says: ['ha-sync-batch-size to 1', '4096'],
    objects: ['orders'],
  },
  {
    rule: 'mirrored-temporary',
    fires: { queues: [orders, queue('reply', { autoDelete: true })], policies: [policy('a', '^[or]', ha)] },
    silent: { queues: [orders, queue('reply', { autoDelete: true })], policies: [policy('a', '^[o]', ha)] },
    severity: 'info',
    says: ['also mirrors queue "reply"'],
    objects: ['reply'],
  },
  {
    rule: 'exclusive-unmirrored',
    fires: { queues: [queue('mine', { exclusive: true })], policies: [policy('a', '^m', ha)] },
    silent: { queues: [queue('mine')], policies: [policy('a', '^m', ha)] },
    severity: 'info',
    says: ['queue "mine"', 'never mirrored'],
    objects: ['mine'],
  },
  {
    rule: 'leader-not-listed',
    fires: {
      nodes: 2,
      queues: [queue('orders', { leader: one, mirrors: [{ node: second, synced: false }] })],
      policies: [policy('a', '^o', on(second))],
    },
    silent: {
      nodes: 2,
      queues: [queue('orders', { leader: second })],
      policies: [policy('a', '^o', on(second))],
    },
    severity: 'warning',
    says: ['queue "orders"', `"${second}"`],
    objects: ['orders'],
  },
  {
    rule: 'unsynchronised-now',
    fires: {
      nodes: 2,
      queues: [queue('orders', { leader: one, messages: 1, mirrors: [{ node: second, synced: false }] })],
      policies: [policy('a', '^o', ha)],
    },
    silent: {
      nodes: 2,
      queues: [queue('orders', { leader: one, messages: 1, mirrors: [{ node: second, synced: true }] })],
      policies: [policy('a', '^o', ha)],
    },
    severity: 'warning',
    says: ['None of the mirrors of queue "orders"', '"a"'],
    objects: ['orders'],
  },
  {
    rule: 'two-node-minority',
    fires: { nodes: 2, partitionHandling: 'pause_minority' },
    silent: { nodes: 3, partitionHandling: 'pause_minority' },
    severity: 'warning',
    says: ['two nodes', 'pause_minority'],
  },
  {
    rule: 'unknown-to-type',
    fires: { ...oneQueue, policies: [policy('a', '^o', { ...ha, 'delivery-limit': 5 })] },
    silent: {
      queues: [queue('orders', { type: 'quorum' })],
      policies: [policy('a', '^o', { 'delivery-limit': 5 })],
    },
    severity: 'error',
    says: ['"a" does not match queue "orders" at all', 'delivery-limit', 'classic queues'],
    objects: ['orders'],
  },
  {
    rule: 'fits-no-type',
    fires: { policies: [policy('a', '^o', { ...ha, 'delivery-limit': 5 })] },
    silent: { policies: [policy('a', '^o', { 'delivery-limit': 5 })] },
    severity: 'error',
    says: ['classic queues do not know delivery-limit', 'quorum queues do not know ha-mode and ha-sync-mode'],
  },
  {
    rule: 'no-effect',
    fires: { ...oneQueue, policies: [policy('a', '^o', { ...ha, 'alternate-exchange': 'amq.fanout' })] },
    silent: {
      queues: [orders],
      exchanges: [exchange('open')],
      policies: [policy('a', '^o', { ...ha, 'alternate-exchange': 'amq.fanout' })],
    },
    severity: 'warning',
    says: ['alternate-exchange', 'no effect on queue "orders"'],
    objects: ['orders'],
  },
  {
    rule: 'argument-wins',
    fires: {
      queues: [queue('orders', { arguments: { 'x-dead-letter-exchange': 'amq.direct' } })],
      policies: [policy('a', '^o', { 'dead-letter-exchange': 'amq.fanout' })],
    },
    silent: {
      queues: [queue('orders', { arguments: { 'x-dead-letter-exchange': 'amq.fanout' } })],
      policies: [policy('a', '^o', { 'dead-letter-exchange': 'amq.fanout' })],
    },
    severity: 'info',
    says: ['dead-letter-exchange to "amq.fanout" without effect', 'queue "orders"', 'x-dead-letter-exchange'],
    objects: ['orders'],
  },
  {
    rule: 'needs-exchange',
    fires: { ...oneQueue, policies: [policy('a', '^o', { 'dead-letter-routing-key': 'x' })] },
    silent: {
      queues: [queue('orders', { arguments: { 'x-dead-letter-exchange': 'amq.direct' } })],
      policies: [policy('a', '^o', { 'dead-letter-routing-key': 'x' })],
    },
    severity: 'warning',
    says: ['dead-letter-routing-key', 'no dead-letter-exchange'],
    objects: ['orders'],
  },
  {
    rule: 'needs-limit',
    fires: { ...oneQueue, policies: [policy('a', '^o', { overflow: 'reject-publish' })] },
    silent: {
      ...oneQueue,
      policies: [policy('a', '^o', { overflow: 'reject-publish' })],
      operatorPolicies: [policy('o', '', { 'max-length': 5 }, { priority: -1 })],
    },
    severity: 'warning',
    says: ['overflow to "reject-publish"', 'queue "orders" has none'],
    objects: ['orders'],
  },
  {
    rule: 'operator-below-argument',
    fires: {
      queues: [queue('orders', { arguments: { 'x-max-length': 500 } })],
      operatorPolicies: [policy('cap', '^o', { 'max-length': 100 })],
    },
    silent: {
      queues: [queue('orders', { arguments: { 'x-max-length': 50 } })],
      operatorPolicies: [policy('cap', '^o', { 'max-length': 100 })],
    },
    severity: 'warning',
    says: ['Operator policy "cap"', 'max-length to 100', 'x-max-length', 'queue "orders"'],
    objects: ['orders'],
  },
  {
    rule: 'operator-below-policy',
    fires: {
      ...oneQueue,
      policies: [policy('a', '^o', { 'max-length': 500 })],
      operatorPolicies: [policy('cap', '^o', { 'max-length': 100 })],
    },
    silent: {
      ...oneQueue,
      policies: [policy('a', '^o', { 'max-length': 50 })],
      operatorPolicies: [policy('cap', '^o', { 'max-length': 100 })],
    },
    severity: 'info',
    says: ['"cap" caps max-length at 100', 'policy "a"'],
    objects: ['orders'],
  },
  {
    rule: 'policy-below-argument',
    fires: {
      queues: [queue('orders', { arguments: { 'x-message-ttl': 60_000 } })],
      policies: [policy('a', '^o', { 'message-ttl': 5000 })],
    },
    silent: {
      queues: [queue('orders', { arguments: { 'x-message-ttl': 5000 } })],
      policies: [policy('a', '^o', { 'message-ttl': 5000 })],
    },
    severity: 'info',
    says: ['message-ttl to 5000', 'x-message-ttl'],
    objects: ['orders'],
  },
  {
    rule: 'limit-without-effect',
    fires: {
      queues: [queue('orders', { arguments: { 'x-max-length': 5 } })],
      policies: [policy('a', '^o', { 'max-length': 50 })],
    },
    silent: {
      queues: [queue('orders', { arguments: { 'x-max-length': 5 } }), queue('others')],
      policies: [policy('a', '^o', { 'max-length': 50 })],
    },
    severity: 'info',
    says: ['max-length to 50 without effect', 'queue "orders"'],
    objects: ['orders'],
  },
  {
    rule: 'holds-nothing',
    fires: { ...oneQueue, policies: [policy('a', '^o', { 'message-ttl': 0 })] },
    silent: { ...oneQueue, policies: [policy('a', '^o', { 'message-ttl': 1000 })] },
    severity: 'warning',
    says: ['message-ttl to 0'],
    objects: ['orders'],
  },
  {
    rule: 'milliseconds',
    fires: { ...oneQueue, policies: [policy('a', '^o', { 'message-ttl': 60 })] },
    silent: { ...oneQueue, policies: [policy('a', '^o', { 'message-ttl': 60_000 })] },
    severity: 'info',
    says: ['message-ttl to 60', 'milliseconds'],
    objects: ['orders'],
  },
  {
    rule: 'expires-durable',
    fires: { ...oneQueue, policies: [policy('a', '^o', { expires: 60_000 })] },
    silent: {
      queues: [queue('orders', { durable: false })],
      policies: [policy('a', '^o', { expires: 60_000 })],
    },
    severity: 'warning',
    says: ['deletes queue "orders"', '60000 ms'],
    objects: ['orders'],
  },
  {
    rule: 'missing-exchange',
    fires: { ...oneQueue, policies: [policy('a', '^o', { 'dead-letter-exchange': 'dead' })] },
    silent: {
      ...oneQueue,
      exchanges: [exchange('dead')],
      policies: [policy('a', '^o', { 'dead-letter-exchange': 'dead' })],
    },
    severity: 'error',
    says: ['dead-letter-exchange "dead"', 'no such exchange'],
    objects: ['orders'],
  },
  {
    rule: 'dead-letter-to-itself',
    fires: { ...oneQueue, policies: [policy('a', '^o', { 'dead-letter-exchange': '' })] },
    silent: {
      ...oneQueue,
      policies: [policy('a', '^o', { 'dead-letter-exchange': '', 'dead-letter-routing-key': 'dead' })],
    },
    severity: 'warning',
    says: ['default exchange', 'back to the queue'],
    objects: ['orders'],
  },
  {
    rule: 'reject-to-nowhere',
    fires: {
      ...oneQueue,
      policies: [policy('a', '^o', { 'max-length': 5, overflow: 'reject-publish-dlx' })],
    },
    silent: {
      queues: [queue('orders', { arguments: { 'x-dead-letter-exchange': 'amq.direct' } })],
      policies: [policy('a', '^o', { 'max-length': 5, overflow: 'reject-publish-dlx' })],
    },
    severity: 'warning',
    says: ['reject-publish-dlx', 'nowhere'],
    objects: ['orders'],
  },
]

const found = (parts: Parts, rule: string) => lint(snapshot(parts)).filter((finding) => finding.rule === rule)

test('every rule has its case', () => {
  expect(cases.map(({ rule }) => rule).sort()).toEqual(lintRules.map(({ rule }) => rule).sort())
})

describe.each(cases)('$rule', ({ rule, fires, silent, severity, says, objects = [] }) => {
  it('fires once, names what it is about and says what to do', () => {
    const findings = found(fires, rule)
    expect(findings).toHaveLength(1)
    const [finding] = findings
    expect(finding!.severity).toBe(severity)
    for (const words of says) expect(finding!.sentence).toContain(words)
    expect(finding!.sentence).toMatch(/^[A-Z].*\.$/)
    expect(finding!.whatToDo).toMatch(/^[A-Z].*\.$/)
    expect(finding!.objects.map(({ name }) => name)).toEqual(objects)
    expect(finding!.objectCount).toBe(objects.length)
  })

  it('keeps silent where the point is not given', () => {
    expect(found(silent, rule)).toEqual([])
  })
})

describe('lint', () => {
  it('has nothing to say of a cluster whose policies are sound', () => {
    const policies = [
      policy('ha', '^orders', two, { applyTo: 'queues', priority: 1 }),
      policy('rest', '.*', { 'max-length': 1000 }, { applyTo: 'queues', priority: -1 }),
    ]
    expect(lint(snapshot({ nodes: 3, queues: [orders, queue('bills')], policies }))).toEqual([])
    expect(lint(snapshot({}))).toEqual([])
  })

  it('lists ten objects at most and says how many there are', () => {
    const queues = Array.from({ length: 30 }, (_, i) => queue(`orders-${String(i).padStart(2, '0')}`))
    const [finding] = found(
      { queues, policies: [policy('a', '^o', ha), policy('b', 'o', two)] },
      'same-priority',
    )
    expect(finding!.objects.map(({ name }) => name)).toEqual(queues.slice(0, 10).map(({ name }) => name))
    expect(finding!.objectCount).toBe(30)
    expect(finding!.sentence).toContain('queues "orders-00", "orders-01", "orders-02" and 27 more')
  })

  it('puts errors first and gives the same for the same snapshot', () => {
    const parts = {
      ...oneQueue,
      policies: [policy('a', '.*', { 'message-ttl': 60 }), policy('b', '^o', { 'ha-mode': 'all' })],
    }
    const findings = lint(snapshot(parts))
    expect(findings.map(({ severity }) => severity)).toEqual(['error', 'warning', 'warning', 'info', 'info'])
    expect(lint(snapshot(parts))).toEqual(findings)
  })

  it('names the vhost of whatever is not in /', () => {
    const policies = [policy('a', '^o', { 'message-ttl': 0 }, { vhost: 'shop' })]
    const [finding] = found({ queues: [queue('orders', { vhost: 'shop' })], policies }, 'holds-nothing')
    expect(finding!.sentence).toContain('Policy "a" of vhost "shop"')
    expect(finding!.policies).toEqual([{ kind: 'policy', vhost: 'shop', name: 'a' }])
  })

  it('keeps policies of different vhosts apart', () => {
    const policies = [policy('a', '^o', ha), policy('b', '^o', two, { vhost: 'shop' })]
    expect(
      found({ queues: [orders, queue('orders', { vhost: 'shop' })], policies }, 'same-priority'),
    ).toEqual([])
  })

  it('says which kind or vhost a policy that matches nothing has missed', () => {
    const wrongKind = [policy('a', '^orders', ha, { applyTo: 'exchanges' })]
    expect(found({ ...oneQueue, policies: wrongKind }, 'matches-nothing')[0]!.sentence).toContain(
      'applies to exchanges only, and its pattern "^orders" fits queue "orders"',
    )
    const wrongVhost = [policy('a', '^orders', ha, { vhost: 'shop' })]
    expect(found({ ...oneQueue, policies: wrongVhost }, 'matches-nothing')[0]!.sentence).toContain(
      'in another vhost',
    )
  })

  it('does not call equal definitions a tie, nor keys that neither object heeds', () => {
    const equal = [policy('a', '^o', ha), policy('b', 's$', ha)]
    expect(found({ ...oneQueue, policies: equal }, 'same-priority')).toEqual([])
    const idle = [policy('a', '^o', { 'message-ttl': 1000 }), policy('b', 's$', { 'message-ttl': 2000 })]
    expect(found({ exchanges: [exchange('orders')], policies: idle }, 'same-priority')).toEqual([])
  })

  it('looks at operator policies as at policies, each kind among its own', () => {
    const operatorPolicies = [policy('a', '^o', { expires: 5000 }), policy('b', 's$', { 'max-length': 5 })]
    const [finding] = found(
      { ...oneQueue, operatorPolicies, policies: [policy('c', '^ord', ha)] },
      'same-priority',
    )
    expect(finding!.policies.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'operator policy a',
      'operator policy b',
    ])
  })
})

describe('lint of a policy file on its own', () => {
  it('finds ties, covers and loose patterns by the patterns alone', () => {
    const policies = [
      policy('all', '.*', ha, { priority: 2 }),
      policy('a', '^orders', ha),
      policy('b', '^orders\\.eu', two),
      policy('c', 'bills', { expires: 5000 }),
    ]
    const findings = lint(snapshot({ policies }))
    const of = (rule: string) =>
      findings
        .filter((finding) => finding.rule === rule)
        .map(({ policies }) => policies.map(({ name }) => name))
    expect(of('same-priority')).toEqual([['a', 'b']])
    expect(of('never-in-force')).toEqual([
      ['a', 'all'],
      ['b', 'all'],
      ['c', 'all'],
    ])
    expect(of('unanchored')).toEqual([['c']])
    expect(of('matches-nothing')).toEqual([])
    expect(of('missing-exchange')).toEqual([])
  })

  it('says which policies are for queues of other types than classic', () => {
    const about = (definition: object, applyTo: 'all' | 'exchanges' = 'all') =>
      found({ policies: [policy('a', '^a', { ...definition }, { applyTo })] }, 'unknown-to-type').map(
        ({ severity, sentence }) => `${severity}: ${sentence}`,
      )
    expect(about({ 'delivery-limit': 5, expires: 5000 })).toEqual([
      'info: Policy "a" matches no classic queue: it holds delivery-limit, which only quorum queues know.',
    ])
    expect(about({ 'queue-leader-locator': 'balanced' })[0]).toContain('only quorum and stream queues know')
    expect(about(ha)).toEqual([])
    expect(about({ 'delivery-limit': 5 }, 'exchanges')).toEqual([])
    // No type at all has a rule of its own.
    expect(about({ ...ha, 'delivery-limit': 5 })).toEqual([])
  })

  it('sees the alternative that has no anchor of its own', () => {
    const about = (pattern: string) => found({ policies: [policy('a', pattern, ha)] }, 'unanchored').length
    expect(['^a|b', 'a', '(a|^b)', '\\Aa', '^a|^b', '^(a|b)', '(?i)^a', '.*', ''].map(about)).toEqual([
      1, 1, 1, 0, 0, 0, 0, 0, 0,
    ])
  })
})
