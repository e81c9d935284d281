// What differs between RabbitMQ versions, in one table. Everything else in Warren is written for every version in it.

export interface Compat {
  readonly version: string
  readonly erlang: string
  readonly copyright: string
  /** Classic mirrored queues exist (until 3.13). */
  readonly mirroredQueues: boolean
}

/** The version that Warren imitates: the one in Debian 12. */
export const rabbitmq_3_10: Compat = {
  version: '3.10.8',
  erlang: '25.2.3',
  copyright: 'Copyright (c) 2007-2022 VMware, Inc. or its affiliates.',
  mirroredQueues: true,
}
