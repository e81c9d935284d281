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

/** The first of `count` neighbouring ports that were all free a moment ago. */
export async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const first = await claim(0)
    if (first === null || first + count - 1 > 65_535) continue
    const others = Array.from({ length: count - 1 }, (_, i) => first + i + 1)
    if (await allFree(others)) return first
  }
  throw new Complaint(`no ${count} neighbouring free ports found`)
}

/** Whether every one of these ports is free at this moment. */
export async function allFree(ports: readonly number[]): Promise<boolean> {
  for (const port of ports) if ((await claim(port)) === null) return false
  return true
}

/** Opens and closes a port; 0 asks the system for one. Null when it is taken. */
function claim(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(null))
    server.listen(port, host, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : null))
    })
  })
}
