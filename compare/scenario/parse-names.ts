// What a scenario file refers to must be there: queues, exchanges and nodes, by name. Used by `parse`, after every value has been
// read.

import type { Path } from '../../policies/file-entries.ts'
import type { Refuse } from './shape.ts'
import type { NodeRef, Scenario } from './types.ts'

export function checkNames(scenario: Scenario, refuse: Refuse): void {
  const { cluster, topology, workload, faults, variants } = scenario
  const most = Math.max(cluster.nodes, ...variants.map(({ nodes }) => nodes))
  const queue = (name: string, path: Path) => {
    if (!topology.queues.some((one) => one.name === name))
      refuse(path, `there is no queue ${name} in the topology`)
  }
  const exchange = (name: string, path: Path) => {
    if (!name.startsWith('amq.') && !topology.exchanges.some((one) => one.name === name))
      refuse(path, `there is no exchange ${name} in the topology`)
  }
  const node = (ref: NodeRef, path: Path) => {
    if (typeof ref !== 'number') queue('leaderOf' in ref ? ref.leaderOf : ref.mirrorOf, path)
    else if (ref > most) refuse(path, `there is no node${ref}, the cluster has ${most}`)
  }
  for (const [i, { name }] of variants.entries())
    if (variants.findIndex((one) => one.name === name) < i)
      refuse(['variants', i], `${name} is the name of another variant`)
  for (const [i, { between }] of cluster.links.pairs.entries())
    for (const one of between) node(one, ['cluster', 'links', 'pairs', i, 'between'])
  for (const [i, { leader }] of topology.queues.entries()) node(leader, ['topology', 'queues', i, 'leader'])
  for (const [i, binding] of topology.bindings.entries()) {
    const at = ['topology', 'bindings', i]
    exchange(binding.exchange, [...at, 'exchange'])
    if ('queue' in binding.to) queue(binding.to.queue, [...at, 'queue'])
    else exchange(binding.to.exchange, [...at, 'to-exchange'])
  }
  for (const [i, publisher] of workload.publishers.entries()) {
    const at = ['workload', 'publishers', i]
    if (publisher.exchange === '') queue(publisher.routingKey, [...at, 'queue'])
    else exchange(publisher.exchange, [...at, 'exchange'])
    for (const ref of publisher.nodes) node(ref, at)
  }
  for (const [i, consumer] of workload.consumers.entries()) {
    const at = ['workload', 'consumers', i]
    queue(consumer.queue, [...at, 'queue'])
    for (const ref of consumer.nodes) node(ref, at)
  }
  for (const [i, { trigger, action }] of faults.entries()) {
    const at = ['faults', i]
    if (trigger.kind === 'when') {
      if ('queue' in trigger.condition) queue(trigger.condition.queue, [...at, 'when'])
      if ('node' in trigger.condition) node(trigger.condition.node, [...at, 'when'])
    }
    if ('queue' in action) queue(action.queue, [...at, action.do])
    if ('node' in action) node(action.node, [...at, action.do])
    if ('between' in action) for (const one of action.between) node(one, [...at, action.do])
    if ('groups' in action) for (const one of action.groups.flat()) node(one, [...at, action.do])
  }
}
