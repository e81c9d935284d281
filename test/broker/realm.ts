// A vhost and a user of a test's own, made over the management API and gone with the test file: what tests of users,
// permissions and limits work in. Against a real broker the API is ADMIN_URL, or 10,000 ports above the AMQP port.

import { afterAll, afterEach, beforeAll } from 'vitest'
import { type Broker, broker } from '../support/broker.ts'
import { type Channel, type ChannelModel, channelError, connect, type Refusal } from '../support/clients.ts'
import { Wire } from './wire.ts'

export interface HttpAnswer {
  readonly status: number
  readonly body: unknown
}

export class Realm {
  readonly vhost: string
  /** The user's name, which is its password too. */
  readonly user: string
  #broker!: Broker
  #admin = ''
  #connections: ChannelModel[] = []
  #wires: Wire[] = []
  #others: string[] = []

  constructor(prefix: string) {
    this.vhost = `${prefix}-${process.pid}`
    this.user = `${prefix}-user-${process.pid}`
  }

  async start(): Promise<void> {
    this.#broker = await broker()
    const { hostname, port } = new URL(this.#broker.url)
    this.#admin = this.#broker.admin ?? `http://${hostname}:${Number(port) + 10_000}`
    await this.must('PUT', `/vhosts/${this.vhost}`)
    await this.must('PUT', `/users/${this.user}`, { password: this.user, tags: '' })
    await this.permit('', '', '')
  }

  /** Closes what tests opened. */
  async finish(): Promise<void> {
    for (const wire of this.#wires.splice(0)) wire.destroy()
    for (const connection of this.#connections.splice(0)) await connection.close().catch(() => {})
    for (const path of this.#others.splice(0)) await this.ask('DELETE', path)
  }

  async stop(): Promise<void> {
    await this.ask('DELETE', `/vhosts/${this.vhost}`)
    await this.ask('DELETE', `/users/${this.user}`)
    await this.#broker.stop()
  }

  /** A request of the management API as guest; `path` begins after `/api`. */
  async ask(method: string, path: string, body?: unknown, login = 'guest:guest'): Promise<HttpAnswer> {
    const response = await fetch(`${this.#admin}/api${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(login).toString('base64')}`,
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? '' : JSON.parse(text) }
  }

  /** A request that must succeed. */
  async must(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.ask(method, path, body)
    if (answer.status >= 300)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  /** Makes something that goes with the test. */
  async make(path: string, body: unknown = {}): Promise<void> {
    this.#others.push(path)
    await this.must('PUT', path, body)
  }

  /** What the user may configure, write and read in the vhost; as patterns. */
  async permit(configure: string, write: string, read: string): Promise<void> {
    await this.must('PUT', `/permissions/${this.vhost}/${this.user}`, { configure, write, read })
  }

  urlOf(user: string, vhost = this.vhost): string {
    const url = new URL(this.#broker.url)
    url.username = url.password = user
    url.pathname = `/${encodeURIComponent(vhost)}`
    return url.href
  }

  /** A connection as `user`, closed with the test. */
  async connect(user = this.user, vhost = this.vhost): Promise<ChannelModel> {
    const connection = await connect(this.urlOf(user, vhost))
    this.#connections.push(connection)
    return connection
  }

  /** How the broker refuses connection.open; null when it takes it. */
  async openRefusal(user = this.user, vhost = this.vhost): Promise<Refusal | null> {
    const wire = await Wire.connect(this.#broker.url)
    this.#wires.push(wire)
    await wire.introduce({ vhost, response: Buffer.from(`\0${user}\0${user}`) })
    const frame = await wire.next()
    if (frame.name === 'ConnectionOpenOk') {
      wire.destroy()
      return null
    }
    const { replyCode: code, replyText: text, classId, methodId } = frame.fields
    return { code, text, classId, methodId } as Refusal
  }

  /** A raw connection of the user with channel 1 open. */
  async wire(): Promise<Wire> {
    const response = Buffer.from(`\0${this.user}\0${this.user}`)
    const wire = await Wire.open(this.#broker.url, { vhost: this.vhost, response })
    this.#wires.push(wire)
    return wire
  }
}

/** The realm of one test file. */
export function realm(prefix: string): Realm {
  const made = new Realm(prefix)
  beforeAll(() => made.start())
  afterEach(() => made.finish())
  afterAll(() => made.stop())
  return made
}

/** What the broker makes of `act` on a channel of its own: 'ok', or the channel error as `code class.method text`. */
export async function outcome(connection: ChannelModel, act: (channel: Channel) => unknown): Promise<string> {
  const done = { ok: false }
  const refused = channelError(connection, async (channel) => {
    await act(channel)
    // A refusal of what is not answered comes before the answer to this.
    await channel.prefetch(1)
    done.ok = true
    await channel.close()
  })
  try {
    const { code, classId, methodId, text } = await refused
    return `${code} ${classId}.${methodId} ${text}`
  } catch (error) {
    if (done.ok) return 'ok'
    throw error
  }
}
