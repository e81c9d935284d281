// The broker a specification runs against: the one named by AMQP_URL (a real RabbitMQ, for checking the
// specification itself), otherwise a Warren node started for this test file. Every file under test/broker
// gets it through here; nothing here may depend on which of the two it is, except `real`.

export interface Broker {
  /** AMQP URL of the first node. */
  readonly url: string
  /** AMQP URLs of all nodes, in node order. */
  readonly urls: readonly string[]
  /** Base URL of the management API, when it is known. */
  readonly admin?: string | undefined
  /** True when AMQP_URL named the broker. */
  readonly real: boolean
  /** Ends what `broker()` started; a broker given by AMQP_URL is left running. */
  stop(): Promise<void>
}

/** One broker for the calling test file; AMQP_URL may list the nodes of a cluster, separated by commas. */
export async function broker(): Promise<Broker> {
  const given = process.env['AMQP_URL']
  if (given) {
    const urls = given.split(',')
    return { url: urls[0]!, urls, admin: process.env['ADMIN_URL'], real: true, stop: async () => {} }
  }
  const { startCluster } = await import('../../index.ts')
  const cluster = await startCluster({ nodes: 1, port: 0, adminPort: 0 })
  return {
    url: cluster.urls[0]!,
    urls: cluster.urls,
    admin: cluster.adminUrl ?? undefined,
    real: false,
    stop: () => cluster.stop(),
  }
}
