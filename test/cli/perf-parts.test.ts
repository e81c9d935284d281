// The parts of `warren perf` that need no broker: pace, phases, stamps, encoded messages, dealing out, options and reports.
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { parseAddress, placeOf } from '../../cli/perf/address.ts'
import { monotonic, putStamp, readStamp } from '../../cli/perf/clock.ts'
import { Meter } from '../../cli/perf/meter.ts'
import { addOptions, type Flags, shortWords } from '../../cli/perf/options.ts'
import { Pace, valueAt } from '../../cli/perf/pace.ts'
import { dealt } from '../../cli/perf/plan.ts'
import { JsonReport, TextReport } from '../../cli/perf/report.ts'
import { settle } from '../../cli/perf/settle.ts'
import { Template } from '../../cli/perf/template.ts'
import { messageProperties, pairs } from '../../cli/perf/values.ts'
import { FrameReader } from '../../nodes/amqp/frames.ts'
import { decodeAs } from '../../nodes/amqp/methods.ts'

describe('a pace', () => {
  test('allows what its rate makes due and no more', () => {
    const pace = new Pace(() => 100, 1)
    expect(pace.due(0)).toBe(0)
    expect(pace.due(0.05)).toBe(5)
    pace.take(5)
    expect(pace.due(0.05)).toBe(0)
    expect(pace.waitMs).toBeCloseTo(10)
    expect(pace.due(0.06)).toBe(1)
  })

  test('keeps what was not used, but only for so long', () => {
    const pace = new Pace(() => 100, 1)
    expect(pace.due(0.5)).toBe(50)
    expect(pace.due(60)).toBe(100)
    const slow = new Pace(() => 0.5, 0.005)
    expect([slow.due(1), slow.due(2), slow.due(60)]).toEqual([0, 1, 1])
  })

  test('spreads producers of one rate over time', () => {
    const first = [0, 0.5]
      .map((credit) => new Pace(() => 10, 1, credit))
      .map((pace) => [pace.due(0.05), pace.due(0.1)])
    expect(first).toEqual([
      [0, 1],
      [1, 1],
    ])
  })

  test('is without bounds when there is no rate', () => {
    const pace = new Pace(() => Number.POSITIVE_INFINITY, 1)
    expect(pace.due(0)).toBe(Number.POSITIVE_INFINITY)
    pace.take(1_000_000)
    expect([pace.due(0), pace.waitMs]).toEqual([Number.POSITIVE_INFINITY, 0])
  })

  test('follows phases that begin again', () => {
    const phases = [
      { value: 100, seconds: 2 },
      { value: 0, seconds: 1 },
    ]
    expect([0, 1.9, 2, 2.9, 3, 5.5].map((at) => valueAt(phases, at))).toEqual([100, 100, 0, 0, 100, 0])
  })
})

test('stamps survive their twelve bytes, and grow', () => {
  const body = Buffer.alloc(20)
  const now = monotonic.now()
  putStamp(body, 4, 0x1_0000_0002, now)
  expect([body.readUInt32BE(4), readStamp(body, 4)]).toEqual([2, now])
  expect(Number(body.readBigUInt64BE(8))).toBe(now)
  expect(Math.abs(now - Number(process.hrtime.bigint()))).toBeLessThan(1e9)
})

test('a template is whole messages, whose keys go round and whose stamps can be filled in', () => {
  const form = {
    exchange: 'x',
    keys: ['a', 'b', 'c'],
    mandatory: true,
    properties: { deliveryMode: 2 },
    size: 100,
  }
  const template = new Template(form, 3, 4096)
  expect(template.count % 3).toBe(0)
  const copy = template.copy()
  const bytes = Buffer.concat([
    template.fill(copy, 2, template.count - 2, 10, 77),
    template.fill(copy, 0, 2, 500, 78),
  ])
  const seen: string[] = []
  new FrameReader({
    method: (channel, _id, buf, start, end) => {
      const { routingKey, mandatory } = decodeAs('basicPublish', buf, start, end)
      seen.push(`${channel} ${routingKey} ${mandatory}`)
    },
    header: (_channel, buf, start) => seen.push(`${buf.readUInt32BE(start + 8)}`),
    body: (_channel, buf, start) => seen.push(`${buf.readUInt32BE(start)} at ${readStamp(buf, start)}`),
    heartbeat: () => {},
  }).push(bytes)
  expect(seen.slice(0, 6)).toEqual(['3 c true', '100', '10 at 77', '3 a true', '100', '11 at 77'])
  expect(seen.slice(-3)).toEqual(['3 b true', '100', '501 at 78'])
  expect(seen).toHaveLength(3 * template.count)
})

test.each([
  [['a', 'b', 'c'], 3, ['a', 'b', 'c']],
  [['a', 'b'], 3, ['a', 'b', 'a']],
  [['a', 'b', 'c'], 2, ['ac', 'b']],
  [[], 2, ['', '']],
])('%j dealt to %i workers are %j', (items, workers, expected) => {
  expect(Array.from({ length: workers }, (_, i) => dealt(items, workers, i).join(''))).toEqual(expected)
})

describe('values', () => {
  test('of pairs are typed as they look', () => {
    expect(pairs('x-max-length=10,x-overflow=drop-head,x-single-active-consumer=true')).toEqual({
      'x-max-length': 10,
      'x-overflow': 'drop-head',
      'x-single-active-consumer': true,
    })
    expect(() => pairs('x')).toThrow('It must be pairs')
  })

  test('of message properties have the type of the property, others are headers', () => {
    expect(messageProperties('priority=5,expiration=1000,tenant=a')).toEqual({
      priority: 5,
      expiration: '1000',
      headers: new Map([['tenant', { type: 'longstr', value: 'a' }]]),
    })
    expect(() => messageProperties('priority=high')).toThrow('priority must be a number')
  })

  test.each([
    ['amqp://localhost', ['localhost', 5672, false, 'guest', '/'], 'amqp://localhost:5672'],
    ['amqps://u%40x:p@h/%2fx', ['h', 5671, true, 'u@x', '/x'], 'amqps://h:5671'],
    ['amqp://[::1]:5700/', ['::1', 5700, false, 'guest', '/'], 'amqp://[::1]:5700'],
  ])('of %s are where it leads', (uri, expected, place) => {
    const address = parseAddress(uri)
    const { host, port, tls, user, vhost } = address
    expect([host, port, tls, user, vhost]).toEqual(expected)
    expect(placeOf(address)).toBe(place)
  })
})

describe('the options', () => {
  const plan = (words: string) => {
    const command = addOptions(new Command().exitOverride().configureOutput({ outputError: () => {} }))
    return settle(command.parse(words.split(' ').filter(Boolean), { from: 'user' }).opts<Flags>(), 'x')
  }

  test("know every long word behind PerfTest's short ones", () => {
    const known = addOptions(new Command()).options.map((option) => option.long)
    for (const long of Object.values(shortWords)) expect(known).toContain(long)
    for (const short of '-h -H -x -y -X -Y -r -P -s -c -f -q -Q -a -A -R -L -u -E -e -t -k -p -z -C -D -d -i -o -b -M'.split(
      ' ',
    ))
      expect(addOptions(new Command()).options.map((option) => option.short)).toContain(short)
  })

  test("have PerfTest's defaults", () => {
    expect(plan('')).toMatchObject({
      id: 'test-x',
      producers: 1,
      consumers: 1,
      recoverySeconds: 5,
      seconds: null,
      publishing: { confirm: null, mandatory: false, properties: {}, count: null },
      consuming: { autoAck: false, ackEvery: 1, prefetch: 0 },
      topology: { exchange: 'direct', type: 'direct', queues: [], routingKey: null, autoDelete: true },
    })
  })

  test('make queues of a pattern, and go through the default exchange to what is predeclared', () => {
    const { topology } = plan('--queue-pattern q-%04d-x --queue-pattern-from 9 --queue-pattern-to 10 -p')
    expect([topology.queues, topology.exchange]).toEqual([['q-0009-x', 'q-0010-x'], ''])
    expect(plan('--queue-pattern q%d --queue-pattern-to 2').topology.queues).toEqual(['q1', 'q2'])
  })

  test('turn work per message into a rate', () => {
    expect(plan('').consuming.rate(0)).toBe(Number.POSITIVE_INFINITY)
    expect(plan('-L 1000').consuming.rate(0)).toBe(1000)
    expect(plan('-L 1000 -R 50').consuming.rate(0)).toBe(50)
    const varied = plan('--variable-latency 1000:1 --variable-latency 2000:1').consuming
    expect([varied.rate(0.5), varied.rate(1.5)]).toEqual([1000, 500])
    expect(plan('-P 4').publishing.rate(0)).toBe(0.25)
  })
})

describe('a report', () => {
  const shown = {
    id: 'a',
    published: true,
    returned: false,
    confirmed: true,
    received: true,
    unit: 'µs',
  } as const
  const measured = () => {
    const meter = new Meter()
    meter.sent = 2000
    meter.confirmed = 10
    meter.received = 3
    for (let i = 1; i <= 100; i++) meter.consumerLatency.record(i)
    meter.confirmLatency.record(-5)
    return meter
  }

  test('is a line in the words of PerfTest', () => {
    let out = ''
    const report = new TextReport(shown, (text) => {
      out += text
    })
    const meter = measured()
    report.interval(2, meter.read(2), { loop: 0.97, processor: 0.9 })
    expect(out).toBe(
      'id: a, time 2.000 s, sent: 1000 msg/s, confirmed: 5.0 msg/s, nacked: 0 msg/s, received: 1.5 msg/s, ' +
        'min/median/75th/95th/99th consumer latency: 1/50/75/95/99 µs, confirm latency: 0/0/0/0/0 µs, this tool is busy 97 %\n',
    )
    expect(meter.read(1).rates.sent).toBe(0)
    expect(meter.whole(meter.counts, 4)).toMatchObject({
      rates: { sent: 500 },
      consumerLatency: { min: 1, p99: 99 },
      confirmLatency: null,
    })
  })

  test.each([
    [{ loop: 0.5, processor: 0.5 }, 2, null],
    [{ loop: 1, processor: 0.99 }, 0.1, null],
    [
      { loop: 1, processor: 0.99 },
      2,
      "this tool was busy 100 % of the time: the rates may be its own limit, not the broker's",
    ],
    [{ loop: 1, processor: 0.4 }, 2, 'had a processor for only 40 %: the machine is the limit'],
  ])('of %j over %i s says when the tool is the limit: %s', (busy, seconds, words) => {
    let out = ''
    const meter = measured()
    new TextReport(shown, (text) => {
      out += text
    }).summary('Reached time limit', meter.whole(meter.counts, seconds), busy)
    expect(out).toMatch(/^test stopped \(Reached time limit\)\nid: a, sending rate avg: /)
    if (words === null) expect(out).not.toContain('busy')
    else expect(out).toContain(words)
  })

  test('is one JSON object a line', () => {
    const lines: string[] = []
    const report = new JsonReport({ ...shown, confirmed: false }, (text) => lines.push(text))
    const meter = measured()
    report.said('starting')
    report.interval(1, meter.read(1), { loop: 0.25, processor: 0.2 })
    expect(lines.every((line) => line.endsWith('}\n'))).toBe(true)
    const [said, interval] = lines.map((line) => JSON.parse(line))
    expect(said).toEqual({ id: 'a', event: 'starting' })
    expect(interval).toEqual({
      id: 'a',
      time_s: 1,
      sent: 2000,
      received: 3,
      consumer_latency: { min: 1, median: 50, p75: 75, p95: 95, p99: 99 },
      latency_unit: 'us',
      busy: 0.25,
      processor: 0.2,
      tool_is_the_limit: false,
    })
  })
})
