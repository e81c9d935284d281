// Which test shows which line of docs/observed.md §1–4: one row a line, found by words that stand in it. Read by facts.test.ts,
// which fails when a line has no row, or a row names a test that is not there.

/** A line by its section and words of it; what shows it: `file › title` of a test, or `scenario › name` of the catalogue. */
export interface Fact {
  readonly section: string
  readonly words: string
  readonly shownBy: readonly string[]
}

const fact = (section: string, words: string, ...shownBy: string[]): Fact => ({ section, words, shownBy })

const recordedPut = 'test/policies/recorded.test.ts › PUT of a definition is answered as recorded'
const refusedWords = 'test/policies/keys.test.ts › a definition is refused in the words of RabbitMQ'
/** Each row of the table of definitions is one of the recorded answers. */
const definitions = (...words: string[]) => words.map((word) => fact('1.2', word, recordedPut, refusedWords))

export const facts: readonly Fact[] = [
  fact('1.1', 'Policy: ha-mode', 'test/policies/keys.test.ts › has each key once and a sentence for each'),
  fact('1.1', 'Rejected as unknown here', recordedPut),
  fact(
    '1.1',
    'Operator policy accepts only',
    'test/policies/keys.test.ts › allows an operator exactly the seven limits',
  ),
  fact(
    '1.1',
    'is validated though',
    'test/policies/match.test.ts › takes no policy that holds %s',
    refusedWords,
  ),
  fact(
    '1.2',
    'PUT /api/policies/VH/name',
    'test/api/policies.test.ts › a policy is made, changed, listed and cleared',
  ),
  fact(
    '1.2',
    'Defaults: priority 0',
    'test/policies/policy.test.ts › has priority 0 and applies to all where it does not say',
  ),
  fact('1.2', 'apply-to "exchanges"', 'test/policies/policy.test.ts › may apply ha-mode to exchanges'),
  fact(
    '1.2',
    'Only the **first** failing key',
    'test/policies/keys.test.ts › of several faults one is reported',
  ),
  ...definitions(
    ...['| {} |', '| {"no-such":1} |', '| ha-mode "some" |', '| exactly, no params |', '| exactly "2"'],
    ...[
      '| all + ha-params |',
      '| nodes [] |',
      '| nodes "r1" |',
      '| nodes [1,2] |',
      '| ha-params / ha-sync-mode',
    ],
    ...[
      '| ha-sync-mode "x" |',
      '| ha-sync-batch-size',
      '| ha-promote-on-shutdown "x" |',
      '| queue-master-locator |',
    ],
    ...['| message-ttl -1', '| expires 0', '| max-length -1 |', '| max-in-memory-length -1 |'],
    ...['| dead-letter-exchange 1 |', '| overflow |', '| alternate-exchange 1 |', '| delivery-limit -1 |'],
  ),
  fact(
    '1.2',
    '| max-age "x"',
    'test/policies/keys.test.ts › max-age %j makes it fail with 500 and no reason',
  ),
  fact('1.2', 'Body errors', 'test/policies/recorded.test.ts › PUT of a body is answered as recorded'),
  fact(
    '1.3',
    'validation failure exit **69**',
    'test/policies/recorded.test.ts › the control tool answers as recorded',
  ),
  fact(
    '1.3',
    'list_policies columns',
    'test/cli/ctl.test.ts › are set, listed and cleared in the words of rabbitmqctl',
  ),
  fact(
    '1.4',
    'Highest priority wins',
    'test/policies/match.test.ts › the policy of a queue',
    'scenario › settings/the higher priority wins whole',
  ),
  fact(
    '1.4',
    'take the **minimum**',
    'test/policies/effective.test.ts › takes the lower number and the union of the rest, as observed',
    'scenario › settings/an operator policy takes the lower number',
  ),
  fact(
    '1.4',
    'x-arguments against policy',
    'test/policies/effective.test.ts › argument against policy against operator policy',
    'scenario › settings/the lower of argument and policy',
  ),
  fact(
    '1.4',
    '**Applicability**',
    'test/policies/match.test.ts › a classic queue, as observed,',
    'scenario › settings/a key for other queue types disables the policy',
  ),
  fact(
    '1.4',
    'Live changes on classic queues',
    'scenario › settings/max-length drops from the head at once',
    'scenario › settings/time to live of what comes later only',
  ),
  fact('1.4', 'Exchange JSON shows', 'test/api/keys.test.ts › in an exchange'),
  fact(
    '1.5',
    'default and `client-local`',
    'test/policies/placement.test.ts › the leader of a new queue',
    'scenario › placement/random',
    'scenario › placement/min-masters',
    'scenario › placement/client-local by policy, through every node',
    'test/cluster/ordinary.test.ts › min-masters spreads twelve queues 4, 4, 4',
  ),
  fact('1.5', 'places the leader there', 'scenario › placement/by HTTP, a node named'),
  fact(
    '1.6',
    '- all: mirrors on all other',
    'test/cluster/mirror-placement.test.ts › ha-mode exactly',
    'scenario › placement/all',
    'scenario › mixed/node killed/exactly 3 declared meanwhile',
  ),
  fact(
    '1.6',
    '- nodes L:',
    'test/cluster/mirror-placement.test.ts › ha-mode nodes',
    'scenario › placement/nodes, declared inside',
    'scenario › placement/nodes, declared outside',
    'scenario › placement/nodes, all unknown',
  ),
  fact(
    '1.6',
    'A mirror added to an **empty** queue',
    'test/cluster/mirror-placement.test.ts › a mirror that is added to a queue',
  ),

  fact(
    '2',
    'is visible from every node at once',
    'test/cluster/ordinary.test.ts › is known to every node as soon as it is declared',
    'test/cluster/ordinary.test.ts › tells its counts to a declare, a get and a purge through any node',
  ),
  fact(
    '2',
    'Owner r1 goes down',
    'test/cluster/owner-lost.test.ts › while the owner of a durable queue is %s',
  ),
  fact(
    '2',
    'consumers on other nodes: **basic.cancel**',
    'test/cluster/owner-lost.test.ts › consumers of its queues on other nodes are cancelled',
    'test/cluster/owner-lost.test.ts › are told 320 when it is stopped',
    'scenario › ordinary/owner killed/consumers elsewhere are cancelled and their channels live on',
  ),
  fact(
    '2',
    'durable queues stay known',
    'scenario › ordinary/owner killed/a transient queue that nobody declared again stays gone',
    'scenario › ordinary/owner stopped/an exclusive queue is gone with its node',
    'scenario › ordinary/owner killed/a durable auto-delete queue without consumers',
  ),
  fact(
    '2',
    'their names are free',
    'test/cluster/owner-lost.test.ts › are gone and their names are free at once',
    'scenario › ordinary/owner killed/a transient queue is gone and its name free',
  ),
  fact(
    '2',
    'channel error **404**',
    'scenario › ordinary/owner killed/operations are refused',
    'scenario › ordinary/owner stopped/operations are refused',
  ),
  fact(
    '2',
    'unroutable: mandatory -> basic.return 312',
    'scenario › ordinary/owner killed/publishes are unroutable',
    'scenario › ordinary/owner stopped/publishes are unroutable',
  ),
  fact(
    '2',
    'list_bindings shows no binding',
    'test/cluster/owner-lost.test.ts › its bindings do not show, and are back with the owner',
  ),
  fact(
    '2',
    'rabbitmqctl list_queues: state `down`',
    'test/cli/ctl.test.ts › kill_node takes a node away: its plain queue is down',
  ),
  fact(
    '2',
    'HTTP: /api/queues entry',
    'test/api/queues.test.ts › a queue whose only node is down shows its fixed members only',
    'scenario › promotions/leader killed/over HTTP, an ordinary queue that is down',
  ),
  fact(
    '2',
    '/api/nodes entry of a down node',
    'test/api/down-nodes.test.ts › a node that is down has four members',
  ),
  fact(
    '2',
    'min-masters counts only running nodes',
    'scenario › ordinary/owner killed/min-masters counts running nodes only',
  ),
  fact(
    '2',
    'r1 back (3.5-4.3 s)',
    'test/cluster/owner-returns.test.ts › after a kill',
    'scenario › ordinary/owner killed/persistent messages are back, transient ones are not',
    'scenario › ordinary/owner stopped/which are marked redelivered',
  ),
  fact(
    '2',
    're-declared meanwhile under a deleted transient name',
    'scenario › ordinary/owner killed/a transient queue is gone and its name free',
  ),
  fact(
    '2',
    'stop_app` behaves like a graceful stop',
    'test/cli/ctl-cluster.test.ts › leaves with stop_app and reset, and its queues with it',
  ),
  fact(
    '2',
    'CLI exit codes',
    'test/cli/ctl.test.ts › wrong usage',
    'test/cli/ctl.test.ts › that are not there cannot be cleared, and vhosts that are not there have none',
  ),
  fact(
    '2',
    'list_queues header lines',
    'test/cli/ctl.test.ts › list_queues prints name and messages unless other columns are named',
    'test/cli/ctl.test.ts › list_queues as JSON is a list of objects',
  ),

  fact('3', 'Sampled from the queue record', 'test/cluster/policy-moves.test.ts › from no policy'),
  fact(
    '3',
    '1. none -> all, manual',
    'test/cluster/policy-moves.test.ts › to all, mirrors appear one after the other and stay unsynchronised',
    'scenario › policy change/none to all, automatic',
  ),
  fact(
    '3',
    '2. all -> exactly 2',
    'test/cluster/policy-moves.test.ts › to exactly 2, the first mirror stays and the leader too',
    'scenario › policy change/all to exactly 2',
  ),
  fact(
    '3',
    '3. exactly 2 (r1,[r2]) -> nodes',
    'test/cluster/policy-moves.test.ts › from exactly 2 to a list of nodes without the leader',
  ),
  fact(
    '3',
    'r2 synchronised: first',
    'test/cluster/policy-moves.test.ts › the synchronised mirror takes over, and the new one is not synchronised',
    'scenario › policy change/to nodes without the leader, synchronised',
  ),
  fact(
    '3',
    'r2 unsynchronised: r3 is added',
    'test/cluster/policy-moves.test.ts › without a synchronised mirror the leader stays, though nobody wants it',
    'scenario › policy change/to nodes without the leader, unsynchronised',
  ),
  fact(
    '3',
    'consumers on other nodes see no cancel',
    'test/cluster/policy-moves.test.ts › consumers elsewhere see no cancel',
    'scenario › policy change/consumers resume when the leader moves',
  ),
  fact(
    '3',
    '4. -> nodes [r1]',
    'test/policies/placement.test.ts › live policy changes go step by step',
    'test/cluster/policy-moves.test.ts › passes by a synchronised mirror that is not wanted either, and nothing is lost',
    'scenario › policy change/policy deleted',
  ),
  // Warren writes no log; the same events are in its trace.
  fact(
    '3',
    '5. The broker logs per queue',
    'test/cluster/synchronising.test.ts › the trace tells what the broker logs',
  ),
  // Not imitated: declared in open.ts, and a run of the real one that meets it is repeated.
  fact('3', '6. Bug, seen twice', 'test/oracle/open.ts › migration may hang'),

  fact(
    '4.1',
    'promoted = the **oldest** mirror',
    'test/cluster/mirror-failover.test.ts › the oldest mirror leads and the other stays as it was',
    'scenario › mirrored/leader killed/synchronised: all is kept and marked',
  ),
  fact(
    '4.1',
    'retained: 400 of 400',
    'test/cluster/mirror-failover.test.ts › all 400 messages are kept in order',
  ),
  fact(
    '4.1',
    'unacked go back to the queue',
    'test/cluster/mirror-failover.test.ts › resumes without a cancel',
    'scenario › mirrored/leader killed/a consumer resumes, old tags are good',
  ),
  fact(
    '4.1',
    'x-cancel-on-ha-failover',
    'test/cluster/mirror-failover.test.ts › is cancelled if it asked for that with x-cancel-on-ha-failover',
    'scenario › mirrored/leader killed/a consumer that wants to be cancelled',
  ),
  fact(
    '4.1',
    'ack of an old tag is accepted',
    'test/cluster/mirror-failover.test.ts › a delivery tag from before',
    'scenario › mirrored/leader killed/multiple acks over old and new tags',
  ),
  fact(
    '4.1',
    'messages_unacknowledged after',
    'scenario › mirrored/leader killed/a consumer resumes, old tags are good',
  ),
  fact(
    '4.2',
    'joins as **last** mirror',
    'test/cluster/mirror-failover.test.ts › the killed node',
    'scenario › mirrored/leader killed/the returned one joins last and empty',
    'scenario › mirrored/leader killed/the returned one catches up as the queue drains',
  ),
  fact(
    '4.3',
    'Two runs',
    'test/cluster/mirror-failover.test.ts › publishing through another node while the leader is killed',
    'scenario › mirrored/leader killed/confirms in flight',
  ),
  fact(
    '4.4',
    'ha-promote-on-failure always (default)',
    'test/cluster/unsynchronised.test.ts › with ha-promote-on-failure always, the default',
    'scenario › mirrored/leader killed/unsynchronised mirrors, failure always, shutdown when-synced',
  ),
  fact(
    '4.4',
    'when-synced: no promotion',
    'test/cluster/unsynchronised.test.ts › after a kill with ha-promote-on-failure when-synced',
    'scenario › mirrored/leader killed/unsynchronised mirrors, failure when-synced, shutdown when-synced',
  ),
  fact(
    '4.5',
    'ha-promote-on-shutdown when-synced (default)',
    'test/cluster/unsynchronised.test.ts › the leader returns with its persistent messages, redelivered only if they had been delivered',
    'scenario › mirrored/leader stopped/unsynchronised mirrors, failure always, shutdown when-synced',
  ),
  fact(
    '4.5',
    '- always: r2 promoted with the 50',
    'test/cluster/unsynchronised.test.ts › with ha-promote-on-shutdown always the oldest mirror is promoted',
    'scenario › mirrored/leader stopped/unsynchronised mirrors, failure always, shutdown always',
  ),
  fact(
    '4.5',
    'A synchronised mirror exists',
    'test/cluster/mirror-failover.test.ts › a synchronised mirror takes over and nothing is lost',
    'scenario › promotions/leader stopped/synchronised mirrors, failure when-synced, shutdown when-synced',
  ),
  fact(
    '4.6',
    'list_queues omits it',
    'test/cluster/waiting.test.ts › while a mirrored queue has no leader',
    'test/api/queues.test.ts › a mirrored queue that waits for its leader has no state and no counters',
    'test/cli/ctl-queues.test.ts › a queue that waits for its leader is in no list',
  ),
  fact(
    '4.7',
    'mirror r3 killed: record',
    'test/policies/placement.test.ts › exactly 2 replaces a mirror that died, and does not take it back',
    'test/cluster/mirror-placement.test.ts › 2 replaces a mirror that is killed by one on the third node',
    'scenario › mirrored/leader killed/exactly 2 and the mirror is lost',
    'scenario › mirrored/leader killed/exactly 2 takes another mirror',
  ),
  fact(
    '4.8',
    'synced list filled',
    'test/api/queues.test.ts › unsynchronised mirrors are shown as such, and the action sync levels them',
    'test/cli/ctl.test.ts › fills the mirrors of a queue, and refuses what has none',
    'test/cluster/synchronising.test.ts › a queue that fills its mirrors',
    'scenario › synchronisation/of what is not mirrored or missing',
  ),
  fact(
    '4.9',
    'stop r1, r2, r3 in order',
    'test/cluster/whole-cluster.test.ts › and started in the opposite order has every persistent message of a mirrored queue',
    'scenario › whole cluster/stopped one by one, the last starts first',
  ),
  fact(
    '4.9',
    'Start in the wrong order',
    'test/cluster/whole-cluster.test.ts › and started in the wrong order waits for the node that stopped last',
    'test/cluster/whole-cluster.test.ts › gives up after ten times thirty seconds',
    'scenario › whole cluster/stopped one by one, the first must wait',
  ),
  fact(
    '4.10',
    'exclusive queues (see 0.14)',
    'test/cluster/mirror-placement.test.ts › is never an exclusive queue, though its policy shows',
    'test/cluster/meaning.test.ts › a queue that is not durable lives on with its transient messages',
    'scenario › mirrored/leader killed/an exclusive queue is not mirrored',
    'scenario › kinds/leader killed/non-durable: unacknowledged messages and a consumer',
  ),
]
