/**
 * The table of policy keys: one row per key that RabbitMQ 3.10 accepts, with everything there is to know of it.
 * PUT validation, matching, effective settings, forms and documentation all read these rows. A row judges
 * one value; it never throws, and it never looks at queues, nodes or anything that runs.
 */
import { erlangTerm } from './erlang.ts'

type Values = Readonly<Record<string, unknown>>

/** What a key's value looks like. */
export type KeyValue =
  | { readonly type: 'integer'; readonly least: number; readonly most?: number }
  | { readonly type: 'text'; readonly pattern?: string }
  | { readonly type: 'choice'; readonly of: readonly (string | number)[] }
  /** A number of copies or a list of node names, as the mode asks. */
  | { readonly type: 'copies' }

/** Everything Warren knows about one policy key. */
export interface PolicyKey {
  readonly key: string
  /**
   * The error text RabbitMQ gives for this value, or null for a good one.
   * With the whole definition it also judges what only makes sense together (`ha-mode` and `ha-params`).
   * Source: docs/observed.md §1.2.
   */
  validate(value: unknown, definition?: Values): string | null
  /** The values it takes, for people, forms and the schema of policy files; `validate` decides. */
  readonly value: KeyValue
  /** The kind of object on which the key has an effect. A policy may hold it whatever its own `apply-to`. */
  readonly appliesTo: 'queues' | 'exchanges' | 'all'
  /** Whether an operator policy may hold it. */
  readonly operator: boolean
  /** False: a policy that holds this key does not match classic queues at all (docs/observed.md §1.4). */
  readonly classic: boolean
  /** Against the declaration's argument: the lower value wins (`min`), or the argument wins (`argument`). */
  readonly merge: 'min' | 'argument'
  /** Name of the argument that sets the same thing at declaration, where there is one. */
  readonly argument?: string
  /** Whether the real broker crashes on this bad value, answers 500 and says nothing (docs/observed.md §24). */
  readonly crashes?: (value: unknown) => boolean
  /** One sentence for people. */
  readonly help: string
}

const NEEDS_MODE = 'ha-mode must be specified to specify ha-params, ha-sync-mode or ha-promote-on-shutdown'

type Validate = PolicyKey['validate']

/** A kind of value and its judge. */
type Judged = Pick<PolicyKey, 'validate' | 'value'>

const USUAL = { appliesTo: 'queues', operator: false, classic: true, merge: 'argument' } as const

function queueKey(key: string, judged: Judged, help: string, more: Partial<PolicyKey> = {}): PolicyKey {
  return { key, ...judged, argument: `x-${key}`, help, ...USUAL, ...more }
}

/** A number that operators may cap: of policy, operator policy and argument the lowest holds. */
function limitKey(key: string, least: number, complaint: string, help: string, classic = true): PolicyKey {
  return queueKey(key, integerFrom(least, complaint), help, { operator: true, merge: 'min', classic })
}

/** Mirroring has no arguments, and none of its keys means anything without `ha-mode`. */
function mirrorKey(
  key: string,
  { validate: judge, value }: Judged,
  help: string,
  more: Partial<PolicyKey> = {},
): PolicyKey {
  const validate: Validate = (given, definition) =>
    definition && !Object.hasOwn(definition, 'ha-mode') ? NEEDS_MODE : judge(given, definition)
  return { key, validate, value, help, ...USUAL, ...more }
}

function integerFrom(least: number, complaint: string, most?: number): Judged {
  return {
    validate: (value) => (isInteger(value, least, most) ? null : `${erlangTerm(value)} ${complaint}`),
    value: { type: 'integer', least, ...(most !== undefined && { most }) },
  }
}

function text(complaint: string): Judged {
  return {
    validate: (value) => (typeof value === 'string' ? null : `${erlangTerm(value)} ${complaint}`),
    value: { type: 'text' },
  }
}

function oneOf(allowed: readonly (string | number)[], complaint: string): Judged {
  return {
    validate: (value) => (allowed.some((one) => one === value) ? null : `${erlangTerm(value)} ${complaint}`),
    value: { type: 'choice', of: allowed },
  }
}

function either(key: string, one: string, other: string): Judged {
  return {
    validate: (value) =>
      value === one || value === other
        ? null
        : `${key} must be "${one}" or "${other}", got ${erlangTerm(value)}`,
    value: { type: 'choice', of: [one, other] },
  }
}

function isInteger(value: unknown, least: number, most = Infinity): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most
}

const MODES = ['all', 'exactly', 'nodes']

/** `ha-mode` also answers for parameters that are missing; `ha-params` for those that are there. */
function judgeMode(mode: unknown, definition?: Values): string | null {
  if (!MODES.includes(mode as string)) return `${erlangTerm(mode)} is not a valid ha-mode value`
  if (!definition || mode === 'all' || Object.hasOwn(definition, 'ha-params')) return null
  return `ha-mode="${mode}" takes ${mode === 'exactly' ? 'an integer' : 'a list'}, none given`
}

function judgeParams(params: unknown, definition?: Values): string | null {
  const mode = definition?.['ha-mode']
  if (mode === 'all') return 'ha-mode="all" does not take parameters'
  if (mode === 'exactly') {
    return isInteger(params, 1) ? null : `ha-mode="exactly" takes an integer, ${erlangTerm(params)} given`
  }
  if (mode !== 'nodes') return null
  if (!Array.isArray(params)) return `ha-mode="nodes" takes a list, ${erlangTerm(params)} given`
  if (params.length === 0) return 'ha-mode="nodes" list must be non-empty'
  const wrong = params.filter((node) => typeof node !== 'string')
  return wrong.length === 0
    ? null
    : `ha-mode="nodes" takes a list of strings, ${erlangTerm(wrong)} was not a string`
}

const judgeBatch: Validate = (value) =>
  isInteger(value, 1)
    ? null
    : `ha-sync-batch-size takes an integer greater than 0, ${erlangTerm(value)} given`

const AGE = /^\d+[YMDhms]$/

const judgeAge: Validate = (value) =>
  typeof value === 'string' && AGE.test(value) ? null : `${erlangTerm(value)} is not a valid max age`

const mode: Judged = { validate: judgeMode, value: { type: 'choice', of: MODES } }
const params: Judged = { validate: judgeParams, value: { type: 'copies' } }
const batch: Judged = { validate: judgeBatch, value: { type: 'integer', least: 1 } }
const age: Judged = { validate: judgeAge, value: { type: 'text', pattern: AGE.source } }

/** For queue types other than classic: it keeps a policy from matching classic queues. */
const OTHER_TYPES = { classic: false } as const

/**
 * Every policy key, in the order in which RabbitMQ judges them: only the first failing key of a definition is
 * reported. Mirroring comes first, then the general keys by name, then the locator; unknown keys come last.
 */
export const policyKeys: readonly PolicyKey[] = Object.freeze([
  mirrorKey('ha-mode', mode, 'Which nodes hold a copy: all, exactly a number of them, or the nodes listed.', {
    crashes: (value) => typeof value !== 'string',
  }),
  mirrorKey('ha-params', params, 'The number of copies (exactly) or the list of node names (nodes).'),
  mirrorKey(
    'ha-sync-mode',
    either('ha-sync-mode', 'manual', 'automatic'),
    'Whether a mirror that joins is filled at once (automatic) or when asked to (manual).',
  ),
  mirrorKey('ha-sync-batch-size', batch, 'Messages per batch while a mirror is synchronised.'),
  mirrorKey(
    'ha-promote-on-shutdown',
    either('ha-promote-on-shutdown', 'always', 'when-synced'),
    'Whether an unsynchronised mirror may lead after its leader was stopped in an orderly way.',
  ),
  mirrorKey(
    'ha-promote-on-failure',
    either('ha-promote-on-failure', 'always', 'when-synced'),
    'Whether an unsynchronised mirror may lead after its leader crashed.',
  ),
  queueKey(
    'alternate-exchange',
    text('is not a valid alternate exchange name'),
    'Exchange that takes the messages this one cannot route.',
    { appliesTo: 'exchanges', argument: 'alternate-exchange' },
  ),
  queueKey(
    'dead-letter-exchange',
    text('is not a valid dead letter exchange name'),
    'Exchange to which rejected, expired and surplus messages go.',
  ),
  queueKey(
    'dead-letter-routing-key',
    text('is not a valid dead letter routing key'),
    'Routing key of dead-lettered messages, instead of their own.',
  ),
  queueKey(
    'dead-letter-strategy',
    oneOf(['at-most-once', 'at-least-once'], 'is not a valid dead letter strategy'),
    'How surely quorum queues dead-letter. Classic queues do not match a policy that sets it.',
    OTHER_TYPES,
  ),
  limitKey(
    'delivery-limit',
    0,
    'is not a valid delivery limit',
    'Redeliveries before a quorum queue drops a message. Classic queues do not match a policy that sets it.',
    false,
  ),
  limitKey(
    'expires',
    1,
    'is not a valid queue expiry',
    'Milliseconds without use after which the queue is deleted.',
  ),
  queueKey(
    'initial-cluster-size',
    integerFrom(0, 'is not a valid cluster size'),
    'Members of a new stream. Classic queues do not match a policy that sets it.',
    OTHER_TYPES,
  ),
  queueKey(
    'max-age',
    age,
    'Age, such as 7D or 12h, at which a stream drops segments. Classic queues do not match a policy that sets it.',
    { ...OTHER_TYPES, crashes: (value) => typeof value !== 'string' || !/^\d/.test(value) },
  ),
  limitKey(
    'max-in-memory-bytes',
    0,
    'is not a valid maximum memory in bytes',
    'Bytes of messages a quorum queue keeps in memory. No effect on classic queues.',
  ),
  limitKey(
    'max-in-memory-length',
    0,
    'is not a valid maximum memory in bytes',
    'Messages a quorum queue keeps in memory. No effect on classic queues.',
  ),
  limitKey('max-length', 0, 'is not a valid maximum length', 'Most ready messages the queue may hold.'),
  limitKey(
    'max-length-bytes',
    0,
    'is not a valid maximum length in bytes',
    'Most bytes of ready message bodies the queue may hold.',
  ),
  limitKey('message-ttl', 0, 'is not a valid message TTL', 'Milliseconds a message may wait in the queue.'),
  queueKey(
    'overflow',
    oneOf(['drop-head', 'reject-publish', 'reject-publish-dlx'], 'is not a valid overflow value'),
    'What gives way in a full queue: its oldest message, or the one that comes.',
  ),
  queueKey(
    'queue-leader-locator',
    oneOf(
      ['client-local', 'balanced', 'random', 'least-leaders'],
      'is not a valid queue leader locator value',
    ),
    'Node that leads a new quorum queue or stream. Classic queues do not match a policy that sets it.',
    OTHER_TYPES,
  ),
  queueKey(
    'queue-mode',
    oneOf(['default', 'lazy'], 'is not a valid queue-mode value'),
    'Whether messages are kept in memory where possible (default) or on disk (lazy).',
  ),
  queueKey(
    'queue-version',
    oneOf([1, 2], 'is not a valid queue-version value'),
    'Version of the queue storage.',
  ),
  queueKey(
    'stream-max-segment-size-bytes',
    integerFrom(0, 'is not a valid segment size', 3_000_000_000),
    'Bytes per segment file of a stream. Classic queues do not match a policy that sets it.',
    OTHER_TYPES,
  ),
  queueKey(
    'queue-master-locator',
    oneOf(['client-local', 'min-masters', 'random'], 'invalid queue-master-locator value'),
    'Node that leads a new queue: that of the client, that with the fewest leaders, or any.',
  ),
])

const rows = new Map(policyKeys.map((row) => [row.key, row]))

/** The row of a key, or undefined for a name that is no policy key. */
export function policyKey(key: string): PolicyKey | undefined {
  return rows.get(key)
}
