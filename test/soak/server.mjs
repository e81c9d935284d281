// A one-node broker in a process of its own, whose heap can be asked for. Started by the soak tests with --expose-gc from
// what is built; it says where it listens, and answers every message with its memory after a full collection.

import { setTimeout as wait } from 'node:timers/promises'
import { startCluster } from '../../dist/index.js'

const cluster = await startCluster({ nodes: 1, port: 0, adminPort: null, seed: 1, tls: true })
process.send({ url: cluster.urls[0], tlsUrl: cluster.tlsUrls[0], ca: cluster.throwAway.ca })
process.on('message', async () => {
  // Sockets that have just closed are released by the event loop, some of it only after a collection.
  for (let round = 0; round < 3; round++) {
    await wait(20)
    globalThis.gc()
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  const connections = cluster.cluster.members[0].node.connections.size
  process.send({ heapUsed, external, rss, connections })
})
process.on('disconnect', () => process.exit())
