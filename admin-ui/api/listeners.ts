// The ports of a view, as the overview lists them and health checks look for them. One admin port serves all nodes: each
// shows it as its own.

import type { View } from '../view.ts'

export interface ListenerEntry {
  readonly node: string
  readonly protocol: string
  readonly ip_address: string
  readonly port: number
  readonly socket_opts: object
}

/** Those of all nodes that run, in RabbitMQ's order: by protocol, then by node. */
export function listenersOf(view: View): ListenerEntry[] {
  return [
    ...view.running.map((node) => amqpListener(view, node)),
    ...tlsListeners(view),
    ...httpListeners(view),
  ]
}

const amqpListener = (view: View, node: string) => ({
  node,
  protocol: 'amqp',
  ip_address: '127.0.0.1',
  port: view.portOf(node),
  socket_opts: { backlog: 128, nodelay: true, linger: [true, 0], exit_on_close: false },
})

const tlsListeners = (view: View) =>
  view.context.ports.tls
    .filter(({ member }) => view.running.includes(member.name))
    .map(({ member, port, tls }) => {
      const { socket_opts, ...entry } = amqpListener(view, member.name)
      const verify = tls?.ca === undefined ? 'verify_none' : 'verify_peer'
      const socketOpts = {
        ...socket_opts,
        versions: ['tlsv1.3', 'tlsv1.2'],
        fail_if_no_peer_cert: false,
        verify,
      }
      return { ...entry, protocol: 'amqp/ssl', port, socket_opts: socketOpts }
    })

const httpListeners = (view: View) =>
  view.running.map((node) => ({
    node,
    protocol: view.context.scheme,
    ip_address: '127.0.0.1',
    port: view.context.port(),
    socket_opts: { cowboy_opts: { sendfile: false }, ip: '127.0.0.1', port: view.context.port() },
  }))

export const contextOf = (view: View) => ({
  description: 'RabbitMQ Management',
  path: '/',
  cowboy_opts: '[{sendfile,false}]',
  ip: '127.0.0.1',
  port: String(view.context.port()),
})
