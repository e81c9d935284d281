/**
 * What other versions of RabbitMQ accept in policies and 3.10 does not: keys and values of `apply-to`, each with the
 * versions or the plugin that know it. Whoever refuses one for people's eyes says so; validation itself never asks here.
 */

interface Elsewhere {
  readonly word: string
  /** Where it is known, as it follows "known to RabbitMQ". */
  readonly known: string
  readonly help: string
}

const federated = 'only with the plugin rabbitmq_federation'

/** Keys. */
export const keysElsewhere: readonly Elsewhere[] = Object.freeze([
  {
    word: 'consumer-timeout',
    known: 'from 3.12 on',
    help: 'Milliseconds a delivery may stay unacknowledged before its channel is closed.',
  },
  { word: 'target-group-size', known: 'from 3.13 on', help: 'Members that a quorum queue grows to.' },
  {
    word: 'stream-filter-size-bytes',
    known: 'from 3.13 on',
    help: 'Bytes of the filter of each chunk of a stream.',
  },
  {
    word: 'max-segment-size',
    known: 'until 3.9, as stream-max-segment-size-bytes since',
    help: 'Bytes per segment file of a stream.',
  },
  { word: 'federation-upstream', known: federated, help: 'The upstream that feeds exchange or queue.' },
  { word: 'federation-upstream-set', known: federated, help: 'The set of upstreams that feed it.' },
  { word: 'federation-upstream-pattern', known: federated, help: 'A pattern of the upstreams that feed it.' },
])

/** Values of `apply-to`. */
export const applyToElsewhere: readonly Elsewhere[] = Object.freeze(
  [
    ['classic_queues', 'Classic queues.'],
    ['quorum_queues', 'Quorum queues.'],
    ['streams', 'Streams.'],
  ].map(([word, help]) => ({ word: word!, known: 'from 3.12 on', help: help! })),
)

/** The end of a sentence that refuses a key, such as `, known to RabbitMQ from 3.12 on`; empty for what nobody knows. */
export const keyKnownElsewhere = (key: string): string => knownIn(keysElsewhere, key)

/** The same for a value of `apply-to`. */
export const applyToKnownElsewhere = (value: unknown): string => knownIn(applyToElsewhere, value)

function knownIn(rows: readonly Elsewhere[], word: unknown): string {
  const row = rows.find((known) => known.word === word)
  return row === undefined ? '' : `, known to RabbitMQ ${row.known}`
}
