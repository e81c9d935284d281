// `rebalance`, a verb of rabbitmq-queues: spreads the leaders of mirrored queues and prints who leads how many, in the
// table that the real one draws with the line characters of a terminal (docs/observed.md §20).

import { drawn } from './ctl-output.ts'
import { type Session, unexpected } from './ctl-session.ts'
import { refused } from './failure.ts'

interface Patterns {
  readonly vhostPattern: string
  readonly queuePattern: string
}

const columns = ['Node name', 'Number of quorum queues', 'Number of replicated classic queues'] as const

export async function rebalance(session: Session, type: string, patterns: Patterns): Promise<void> {
  if (!['all', 'classic', 'quorum'].includes(type))
    throw refused(`type ${type} is not supported. Try one of all, classic, quorum.`)
  session.say(`Re-balancing leaders of ${type} queues...`)
  const node = await session.target()
  const { flags } = session
  const rows = type === 'quorum' ? [] : await rebalanced(session, node, patterns)
  if (flags.formatter === 'json') {
    const value = rows.map((row) => row.map((cell, i) => [columns[i], cell]))
    return session.print(JSON.stringify({ node, result: 'ok', value }))
  }
  process.stdout.write(rows.length === 0 ? drawn(['Output'], [['[]']]) : drawn(columns, rows))
}

/** A row a node that led or leads any of the queues, the last name first. */
async function rebalanced(session: Session, node: string, { vhostPattern, queuePattern }: Patterns) {
  const body = { node, vhost: vhostPattern, queue: queuePattern }
  const answer = await session.control('POST', '/warren/rebalance', body)
  if (answer.status !== 200) throw unexpected('the rebalancing', answer)
  const leaders = Object.entries(answer.body as Record<string, number>)
  return leaders.reverse().map(([name, count]): (string | number)[] => [name, 0, count])
}
