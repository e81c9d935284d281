// Ports of this machine: finding free ones, and waiting until they are open. Used by the brokers that a run starts.
import { connect, createServer } from 'node:net'
import { Complaint } from './complaint.ts'

export const host = '127.0.0.1'

/** Whether something accepts connections at `host:port`. */
export function accepts(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(address.slice(address.lastIndexOf(':') + 1)), host)
    const done = (open: boolean) => {
      socket.destroy()
      resolve(open)
    }
    socket.once('connect', () => done(true)).once('error', () => done(false))
  })
}

/** Below those that systems hand out for outgoing connections, which would take a port between two looks. */
const [lowest, highest] = [15_000, 32_000]

/** The first of `count` neighbouring ports that were all free a moment ago. */
export async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const first = lowest + Math.floor(Math.random() * (highest - lowest - count))
    if (await allFree(Array.from({ length: count }, (_, i) => first + i))) return first
  }
  throw new Complaint(`no ${count} neighbouring free ports found`)
}

/** Whether every one of these ports is free at this moment. */
export async function allFree(ports: readonly number[]): Promise<boolean> {
  for (const port of ports) if (!(await isFree(port))) return false
  return true
}

/** Opens and closes a port. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, host, () => server.close(() => resolve(true)))
  })
}
