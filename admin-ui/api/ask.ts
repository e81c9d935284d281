// An administrator's question to a queue's leader, as a promise: the one place where the core's requests meet HTTP. It
// ends by the leader's answer, by the core's own deadline, when the client goes, or when the asked node goes.

import type { QueueRecord } from '../../nodes/definitions.ts'
import { BrokerError } from '../../nodes/errors.ts'
import type { ChannelRef, QueueAnswer, QueueOperation } from '../../nodes/protocol.ts'
import { nodeDown } from '../http-error.ts'
import type { Call } from '../resource.ts'

/** How often to look whether the asked node still runs; only while a queue does not answer at once. */
const lookMs = 200

/** Rejects with the leader's BrokerError, or 503 when the node through which it was asked goes. */
export function ask(
  call: Call,
  record: QueueRecord,
  operation: QueueOperation,
  channel: ChannelRef = { node: call.view.node.name, channel: call.view.cluster.nextId() },
): Promise<QueueAnswer> {
  const { view } = call
  const { node, member, cluster } = view
  return new Promise((resolve, reject) => {
    const id = cluster.nextId()
    let look: NodeJS.Timeout | undefined
    let ended = false
    const end = (finish: () => void) => {
      ended = true
      clearInterval(look)
      finish()
    }
    const answered = (_: number, answer: QueueAnswer | BrokerError) =>
      end(() => (answer instanceof BrokerError ? reject(answer) : resolve(answer)))
    view.act(() => node.request(id, { answered }, channel, record, operation))
    if (ended) return
    look = setInterval(() => {
      if (member.node !== node) end(() => reject(nodeDown(`node '${node.name}' has gone`)))
    }, lookMs)
    call.onGone(() =>
      end(() => {
        node.forgetRequest(id)
        reject(nodeDown('the client has gone'))
      }),
    )
  })
}
