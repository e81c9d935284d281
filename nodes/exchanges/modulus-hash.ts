// The modulus hash exchange: a hash of all the message's keys, modulo the number of bindings, says which one it goes
// through. Any change of the bindings may send every key elsewhere.
import { ChoosingRouter } from './choosing.ts'
import { hashText } from './hash.ts'
import type { Occasion } from './router.ts'

/** The modulus hash exchange: messages with equal keys go the same way as long as the bindings stay. */
export class ModulusHashRouter<D> extends ChoosingRouter<D> {
  protected pick(routingKey: string, count: number, occasion: Occasion | undefined): number {
    return hashText([routingKey, ...(occasion?.furtherKeys ?? [])].join('\0')) % count
  }
}
