/**
 * A definitions file as the snapshot that lint and the migration check read: no cluster runs, so there are no nodes,
 * leaders or messages. Called for files that nobody has imported yet; it judges nothing.
 */
import type { DefinitionsFile, ExchangeEntry, QueueEntry } from './definitions-file.ts'
import type { ExchangeSnapshot, QueueSnapshot, Snapshot } from './snapshot.ts'

/** What policies would be about, were the file imported into an empty cluster. */
export function snapshotOfDefinitions(file: DefinitionsFile): Snapshot {
  return {
    nodes: [],
    partitionHandling: null,
    exchanges: file.exchanges.map(exchangeSnapshot),
    queues: file.queues.map(queueSnapshot),
    policies: file.policies,
    operatorPolicies: file.operatorPolicies,
  }
}

function exchangeSnapshot({
  vhost,
  name,
  durable,
  autoDelete,
  arguments: args,
  type,
  internal,
}: ExchangeEntry) {
  return { vhost, name, durable, autoDelete, arguments: args, type, internal } satisfies ExchangeSnapshot
}

/** The type is the argument's: of the key `type`, which `rabbitmqctl` adds, RabbitMQ takes no notice. */
function queueSnapshot({ vhost, name, durable, autoDelete, arguments: args }: QueueEntry): QueueSnapshot {
  const type = args['x-queue-type']
  return {
    vhost,
    name,
    durable,
    autoDelete,
    arguments: args,
    type: typeof type === 'string' ? type : 'classic',
    exclusive: false,
    state: 'running',
    leader: null,
    mirrors: [],
    messages: 0,
    messageBytes: 0,
    persistent: 0,
    publishRate: 0,
    publishBytesRate: 0,
  }
}
