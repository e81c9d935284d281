// What the exchange tests share: routers by type, bindings in one line, and the destinations a key leads to.
import { type Binding, createRouter, type Router } from '../../nodes/exchanges/index.ts'

export interface Target {
  readonly name: string
}

export function router(type: string): Router<Target> {
  const made = createRouter<Target>(type)
  if (!made) throw new Error(`no exchange type ${type}`)
  return made
}

export const target = (name: string): Target => ({ name })

/** Binds and hands back the binding, so that a test can unbind it. */
export function bind(
  to: Router<Target>,
  destination: Target,
  routingKey: string,
  args: Binding<Target>['arguments'] = new Map(),
) {
  const binding: Binding<Target> = { destination, routingKey, arguments: args }
  to.bind(binding)
  return binding
}

/** Names of the destinations in the order they were appended. */
export function routed(
  from: Router<Target>,
  key: string,
  headers: Binding<Target>['arguments'] | null = null,
): string[] {
  const into: Target[] = []
  from.route(key, headers, into)
  return into.map(({ name }) => name)
}
