// A message's journey as a sequence diagram: who takes part, and which arrows go between them in which order. What is
// recorded is drawn as it is; what follows from where leader and mirrors are (relaying, replication) is marked as inferred.
// Pure arithmetic over the server's answer.

export interface Step {
  readonly at: number
  readonly step: string
  readonly node: string
  readonly channel: number
}

export interface JourneyQueue {
  readonly vhost: string
  readonly queue: string
  readonly id: number
  readonly mirrors: readonly string[]
  readonly steps: readonly Step[]
}

export interface Journey {
  readonly channel: number
  readonly seq: number
  readonly channels: readonly { readonly channel: number; readonly node: string; readonly client: string }[]
  readonly queues: readonly JourneyQueue[]
}

export interface Participant {
  readonly key: string
  readonly title: string
  /** Of a client: its address. */
  readonly more: string
  readonly kind: 'client' | 'node'
}

export interface Arrow {
  /** Ms since the epoch; null when it is inferred. */
  readonly at: number | null
  /** Indices of participants; equal: something that happens there. */
  readonly from: number
  readonly to: number
  readonly text: string
  readonly tone: 'publish' | 'replicate' | 'confirm' | 'deliver' | 'ack' | 'lost'
}

export interface Diagram {
  readonly participants: readonly Participant[]
  readonly arrows: readonly Arrow[]
}

const lost: Readonly<Record<string, string>> = {
  expired: 'expired: its TTL was over',
  maxlen: 'dropped: the queue was full',
  purged: 'purged',
  rejected: 'rejected by the consumer',
  refused: 'refused: the publisher gets a nack',
}

export function diagramOf(journey: Journey): Diagram {
  const participants: Participant[] = []
  const at = (participant: Participant): number => {
    const found = participants.findIndex(({ key }) => key === participant.key)
    return found >= 0 ? found : participants.push(participant) - 1
  }
  const node = (name: string) => at({ key: name, title: name.replace(/^[^@]*@/, ''), more: '', kind: 'node' })
  const where = (channel: number) => journey.channels.find((one) => one.channel === channel)
  const client = (channel: number, role: string) => {
    const known = where(channel)
    const more = known === undefined ? 'gone' : known.client.split(' ')[0]!
    return at({ key: `${role} ${known?.client ?? channel}`, title: role, more, kind: 'client' })
  }
  const arrows: Arrow[] = []
  const add = (when: number | null, from: number, to: number, text: string, tone: Arrow['tone']) =>
    arrows.push({ at: when, from, to, text, tone })

  const firstSteps = journey.queues.map(({ steps }) => steps.find(({ step }) => step === 'published'))
  const publishedAt = firstSteps.find((step) => step !== undefined)?.at ?? null
  const entrance = where(journey.channel)?.node
  const publisher = journey.channel === 0 ? null : client(journey.channel, 'publisher')
  if (publisher !== null && entrance !== undefined) {
    add(publishedAt, publisher, node(entrance), `publish ${journey.seq}`, 'publish')
    const names = journey.queues.map(({ queue }) => queue).join(', ')
    add(null, node(entrance), node(entrance), `routed to ${names}`, 'publish')
  }
  const dated = journey.queues.flatMap((queue) => queue.steps.map((step) => ({ queue, step })))
  dated.sort((a, b) => a.step.at - b.step.at)
  let unsafe = journey.queues.length
  for (const { queue, step } of dated) {
    const leader = node(step.node)
    if (step.step === 'published') {
      if (entrance === undefined && publisher !== null)
        add(step.at, publisher, leader, `publish ${journey.seq}`, 'publish')
      if (entrance !== undefined && entrance !== step.node)
        add(step.at, node(entrance), leader, `to the leader of ${queue.queue}`, 'publish')
      for (const mirror of queue.mirrors)
        if (mirror !== entrance && mirror !== step.node)
          add(
            null,
            node(entrance ?? step.node),
            node(mirror),
            `copy for the mirror of ${queue.queue}`,
            'replicate',
          )
      for (const mirror of queue.mirrors)
        if (mirror !== step.node) add(null, leader, node(mirror), 'place in the queue', 'replicate')
    } else if (step.step === 'confirmed' && publisher !== null) {
      const back = entrance ?? step.node
      for (const mirror of queue.mirrors)
        if (mirror !== step.node) add(null, node(mirror), leader, 'has it', 'confirm')
      if (back !== step.node) add(step.at, leader, node(back), `${queue.queue}: safe`, 'confirm')
      // The publisher hears of it once: when it is safe in all queues.
      if (--unsafe === 0) add(step.at, node(back), publisher, 'confirm', 'confirm')
    } else if (step.step === 'delivered' || step.step === 'got') {
      const exit = where(step.channel)?.node ?? step.node
      if (exit !== step.node) add(step.at, leader, node(exit), `to the consumer's node`, 'deliver')
      add(
        step.at,
        node(exit),
        client(step.channel, 'consumer'),
        step.step === 'got' ? 'get' : 'deliver',
        'deliver',
      )
    } else if (step.step === 'acked' || step.step === 'requeued' || step.step === 'rejected') {
      const entry = where(step.channel)?.node ?? step.node
      const word = step.step === 'acked' ? 'ack' : step.step === 'requeued' ? 'requeue' : 'reject'
      const tone = step.step === 'rejected' ? 'lost' : 'ack'
      add(step.at, client(step.channel, 'consumer'), node(entry), word, tone)
      if (entry !== step.node) add(step.at, node(entry), leader, word, tone)
      if (step.step === 'acked')
        for (const mirror of queue.mirrors)
          if (mirror !== step.node) add(null, leader, node(mirror), 'forget it', 'ack')
    } else if (lost[step.step] !== undefined) add(step.at, leader, leader, lost[step.step]!, 'lost')
  }
  return ordered(participants, arrows)
}

/** The publisher left, nodes in the middle, consumers right. */
function ordered(participants: readonly Participant[], arrows: readonly Arrow[]): Diagram {
  const rank = ({ kind, key }: Participant) => (kind === 'node' ? 1 : key.startsWith('publisher') ? 0 : 2)
  const order = participants
    .map((participant, i) => ({ participant, i }))
    .sort(
      (a, b) =>
        rank(a.participant) - rank(b.participant) ||
        (rank(a.participant) === 1 ? (a.participant.key < b.participant.key ? -1 : 1) : 0),
    )
  const place = new Map(order.map(({ i }, now) => [i, now]))
  return {
    participants: order.map(({ participant }) => participant),
    arrows: arrows.map((arrow) => ({ ...arrow, from: place.get(arrow.from)!, to: place.get(arrow.to)! })),
  }
}
