// What a preview says, one thing a test: on plain snapshots, so that each is certain. That it comes true is another test's
// (preview-equals-reality).
import { describe, expect, test } from 'vitest'
import { changeTo } from '../../policies/change.ts'
import { comparison } from '../../policies/comparison.ts'
import { type Preview, preview, type QueueChange } from '../../policies/preview.ts'
import type { QueueSnapshot, Snapshot } from '../../policies/snapshot.ts'
import { type Definition, exchange, type Parts, policy, queue, snapshot } from './snapshots.ts'

const node = (number: number | string) => `rabbit@node${number}`
const nodes = (...numbers: number[]) => ({ 'ha-mode': 'nodes', 'ha-params': numbers.map(node) })
const all = { 'ha-mode': 'all' }
const automatic = { 'ha-sync-mode': 'automatic' }

/** `1 [2 3?]`: led by node 1, mirrors on 2 and, not synchronised, on 3; each message has 100 bytes and is persistent. */
function held(replicas: string, messages = 0, more: Partial<QueueSnapshot> = {}): QueueSnapshot {
  const [leader = '', list = ''] = replicas.replace(']', '').split(' [')
  const mirrors = list.split(' ').filter((mirror) => mirror !== '')
  return queue('q', {
    leader: node(leader),
    mirrors: mirrors.map((mirror) => ({
      node: node(mirror.replace('?', '')),
      synced: !mirror.endsWith('?'),
    })),
    messages,
    messageBytes: 100 * messages,
    persistent: messages,
    ...more,
  })
}

const of = (parts: Parts) => snapshot({ nodes: 3, ...parts })

/** What setting `definition` for all queues does to this one; `before` is what it follows. */
function setting(definition: Definition, one: QueueSnapshot, before?: Definition): Preview {
  const policies = before === undefined ? [] : [policy('p', '', before)]
  return preview(of({ queues: [one], policies }), { set: [policy('p', '', definition)] })
}

const only = ({ queues }: Preview): QueueChange => {
  expect(queues).toHaveLength(1)
  return queues[0]!
}

/** As `held` takes them; `+1 of 2 3` for those that chance chooses. */
function placements({ placement }: QueueChange): string[] {
  const short = (name: string) => name.replace('rabbit@node', '')
  return (placement?.to ?? []).map(({ leader, mirrors, chosen }) => {
    const list = mirrors.map((mirror) => short(mirror.node) + (mirror.synced ? '' : '?'))
    if (chosen !== null)
      list.push(`+${chosen.count}${chosen.synced ? '' : '?'} of ${chosen.of.map(short).join(' ')}`)
    return `${short(leader)} [${list.join(' ')}]`
  })
}

describe('queues and exchanges that change', () => {
  const orders = held('1')

  test('are told with their policies and effective definitions before and after', () => {
    const seen = of({
      queues: [orders, queue('other', { leader: node(1) })],
      exchanges: [exchange('q')],
      policies: [policy('old', '^q', { 'max-length': 9 }, { applyTo: 'queues' })],
      operatorPolicies: [policy('cap', '^q', { 'max-length': 7 }, { applyTo: 'queues' })],
    })
    const found = preview(seen, { set: [policy('new', '^q', { 'message-ttl': 5 }, { priority: 1 })] })
    expect(only(found)).toMatchObject({
      policy: { from: 'old', to: 'new' },
      operatorPolicy: { from: 'cap', to: 'cap' },
      definition: { from: { 'max-length': 7 }, to: { 'max-length': 7, 'message-ttl': 5 } },
      placement: null,
    })
    expect(found.exchanges).toEqual([
      {
        vhost: '/',
        name: 'q',
        policy: { from: null, to: 'new' },
        definition: { from: {}, to: { 'message-ttl': 5 } },
      },
    ])
  })

  test('are none when the change displaces nothing', () => {
    const policies = [policy('p', '', all, { priority: 1 })]
    const mirrored = held('1 [2 3]')
    const found = preview(of({ queues: [mirrored], policies }), { set: [policy('late', '', nodes(3))] })
    expect([found.queues, found.exchanges, found.later]).toEqual([[], [], []])
  })

  test('are those of a vhost whose policies change, and no others', () => {
    const queues = [{ ...orders, vhost: 'test' }, orders]
    const found = preview(of({ queues }), { set: [policy('p', '', all, { vhost: 'test' })] })
    expect(found.queues.map(({ vhost }) => vhost)).toEqual(['test'])
  })

  test('wait when they are down', () => {
    const found = setting(all, held('1', 0, { state: 'down' }))
    expect(found.queues).toEqual([])
    expect(found.later).toMatchObject([{ name: 'q', leader: node(1), policy: { from: null, to: 'p' } }])
  })

  test('change with a policy that goes, and with one that an operator sets', () => {
    const policies = [policy('p', '', { 'max-length': 9 })]
    const seen = of({ queues: [orders], policies })
    const gone = only(preview(seen, { clear: [{ vhost: '/', name: 'p' }] }))
    expect(gone.definition).toEqual({ from: { 'max-length': 9 }, to: {} })
    const capped = only(preview(seen, { setOperator: [policy('cap', '', { 'max-length': 5 })] }))
    expect([capped.operatorPolicy.to, capped.definition.to]).toEqual(['cap', { 'max-length': 5 }])
  })

  test('follow a whole file: what is not in it goes, what is equal stays', () => {
    const [kept, gone, come] = [policy('a', '^q', all), policy('b', '', nodes(2)), policy('c', '^x', all)]
    const change = changeTo([kept, gone], [{ ...kept }, come])
    expect(change).toEqual({ set: [come], clear: [{ vhost: '/', name: 'b' }] })
  })
})

describe('leaders and mirrors', () => {
  test.each([
    ['1', all, '1 [2 3]'],
    ['1 [2 3]', { 'max-length': 5 }, '1 []'],
    ['1 [3 2]', { 'ha-mode': 'exactly', 'ha-params': 2 }, '1 [3]'],
    ['1', { 'ha-mode': 'exactly', 'ha-params': 2 }, '1 [+1 of 2 3]'],
    ['1', { 'ha-mode': 'exactly', 'ha-params': 9 }, '1 [+2 of 2 3]'],
    ['1 [2]', nodes(2, 3), '2 [3]'],
    ['1', nodes(3), '3 []'],
  ])('of an empty queue go from %s under %j to %s', (replicas, definition, expected) => {
    expect(
      placements(only(setting(definition, held(replicas), { 'ha-mode': 'all', 'max-length': 99 }))),
    ).toEqual([expected])
  })

  test('move by way of a synchronised mirror that is not wanted either', () => {
    const change = only(setting({ ...nodes(1), ...automatic }, held('2 [3]', 5), all))
    expect([placements(change), change.leaders]).toEqual([['1 []'], [node(3), node(1)]])
    expect(change.sync).toMatchObject({ how: 'automatic', mirrors: 1, messages: 5, bytes: 500 })
  })

  test('wait for a synchronised mirror, and the preview says so', () => {
    const change = only(setting(nodes(2, 3), held('1', 5)))
    expect([placements(change), change.leaders]).toEqual([['1 [2? 3?]'], []])
    expect(change.risks.map(({ kind }) => kind)).toContain('leader-waits')
    expect(change.risks.find(({ kind }) => kind === 'leader-waits')!.text).toContain(
      'until a mirror is synchronised',
    )
  })

  test('stay where they are when none of the named nodes runs', () => {
    const seen = of({ queues: [held('1', 5)] })
    const running: Snapshot = {
      ...seen,
      nodes: seen.nodes.map(({ name }) => ({ name, running: name !== node(3) })),
    }
    const found = preview(running, { set: [policy('p', '', nodes(3))] })
    expect(only(found)).toMatchObject({ placement: null, risks: [{ kind: 'nowhere' }] })
  })

  test('are one, whichever mirror is filled first, and how much is filled is said to be uncertain', () => {
    const change = only(setting({ ...nodes(3), ...automatic }, held('1 [2? 3?]', 5), all))
    expect([placements(change), change.sync?.about]).toEqual([['3 []'], true])
  })

  test('are several where nobody knows whether a limit drops just what a mirror lacks', () => {
    const mirrors = [{ node: node(2), synced: false, missing: 2 }]
    const one = held('1', 6, { mirrors, arguments: { 'x-max-priority': 3 } })
    const exactly = { 'ha-mode': 'exactly', 'ha-params': 2 }
    expect(placements(only(setting({ ...exactly, 'max-length': 3 }, one, exactly)))).toEqual([
      '1 [2?]',
      '1 [2]',
    ])
  })

  test('of an exclusive queue and of one that waits for its leader stay', () => {
    expect(only(setting(all, held('1', 0, { exclusive: true })))).toMatchObject({
      placement: null,
      risks: [],
    })
    expect(only(setting(all, held('1', 0, { state: 'waiting' })))).toMatchObject({
      placement: null,
      leaders: [],
    })
  })

  test('are counted node by node', () => {
    const { nodes: found, totals } = setting(nodes(2, 3), held('1 [2]'), all)
    expect(
      found.map(({ leaders, mirrorsStarted, mirrorsStopped }) => [
        leaders.from,
        leaders.to,
        mirrorsStarted,
        mirrorsStopped,
      ]),
    ).toEqual([
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
    ])
    expect(totals).toMatchObject({ leaderMoves: 1, mirrorsStarted: 1, mirrorsStopped: 0 })
  })
})

describe('what has to be synchronised', () => {
  test.each([
    [{ ...all, ...automatic }, 'automatic'],
    [all, 'manual'],
  ])('under %j is %s', (definition, how) => {
    const { totals, ...found } = setting(definition, held('1', 5))
    expect(found.queues[0]!.sync).toEqual({ how, mirrors: 2, messages: 10, bytes: 1000, about: false })
    expect(totals[how as 'manual']).toEqual({ messages: 10, bytes: 1000 })
  })

  test('is nothing for an empty queue', () => {
    expect(only(setting(all, held('1'))).sync).toBeNull()
  })

  test('is what mirrors lack that have been there before, once the policy says automatic', () => {
    const change = only(setting({ ...all, ...automatic }, held('1 [2? 3]', 5), all))
    expect([placements(change), change.sync?.messages]).toEqual([['1 [2 3]'], 5])
  })

  test('is left after a limit has dropped messages, and a mirror that lacked only these is synchronised', () => {
    const one = held('1', 6, {
      mirrors: [
        { node: node(2), synced: false, missing: 2 },
        { node: node(3), synced: false, missing: 5 },
      ],
    })
    const change = only(setting({ ...all, 'max-length': 3 }, one, all))
    expect([placements(change), change.dropped, change.sync?.messages]).toEqual([
      ['1 [2 3?]'],
      { messages: 3, about: false },
      3,
    ])
  })
})

describe('what is at risk', () => {
  const risks = (definition: Definition, one: QueueSnapshot, before?: Definition) =>
    Object.fromEntries(only(setting(definition, one, before)).risks.map(({ kind, text }) => [kind, text]))

  test('are the messages that an unsynchronised mirror lacks, until it is filled', () => {
    expect(risks({ ...all, ...automatic }, held('1', 5))).toMatchObject({
      unsynchronised: `A crash of ${node(1)} until the mirrors are filled promotes a mirror that lacks 5 messages.`,
      busy: expect.stringContaining('5 messages'),
    })
  })

  test('is the queue itself where no unsynchronised mirror may lead', () => {
    const careful = { ...all, 'ha-promote-on-failure': 'when-synced' }
    expect(risks(careful, held('1', 5))['unsynchronised']).toContain('without a leader')
  })

  test('is a single copy, dropped messages, a queue that expires', () => {
    const found = risks({ 'max-length': 2, expires: 1000 }, held('1 [2]', 5), all)
    expect(found['one-copy']).toContain(`Only ${node(1)}`)
    expect(found['messages-dropped']).toContain('3 messages from the head at once: lost')
    expect(found['queue-expires']).toContain('1000 ms')
  })

  test('are messages that go to a dead letter exchange instead', () => {
    const found = risks({ 'max-length': 2, 'dead-letter-exchange': 'dlx' }, held('1', 5))
    expect(found['messages-dropped']).toContain('dead-lettered to exchange "dlx"')
  })
})

describe('the loss of each node', () => {
  const cost = ({ losses }: Preview, number: number) => {
    const { before, meanwhile, after } = losses[number - 1]!
    return [before, meanwhile, after].map(({ unavailable, messages }) => [unavailable, messages])
  }

  test('costs an unmirrored queue, until it has mirrors that are filled', () => {
    const found = setting({ ...all, ...automatic }, held('1', 5))
    expect(cost(found, 1)).toEqual([
      [1, 0],
      [0, 5],
      [0, 0],
    ])
    expect(cost(found, 2)).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ])
  })

  test('costs what mirrors lack as long as nobody fills them', () => {
    expect(cost(setting(all, held('1', 5)), 1)[2]).toEqual([0, 5])
  })

  test('costs a queue that is not durable all it has, and a durable one its transient messages', () => {
    const limit = { 'max-length': 9 }
    expect(cost(setting(limit, held('1', 5, { durable: false, persistent: 0 })), 1)[0]).toEqual([1, 5])
    expect(cost(setting(limit, held('1', 5, { persistent: 3 })), 1)[0]).toEqual([1, 2])
  })
})

describe('bodies over links', () => {
  test.each([
    [{ 'max-length': 9 }, 6.7],
    [{ 'ha-mode': 'exactly', 'ha-params': 2 }, 33.3],
    [all, 50],
  ])('at ten publishes a second are, under %j, %d', (definition, expected) => {
    // One replica: 2 of 3 publishers are elsewhere. k replicas: k less k/3 straight, and k round the ring.
    expect(setting(definition, held('1', 0, { publishRate: 10 })).bodiesPerSecond).toEqual({
      from: 6.7,
      to: expected,
    })
  })
})

test('what a change did is told in the same shape', () => {
  const before = of({ queues: [held('1 [2]', 5)], policies: [policy('p', '', all)] })
  const now = [policy('p', '', nodes(2, 3))]
  const after = of({ queues: [held('2 [3?]', 5)], policies: now })
  const announced = only(preview(before, { set: now }))
  const found = only(comparison(before, after))
  expect([placements(found), found.leaders]).toEqual([['2 [3?]'], [node(2)]])
  expect(found).toMatchObject({
    policy: announced.policy,
    definition: announced.definition,
    starts: announced.starts,
  })
})
