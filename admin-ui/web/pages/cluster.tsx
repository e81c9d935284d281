// The start page: the nodes of the cluster and what can be done to them.

import { type Action, act } from '../actions.ts'
import { Pill } from '../components/pill.tsx'
import { counted, nodeLabel } from '../format.ts'
import { segment } from '../http.ts'
import { nodes } from '../live.ts'
import type { NodeState } from '../shapes.ts'
import './cluster.css'

const verb = (name: string, verb: 'kill' | 'stop' | 'start'): Action => ({
  method: 'POST',
  path: `/warren/nodes/${segment(name)}/${verb}`,
  ctl: [`${verb}_node`, nodeLabel(name)],
})

export default function ClusterPage() {
  return (
    <section class="panel" aria-labelledby="nodes-title">
      <div class="head">
        <h2 id="nodes-title">Nodes</h2>
        <button
          type="button"
          onClick={() => act({ method: 'DELETE', path: '/warren/partition', ctl: ['heal'] })}
        >
          Heal all links
        </button>
      </div>
      <div class="nodes">
        {nodes.value?.map((node) => (
          <Card key={node.name} {...node} />
        ))}
      </div>
    </section>
  )
}

function Card({ name, state, port, connections, leaders, mirrors }: NodeState) {
  const stopped = state === 'stopped'
  return (
    <article class="node" data-node={name}>
      <div class="head">
        <h3>{name}</h3>
        <Pill state={state} />
      </div>
      <p class="hint">
        port {port} · {counted(leaders, 'leader')} · {counted(mirrors, 'mirror')} ·{' '}
        {counted(connections, 'connection')}
      </p>
      <div class="row">
        <button type="button" class="small danger" disabled={stopped} onClick={() => act(verb(name, 'kill'))}>
          Kill
        </button>
        <button
          type="button"
          class="small"
          disabled={state !== 'running'}
          onClick={() => act(verb(name, 'stop'))}
        >
          Stop
        </button>
        <button type="button" class="small" disabled={!stopped} onClick={() => act(verb(name, 'start'))}>
          Start
        </button>
      </div>
    </article>
  )
}
