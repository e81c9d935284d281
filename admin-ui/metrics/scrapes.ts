// How long a port's scrapes took and how large they were, told with the next one under the names of RabbitMQ's plugin.

import { label } from './family.ts'

interface Sum {
  count: number
  sum: number
}

const registries: Readonly<Record<string, string>> = {
  '/metrics': 'default',
  '/metrics/per-object': 'per-object',
  '/metrics/detailed': 'detailed',
}

export class Scrapes {
  private readonly sums = {
    telemetry_scrape_duration_seconds: new Map<string, Sum>(),
    telemetry_scrape_size_bytes: new Map<string, Sum>(),
    telemetry_scrape_encoded_size_bytes: new Map<string, Sum>(),
  }

  /** `packedBytes`: null when it was not compressed. */
  add(path: string, seconds: number, bytes: number, packedBytes: number | null): void {
    const labels = `${label('registry', registries[path] ?? '')},${label('content_type', 'text/plain; version=0.0.4')}`
    const { sums } = this
    grow(sums.telemetry_scrape_duration_seconds, labels, seconds)
    grow(sums.telemetry_scrape_size_bytes, labels, bytes)
    if (packedBytes !== null)
      grow(sums.telemetry_scrape_encoded_size_bytes, `${labels},${label('encoding', 'gzip')}`, packedBytes)
  }

  text(): string {
    const lines = Object.entries(this.sums).flatMap(([name, sums]) => [
      `# TYPE ${name} summary`,
      `# HELP ${name} Of the scrapes before this one`,
      ...[...sums].flatMap(([labels, { count, sum }]) => [
        `${name}_count{${labels}} ${count}`,
        `${name}_sum{${labels}} ${sum}`,
      ]),
    ])
    return `${lines.join('\n')}\n`
  }
}

function grow(sums: Map<string, Sum>, labels: string, value: number): void {
  const sum = sums.get(labels) ?? { count: 0, sum: 0 }
  sums.set(labels, { count: sum.count + 1, sum: sum.sum + value })
}
