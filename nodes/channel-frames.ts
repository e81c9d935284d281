// One frame for an open channel: a method, or part of the content that a publish announced. Frames out of turn are
// connection errors (AMQP 0-9-1 §4.2.6, docs/observed.md §5.2).

import { FRAME_HEADER, FRAME_METHOD } from './amqp/frames.ts'
import { decodePublish, METHOD, type PublishArgs } from './amqp/methods.ts'
import type { Channel } from './channel.ts'
import { handleMethod } from './channel-methods.ts'
import { channelError, unexpectedFrame } from './errors.ts'

const publishArgs: PublishArgs = { exchange: '', routingKey: '', mandatory: false, immediate: false }

const due = {
  nothing: 'expected method frame, got non method frame instead',
  header: 'expected content header for class 60, got non content header frame instead',
  body: 'expected content body, got non content body frame instead',
} as const

/** 505 for content on no channel at all. */
export const contentWithoutMethod = () => unexpectedFrame(due.nothing, 0)

/** Carries out one frame. Throws BrokerError, MalformedError or UnknownMethodError. */
export function takeFrame(
  channel: Channel,
  type: number,
  id: number,
  buf: Buffer,
  start: number,
  end: number,
): void {
  const { publisher } = channel
  if (type === FRAME_METHOD) {
    if (publisher.expecting !== 'nothing') throw outOfTurn(publisher.expecting)
    takeMethod(channel, id, buf, start, end)
  } else if (type === FRAME_HEADER) {
    if (publisher.expecting !== 'header') throw outOfTurn(publisher.expecting)
    // The weight must be zero; RabbitMQ takes anything else for no content header at all.
    if (buf.readUInt16BE(start + 2) !== 0) throw outOfTurn('header')
    const classId = buf.readUInt16BE(start)
    if (classId !== 60) throw unexpectedClass(classId)
    publisher.header(buf, start, end)
  } else {
    if (publisher.expecting !== 'body') throw outOfTurn(publisher.expecting)
    publisher.bodyPart(buf, start, end)
  }
}

function takeMethod(channel: Channel, id: number, buf: Buffer, start: number, end: number): void {
  channel.currentMethod = id
  if (id === METHOD.basicPublish) {
    decodePublish(buf, start, end, publishArgs)
    channel.publisher.begin(publishArgs)
  } else if (id === METHOD.channelClose) channel.owner.channelClosed(channel)
  else if (id === METHOD.channelOpen) throw channelError("second 'channel.open' seen")
  else if (id !== METHOD.channelCloseOk) handleMethod(channel, id, buf, start, end)
}

const outOfTurn = (expecting: keyof typeof due) =>
  unexpectedFrame(due[expecting], expecting === 'nothing' ? 0 : METHOD.basicPublish)

const unexpectedClass = (classId: number) =>
  unexpectedFrame(
    `expected content header for class 60, got one for class ${classId} instead`,
    METHOD.basicPublish,
  )
