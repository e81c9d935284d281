// A well-behaved client over a real socket that must never notice what others do on its node: it publishes to a queue of
// its own and waits for the message and the confirm.

import { connect, type Socket } from 'node:net'
import { emptyTable } from '../nodes/amqp/fields.ts'
import { ClientView } from './client-view.ts'
import { Broken } from './drive.ts'
import { contentFrames, methodFrame, protocolHeader } from './frames.ts'

/** Far longer than any machine needs. */
const patienceMs = 10_000

export class SocketWitness {
  readonly port: number
  private readonly socket: Socket
  private readonly view = new ClientView(null)
  private readonly queue: string
  private gone = false

  private constructor(socket: Socket, name: string) {
    this.socket = socket
    this.port = socket.localPort!
    this.queue = `w${name}`
    socket.on('data', (chunk) => this.view.push(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.gone = true
    })
  }

  static async open(port: number, name: string): Promise<SocketWitness> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    const witness = new SocketWitness(socket, name)
    const { queue } = witness
    const response = Buffer.from('\0guest\0guest')
    const login = { clientProperties: emptyTable, mechanism: 'PLAIN', response, locale: 'en_US' }
    const flags = { passive: false, durable: false, exclusive: true, autoDelete: false, nowait: true }
    const use = { noLocal: false, noAck: true, exclusive: false, nowait: true, arguments: emptyTable }
    const frames = [
      protocolHeader,
      methodFrame(0, 'connectionStartOk', login),
      methodFrame(0, 'connectionTuneOk', { channelMax: 10, frameMax: 131_072, heartbeat: 0 }),
      methodFrame(0, 'connectionOpen', { virtualHost: '/' }),
      methodFrame(1, 'channelOpen', {}),
      methodFrame(1, 'queueDeclare', { queue, ...flags, arguments: emptyTable }),
      methodFrame(1, 'basicConsume', { queue, consumerTag: 'w', ...use }),
      methodFrame(1, 'confirmSelect', { nowait: true }),
    ]
    socket.write(Buffer.concat(frames))
    await witness.ask()
    return witness
  }

  /** One message to itself. Throws Broken when it does not come back with its confirm. */
  async ask(): Promise<void> {
    const { view, queue } = this
    const [deliveries, confirms] = [view.deliveries, view.confirms]
    const args = { exchange: '', routingKey: queue, mandatory: true, immediate: false }
    this.socket.write(
      Buffer.concat([
        methodFrame(1, 'basicPublish', args),
        ...contentFrames(1, {}, Buffer.from('still here')),
      ]),
    )
    const until = performance.now() + patienceMs
    const answered = () => view.deliveries === deliveries + 1 && view.confirms === confirms + 1
    while (!answered() && !this.gone && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 2))
    if (this.gone) throw new Broken('the witness over a socket was disconnected')
    if (!answered()) throw new Broken(`the witness over a socket waits in vain on ${queue.slice(1)}`)
    if (view.complaints.length > 0) throw new Broken(view.complaints[0])
  }

  close(): void {
    this.socket.destroy()
  }
}
