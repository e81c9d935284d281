// Queues of types that Warren does not emulate, and their bindings, as a definitions file brought them: nobody can use them, but
// an export gives them back. Part of the definitions of an island; it must never make a queue of one.

/** JSON values. */
type Arguments = Readonly<Record<string, unknown>>

export interface KeptQueue {
  readonly vhost: string
  readonly name: string
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly arguments: Arguments
}

/** A binding to such a queue. */
export interface KeptBinding {
  readonly vhost: string
  readonly source: string
  readonly destination: string
  readonly routingKey: string
  readonly arguments: Arguments
}

const place = (vhost: string, name: string) => `${vhost}\0${name}`

export class Kept {
  private readonly byPlace = new Map<string, KeptQueue>()
  private readonly byText = new Map<string, KeptBinding>()

  get queues(): Iterable<KeptQueue> {
    return this.byPlace.values()
  }

  get bindings(): Iterable<KeptBinding> {
    return this.byText.values()
  }

  has(vhost: string, name: string): boolean {
    return this.byPlace.has(place(vhost, name))
  }

  /** One that is there stays as it is. */
  addQueue(queue: KeptQueue): void {
    if (!this.has(queue.vhost, queue.name)) this.byPlace.set(place(queue.vhost, queue.name), queue)
  }

  addBinding({ vhost, source, destination, routingKey, arguments: args }: KeptBinding): void {
    const sorted = Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1))
    const text = JSON.stringify([vhost, source, destination, routingKey, sorted])
    this.byText.set(text, { vhost, source, destination, routingKey, arguments: args })
  }

  forgetVhost(vhost: string): void {
    for (const [at, queue] of this.byPlace) if (queue.vhost === vhost) this.byPlace.delete(at)
    for (const [text, binding] of this.byText) if (binding.vhost === vhost) this.byText.delete(text)
  }

  copyInto(copy: Kept): void {
    for (const queue of this.queues) copy.addQueue(queue)
    for (const binding of this.bindings) copy.addBinding(binding)
  }
}
