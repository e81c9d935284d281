// The admin port: RabbitMQ's HTTP API and the page. Being written.
import type { Listener } from '../nodes/listener.ts'
import type { Live } from '../nodes/live.ts'

export interface AdminOptions {
  readonly live: Live
  readonly listeners: readonly Listener[]
  readonly host: string
  readonly port: number
}

export interface Admin {
  readonly url: string
  close(): Promise<void>
}

export async function startAdmin(options: AdminOptions): Promise<Admin> {
  return { url: `http://127.0.0.1:${options.port}`, close: async () => {} }
}
