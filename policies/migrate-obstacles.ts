/**
 * What stands between a mirrored classic queue and a quorum queue, one row each: what keeps it from being moved, what of it
 * has to go, and what behaves otherwise afterwards. RabbitMQ's guide from mirrored to quorum queues names them; the check of
 * definitions asks every row about every mirrored queue.
 */
import { capital, type Finding, finding, listed, objectNames } from './finding.ts'
import { effectiveOf, settingsOf, type Target } from './lint-facts.ts'

export interface Obstacle {
  readonly rule: string
  /** True: the queue stays as it is. */
  readonly blocks: boolean
  concerns(target: Target): boolean
  tell(objects: readonly Target[]): Omit<Finding, 'rule'>
}

/** Arguments that quorum queues refuse or have no use for. */
export const argumentsToDrop = [
  'x-queue-mode',
  'x-queue-master-locator',
  'x-queue-version',
  'x-ha-policy',
] as const

/** Keys of a policy that would keep it from matching quorum queues. */
export const isKeyToDrop = (key: string): boolean =>
  key.startsWith('ha-') || key === 'queue-mode' || key === 'queue-master-locator'

const are = (objects: readonly Target[]) => (objects.length === 1 ? 'is' : 'are')

const blocking = (
  rule: string,
  concerns: Obstacle['concerns'],
  why: (objects: readonly Target[]) => string,
  whatToDo: string,
): Obstacle => ({
  rule,
  blocks: true,
  concerns,
  tell: (objects) =>
    finding(
      'error',
      { objects },
      `${capital(objectNames(objects))} cannot be moved: ${why(objects)}.`,
      whatToDo,
    ),
})

/** Looked at first: a queue that one of these concerns stays classic. */
export const blockers: readonly Obstacle[] = [
  blocking(
    'transient',
    ({ object }) => !object.durable,
    (objects) => `${objects.length === 1 ? 'it is' : 'they are'} not durable, and quorum queues always are`,
    'Decide whether the content is worth replicating: declare it durable, or let it be an ordinary or exclusive classic queue.',
  ),
  blocking(
    'auto-delete',
    ({ object }) => object.autoDelete,
    () => 'quorum queues cannot be auto-delete',
    'Declare it without auto-delete, with x-expires if it should go when nobody uses it, or let it be an unmirrored classic queue.',
  ),
  blocking(
    'priorities',
    ({ object }) => object.arguments['x-max-priority'] !== undefined,
    () =>
      'x-max-priority is unknown to quorum queues before RabbitMQ 4.3, which have no priorities before 4.0 and two of them since',
    'Use one quorum queue for each priority, and let publishers choose the queue.',
  ),
  blocking(
    'reject-publish-dlx',
    (target) => settingsOf(target).overflow === 'reject-publish-dlx',
    () => 'overflow reject-publish-dlx is unknown to quorum queues',
    'Use reject-publish, and let publishers send what is nacked to another exchange themselves.',
  ),
]

/** What is said of queues that move. */
export const changes: readonly Obstacle[] = [
  {
    rule: 'arguments-removed',
    blocks: false,
    concerns: ({ object }) => argumentsToDrop.some((name) => object.arguments[name] !== undefined),
    tell: (objects) => {
      const names = argumentsToDrop.filter((name) =>
        objects.some(({ object }) => object.arguments[name] !== undefined),
      )
      return finding(
        'warning',
        { objects },
        `${capital(objectNames(objects))} ${are(objects)} declared with ${listed(names)}, which quorum queues do not take; the new definitions leave ${names.length === 1 ? 'it' : 'them'} out.`,
        'Remove the arguments from the applications that declare these queues. Quorum queues keep messages on disk anyway; where their leader starts is queue-leader-locator.',
      )
    },
  },
  {
    rule: 'declared-by-clients',
    blocks: false,
    concerns: () => true,
    tell: (objects) =>
      finding(
        'warning',
        { objects },
        `Applications that declare ${objectNames(objects)} get 406 PRECONDITION_FAILED until they pass x-queue-type quorum.`,
        'Pass it in every declaration, declare passively, or let the vhost have quorum as its default queue type (RabbitMQ 3.11 or later).',
      ),
  },
  {
    rule: 'delivery-limit',
    blocks: false,
    concerns: (target) =>
      effectiveOf(target)['delivery-limit'] === undefined &&
      target.object.arguments['x-delivery-limit'] === undefined,
    tell: (objects) =>
      finding(
        'warning',
        { objects },
        `From RabbitMQ 4.0 on ${objectNames(objects)} ${objects.length === 1 ? 'gives' : 'give'} up a message after 20 redeliveries, which classic queues never do: without dead-letter-exchange it is dropped.`,
        'Set dead-letter-exchange, and delivery-limit by policy if 20 is not right.',
      ),
  },
  {
    rule: 'length-limits',
    blocks: false,
    concerns: (target) => settingsOf(target).maxLength !== null || settingsOf(target).maxLengthBytes !== null,
    tell: (objects) =>
      finding(
        'info',
        { objects },
        `The length limit of ${objectNames(objects)} is kept less exactly by quorum queues, which may exceed it for a moment; reject-publish nacks only once the leader has noticed.`,
        'Let no publisher rely on the exact number.',
      ),
  },
  {
    rule: 'expiry',
    blocks: false,
    concerns: (target) => settingsOf(target).expiresMs !== null,
    tell: (objects) =>
      finding(
        'info',
        { objects },
        `${capital(objectNames(objects))} expire when unused; a quorum queue's time does not begin anew when it is declared again.`,
        'Keep a consumer attached, or get from the queue, if it is to stay.',
      ),
  },
]
