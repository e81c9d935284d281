// One policy as the YAML of a policy file, for the text editor. Writing is all it can do: reading is the server's.

import type { PolicyEntry } from './shapes.ts'

/** A list of one policy, in the order in which people write its keys. */
export function policyYaml(policy: PolicyEntry): string {
  const { name, vhost, operator = false, pattern, priority, definition } = policy
  const lines = [
    `- name: ${scalar(name)}`,
    ...(operator ? ['  operator: true'] : []),
    ...(vhost === '/' ? [] : [`  vhost: ${scalar(vhost)}`]),
    `  pattern: ${scalar(pattern)}`,
    `  apply-to: ${scalar(policy['apply-to'])}`,
    `  priority: ${priority}`,
    '  definition:',
    ...Object.entries(definition).map(([key, value]) => `    ${scalar(key)}: ${flow(value)}`),
  ]
  return `${lines.join('\n')}\n`
}

function flow(value: unknown): string {
  if (typeof value === 'string') return scalar(value)
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  // JSON is YAML.
  return JSON.stringify(value) ?? 'null'
}

/** Words that YAML takes for something else than text. */
const reserved = /^(?:true|false|yes|no|on|off|null|~|[-+.\d].*)$/i

/** Plain where that is safe, else in quotation marks. */
function scalar(text: string): string {
  if (/^[A-Za-z^_][\w.@/^$-]*$/.test(text) && !reserved.test(text)) return text
  return JSON.stringify(text)
}
