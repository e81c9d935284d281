// Throw-away certificates are certificates whatever chance gives them for a number.

import { expect, it } from 'vitest'
import { serialNumber } from '../../nodes/listener-certificates.ts'

it.each([
  ['zeros', '0000000000000000', '4000000000000000'],
  ['a leading zero', '00ff000000000001', '40ff000000000001'],
  ['ones', 'ffffffffffffffff', '7fffffffffffffff'],
])('a serial number of %s needs no byte before it and none left out', (_what, random, serial) => {
  expect(serialNumber(Buffer.from(random, 'hex'))).toBe(serial)
})
