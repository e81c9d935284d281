// Every key of policies and operator policies with values of every kind: what the broker under test answers to a PUT is what
// a real RabbitMQ 3.10.8 answered when it was asked (test/data/policy-values.json, docs/observed.md §24).

import { expect, test } from 'vitest'
import { recordedValues, unbroken } from '../support/policy-values.ts'
import { realm } from './realm.ts'

const here = realm('policy-values')

test.each(['policies', 'operator-policies'] as const)(
  '%s',
  async (kind) => {
    const path = `/${kind}/${here.vhost}/p`
    for (const [definition, status, reason] of recordedValues[kind]) {
      const answer = await here.ask('PUT', path, { pattern: '^never$', definition })
      const given = answer.body === '' ? '' : (answer.body as { reason: string }).reason
      // The second that is taken finds the first.
      const answered = answer.status === 204 ? 201 : answer.status
      // Where the real one crashes, Warren says what is wrong.
      if (status === 500) expect([definition, [400, 500].includes(answered)]).toEqual([definition, true])
      else expect([definition, answered, unbroken(given)]).toEqual([definition, status, unbroken(reason)])
    }
  },
  120_000,
)
